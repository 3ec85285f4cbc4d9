// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of draw.hpp: where rows, axis, levels and legend lie, and their colours.
#pragma once

#include <espalier/partition/pipeline/detail/svg.hpp>
#include <espalier/partition/pipeline/draw.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace espalier {
namespace detail {

/// Where things lie, in pixels.
struct timeline_frame {
    static constexpr double left = 76, top = 56, box = 26, row = 31, level = 28, level_row = 38;

    double scale      = 1; ///< of a unit of time
    double page       = 0; ///< the width of all
    std::int64_t ends = 0; ///< the end of all time
    std::int64_t most = 0; ///< held by anyone at any time

    explicit timeline_frame(timeline const& t) {
        for (timeline_row const& row_of : t.rows) {
            for (timeline_box const& b : row_of.boxes) ends = std::max(ends, b.ends);
            for (timeline_level const& l : row_of.levels) ends = std::max(ends, l.at), most = std::max(most, l.value);
        }
        scale             = ends > 0 ? std::min(24.0, 760.0 / static_cast<double>(ends)) : 24.0;
        auto const beside = static_cast<double>(std::max(t.time_name.size(), 8 + svg::number(most).size())); // "at most 1,000"
        page              = std::max({at(ends) + 20 + 6.2 * beside, 16 + 8.6 * static_cast<double>(t.title.size()),
                                      16 + 6.2 * static_cast<double>(t.description.size())});
    }
    [[nodiscard]] double at(std::int64_t time) const noexcept { return left + scale * static_cast<double>(time); }
};

/// Colours; letters within boxes are dark in either scheme, because boxes are bright in both.
inline constexpr std::string_view timeline_style = R"(<style>
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1c2127}
.title{font-weight:600;font-size:15px}.name{font-weight:600}.soft{fill:#59636e;font-size:11px}.tick{fill:#59636e;font-size:11px;text-anchor:middle}
.in{fill:#14171a;font-size:11px;text-anchor:middle}.paper{fill:#fff}.track{fill:#f2f4f6}.rule{stroke:#c3c9d0}.held{fill:#8d99a6}
.k0.p0{fill:#cfe2f5}.k0.p1{fill:#8fbce8}.k0.p2{fill:#63a2de}.k0.p3{fill:#4b8fd2}
.k1.p0{fill:#f9dcc7}.k1.p1{fill:#f0b088}.k1.p2{fill:#e6935f}.k1.p3{fill:#d98148}
.k2.p0{fill:#c6e7d8}.k2.p1{fill:#7fc9a9}.k2.p2{fill:#5ab48f}.k2.p3{fill:#44a17c}
.k3{fill:#c9b3e0}.k4{fill:#e7d9a8}.k5{fill:#e59a9f}
@media (prefers-color-scheme:dark){text{fill:#e6e9ec}.soft,.tick{fill:#a0a9b3}.in{fill:#14171a}.paper{fill:#14171a}.track{fill:#1f242a}.rule{stroke:#454e57}.held{fill:#77838f}}
</style>
)";

/// A box's colour. Where no kind has several parts, the middle shade.
[[nodiscard]] inline std::string style_of(int kind, int part, bool has_parts) {
    return joined("k", kind, " p", has_parts ? std::clamp(part, 0, 3) : 1);
}

[[nodiscard]] inline std::string draw_boxes(timeline_row const& row, timeline_frame const& frame, double y, bool has_parts) {
    std::string out = svg::text(8, y + frame.box / 2 + 4, row.name, "name") +
                      svg::box(frame.left, y, frame.at(frame.ends) - frame.left, frame.box, "track");
    for (timeline_box const& b : row.boxes) {
        double const x = frame.at(b.begins), whole = frame.at(b.ends) - x, width = whole - std::min(1.2, whole / 8);
        out += svg::box(x, y, width, frame.box, style_of(b.kind, b.part, has_parts), b.words);
        if (!b.label.empty() && 6.4 * static_cast<double>(b.label.size()) + 3 <= width)
            out += svg::text(x + width / 2, y + frame.box / 2 + 4, b.label, "in");
    }
    return out;
}

/// Units of time between two ticks: 1, 2 or 5 times a power of ten, at least 26 pixels apart.
[[nodiscard]] inline std::int64_t tick_step(double pixels_a_unit) {
    for (std::int64_t power = 1;; power *= 10)
        for (std::int64_t const digit : {1, 2, 5})
            if (static_cast<double>(digit * power) * pixels_a_unit >= 26) return digit * power;
}

[[nodiscard]] inline std::string draw_axis(timeline const& t, timeline_frame const& frame, double y) {
    std::string out          = svg::line(frame.left, y, frame.at(frame.ends), y, "rule");
    std::int64_t const units = std::max<std::int64_t>(t.units, 1), step = tick_step(frame.scale * static_cast<double>(units));
    for (std::int64_t tick = 0; tick * units <= frame.ends; tick += step)
        out += svg::line(frame.at(tick * units), y, frame.at(tick * units), y + 4, "rule") +
               svg::text(frame.at(tick * units), y + 16, svg::number(tick), "tick");
    return out + svg::text(frame.at(frame.ends) + 12, y + 16, t.time_name, "soft");
}

/// The outline of what is held over time; empty where nothing is.
[[nodiscard]] inline std::string level_path(std::vector<timeline_level> const& levels, timeline_frame const& frame, double base) {
    if (levels.empty() || frame.most <= 0) return "";
    auto const height = [&](std::int64_t value) {
        return svg::pixels(base - frame.level * static_cast<double>(value) / static_cast<double>(frame.most));
    };
    std::string out = joined('M', svg::pixels(frame.at(levels[0].at)), ' ', svg::pixels(base));
    for (timeline_level const& l : levels) out += joined('H', svg::pixels(frame.at(l.at)), 'V', height(l.value));
    return joined(out, 'H', svg::pixels(frame.at(frame.ends)), 'V', svg::pixels(base), 'Z');
}

[[nodiscard]] inline std::string draw_levels(timeline_row const& row, timeline_frame const& frame, double y) {
    double const base = y + frame.level;
    std::int64_t most = 0;
    for (timeline_level const& l : row.levels) most = std::max(most, l.value);
    std::string const path = level_path(row.levels, frame, base);
    return svg::text(8, base - 4, row.name, "soft") + (path.empty() ? "" : joined("<path class=\"held\" d=\"", path, "\"/>\n")) +
           svg::line(frame.left, base, frame.at(frame.ends), base, "rule") +
           svg::text(frame.at(frame.ends) + 12, base - 4, joined("at most ", svg::number(most)), "soft");
}

/// The kinds and parts that occur, in lines as long as there is room; sets y to below them.
[[nodiscard]] inline std::string draw_legend(timeline const& t, timeline_frame const& frame, bool has_parts, double& y) {
    std::set<std::pair<int, int>> seen;
    for (timeline_row const& row : t.rows)
        for (timeline_box const& b : row.boxes) seen.insert({b.kind, b.part});
    std::string out;
    double x = frame.left;
    for (auto const& [kind, part] : seen) {
        std::string const& name = t.kinds[static_cast<std::size_t>(kind)];
        std::string const words = has_parts ? joined(name, ", ", t.part_name, ' ', svg::number(part)) : name;
        double const width      = 34 + 6.2 * static_cast<double>(words.size());
        if (x > frame.left && x + width > frame.page) x = frame.left, y += 20;
        out += svg::box(x, y - 10, 12, 12, style_of(kind, part, has_parts)) + svg::text(x + 18, y, words, "soft");
        x += width;
    }
    y += 14;
    return out;
}

inline void check_drawable(timeline const& t) {
    auto const refuse = [](std::string_view required, std::string const& got, std::string_view fix) {
        throw invalid_setting{{"draw", std::string{required}, got, std::string{fix}, "explanation/pipelines.md"}};
    };
    if (t.kinds.size() > 6) refuse("at most 6 kinds of boxes", joined(t.kinds.size()), "Make one of several");
    for (timeline_row const& row : t.rows) {
        for (timeline_box const& b : row.boxes) {
            if (b.begins < 0 || b.ends < b.begins)
                refuse("boxes that begin at 0 or later and end after that", joined("one from ", b.begins, " to ", b.ends),
                       "Begin time at 0");
            if (b.kind < 0 || b.kind >= static_cast<int>(t.kinds.size()))
                refuse("a name for every kind of box", joined("kind ", b.kind, " and ", t.kinds.size(), " names"),
                       "Add it to kinds");
        }
        std::int64_t before = 0;
        for (timeline_level const& l : row.levels) {
            if (l.at < before || l.value < 0)
                refuse("levels of 0 or more in rising order of time from 0 on", joined(l.value, " at ", l.at, " after ", before),
                       "Sort them");
            before = l.at;
        }
    }
}

} // namespace detail

inline std::string draw(timeline const& t) {
    detail::check_drawable(t);
    detail::timeline_frame const frame{t};
    bool has_parts = false;
    for (timeline_row const& row : t.rows)
        for (timeline_box const& b : row.boxes) has_parts = has_parts || b.part > 0;

    std::string body = svg::text(8, 22, t.title, "title") + svg::text(8, 41, t.description, "soft");
    double y         = frame.top;
    for (timeline_row const& row : t.rows) {
        body += detail::draw_boxes(row, frame, y, has_parts);
        y += frame.row;
    }
    body += detail::draw_axis(t, frame, y);
    y += 44;
    if (frame.most > 0) {
        body += svg::text(8, y, t.level_name, "name");
        y += 10;
        for (timeline_row const& row : t.rows) {
            body += detail::draw_levels(row, frame, y);
            y += frame.level_row;
        }
        y += 18;
    }
    body += detail::draw_legend(t, frame, has_parts, y);

    std::string const width = svg::pixels(frame.page), height = svg::pixels(y), id = svg::escaped(t.id);
    return joined("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", width, ' ', height, "\" width=\"", width,
                  "\" height=\"", height, "\" role=\"img\" aria-labelledby=\"", id, "-title ", id, "-desc\">\n<title id=\"", id,
                  "-title\">", svg::escaped(t.title), "</title>\n<desc id=\"", id, "-desc\">", svg::escaped(t.description),
                  "</desc>\n", detail::timeline_style, "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n", body,
                  "</svg>\n");
}

} // namespace espalier

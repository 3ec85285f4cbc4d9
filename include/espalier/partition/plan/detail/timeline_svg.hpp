// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of draw_timeline.hpp: rows, messages, axis, what is held, legends. Where they lie and their colours are timeline_style.hpp.
#pragma once

#include <espalier/partition/plan/detail/check_timeline.hpp>
#include <espalier/partition/plan/detail/svg.hpp>
#include <espalier/partition/plan/detail/timeline_style.hpp>
#include <espalier/partition/plan/draw_timeline.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace espalier {
namespace detail {

[[nodiscard]] inline std::string draw_name(timeline_row const& row, timeline_frame const& frame, double y) {
    std::string const track = svg::box(frame.left, y, frame.at(frame.ends) - frame.left, frame.box, "track");
    if (row.note.empty()) return svg::text(8, y + frame.box / 2 + 4, row.name, "name") + track;
    return svg::text(8, y + 11, row.name, "name") + svg::text(8, y + 24, row.note, "soft") + track;
}

[[nodiscard]] inline std::string draw_boxes(timeline_row const& row, timeline_frame const& frame, double y, bool has_parts) {
    std::string out;
    for (timeline_box const& b : row.boxes) {
        double const x = frame.at(b.begins), whole = frame.at(b.ends) - x, width = whole - std::min(1.2, whole / 8);
        out += svg::box(x, y, width, frame.box, style_of(b.kind, b.part, has_parts), b.words);
        if (!b.label.empty() && 6.4 * static_cast<double>(b.label.size()) + 3 <= width)
            out += svg::text(x + width / 2, y + frame.box / 2 + 4, b.label, "in");
    }
    return out;
}

/// A line from the edge of one row to that of the other.
[[nodiscard]] inline std::string draw_message(timeline_message const& m, timeline_frame const& frame) {
    bool const down = m.to > m.from;
    return svg::line(frame.at(m.leaves), frame.row_at(m.from) + (down ? frame.box : 0), frame.at(m.comes),
                     frame.row_at(m.to) + (down ? 0 : frame.box), "sent", m.words);
}

/// A line through the rows that meet.
[[nodiscard]] inline std::string draw_meeting(timeline_meeting const& m, timeline_frame const& frame) {
    if (m.rows.size() < 2) return "";
    auto const [first, last] = std::minmax_element(m.rows.begin(), m.rows.end());
    double const x           = frame.at(m.at) - 0.5;
    return svg::line(x, frame.row_at(*first) - 4, x, frame.row_at(*last) + frame.box + 4, "meet");
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
               svg::text(frame.at(tick * units), y + 16, grouped(tick), "tick");
    return out + svg::text(frame.at(frame.ends) + 12, y + 16, t.time_name, "soft");
}

/// The outline of what is held over time in a layer and those below it; empty where nothing is.
[[nodiscard]] inline std::string level_path(timeline_row const& row, int layer, timeline_frame const& frame, double base) {
    if (frame.most <= 0) return "";
    std::vector<std::int64_t> held(static_cast<std::size_t>(layer) + 1);
    std::string out, last = svg::pixels(base);
    for (std::size_t i = 0; i < row.levels.size(); ++i) {
        timeline_level const& l = row.levels[i];
        if (l.layer <= layer) held[static_cast<std::size_t>(l.layer)] = l.value;
        if (i + 1 < row.levels.size() && row.levels[i + 1].at == l.at) continue; // what comes to be at one time is one step
        std::int64_t sum = 0;
        for (std::int64_t const each : held) sum += each;
        std::string const height = svg::pixels(base - frame.height(sum));
        if (height == last) continue;
        if (out.empty()) out = joined('M', svg::pixels(frame.at(l.at)), ' ', svg::pixels(base));
        out += joined('H', svg::pixels(frame.at(l.at)), 'V', height);
        last = height;
    }
    return out.empty() ? out : joined(out, 'H', svg::pixels(frame.at(frame.ends)), 'V', svg::pixels(base), 'Z');
}

/// The most that a row holds of a layer.
[[nodiscard]] inline std::int64_t most_of(timeline_row const& row, int layer) {
    std::int64_t most = 0;
    for (timeline_level const& l : row.levels)
        if (l.layer == layer) most = std::max(most, l.value);
    return most;
}

/// What a row holds: the highest layer first, so that each below is painted over it.
[[nodiscard]] inline std::string draw_levels(timeline const& t, timeline_row const& row, timeline_frame const& frame, double y) {
    double const base = y + frame.level, beside = frame.at(frame.ends) + 12;
    highest_level const highest{row};
    std::string out = svg::text(8, base - 4, row.name, "soft");
    for (int layer = std::max(static_cast<int>(t.layers.size()), 1) - 1; layer >= 0; --layer) {
        std::int64_t const most = most_of(row, layer);
        if (!t.layers.empty() && most == 0) continue;
        std::string const path = level_path(row, layer, frame, base);
        if (path.empty()) continue;
        if (t.layers.empty()) out += joined("<path class=\"held\" d=\"", path, "\"/>\n");
        else
            out += joined("<path class=\"l", std::to_string(layer), "\" d=\"", path, "\"><title>",
                          svg::escaped(t.layers[static_cast<std::size_t>(layer)]), ": at most ", grouped(most), "</title></path>\n");
    }
    out += svg::line(frame.left, base, frame.at(frame.ends), base, "rule") +
           svg::text(beside, base - (row.room > 0 ? 18 : 4), joined("at most ", grouped(highest.value)), "soft");
    if (row.room <= 0) return out;
    double const ceiling = base - frame.height(row.room);
    out += svg::line(frame.left, ceiling, frame.at(frame.ends), ceiling, "room") + svg::text(beside, base - 4, joined("of ", grouped(row.room)), "soft");
    return highest.value > 0 ? out + svg::dot(frame.at(highest.at), base - frame.height(highest.value), 2.5, "peak",
                                              joined("the most: ", grouped(highest.value)))
                             : out;
}

/// Styles with their names, in lines as long as there is room; sets y to below them.
[[nodiscard]] inline std::string draw_legend(std::vector<std::pair<std::string, std::string>> const& entries, timeline_frame const& frame, double& y) {
    std::string out;
    double x = frame.left;
    for (auto const& [style, words] : entries) {
        double const width = 34 + 6.2 * static_cast<double>(words.size());
        if (x > frame.left && x + width > frame.page) x = frame.left, y += 20;
        out += svg::box(x, y - 10, 12, 12, style) + svg::text(x + 18, y, words, "soft");
        x += width;
    }
    y += 14;
    return out;
}

/// The kinds and parts that occur.
[[nodiscard]] inline std::vector<std::pair<std::string, std::string>> kinds_in(timeline const& t, bool has_parts) {
    std::set<std::pair<int, int>> seen;
    std::set<int> parted; // kinds of several parts
    for (timeline_row const& row : t.rows)
        for (timeline_box const& b : row.boxes) {
            seen.insert({b.kind, b.part});
            if (b.part > 0) parted.insert(b.kind);
        }
    std::vector<std::pair<std::string, std::string>> out;
    for (auto const& [kind, part] : seen) {
        std::string const& name = t.kinds[static_cast<std::size_t>(kind)];
        out.emplace_back(style_of(kind, part, has_parts), parted.count(kind) > 0 ? joined(name, ", ", t.part_name, ' ', grouped(part)) : name);
    }
    return out;
}

/// The layers that occur.
[[nodiscard]] inline std::vector<std::pair<std::string, std::string>> layers_in(timeline const& t) {
    std::vector<std::pair<std::string, std::string>> out;
    for (int layer = 0; layer < static_cast<int>(t.layers.size()); ++layer)
        if (std::any_of(t.rows.begin(), t.rows.end(), [&](timeline_row const& row) { return most_of(row, layer) > 0; }))
            out.emplace_back(joined("l", std::to_string(layer)), t.layers[static_cast<std::size_t>(layer)]);
    return out;
}

/// All that is in the picture; sets y to below it.
[[nodiscard]] inline std::string draw_body(timeline const& t, timeline_frame const& frame, double& y) {
    bool has_parts = false;
    for (timeline_row const& row : t.rows)
        for (timeline_box const& b : row.boxes) has_parts = has_parts || b.part > 0;
    int const rows   = static_cast<int>(t.rows.size());
    std::string body = svg::text(8, 22, t.title, "title") + svg::text(8, 41, t.description, "soft");
    for (int i = 0; i < rows; ++i) body += draw_name(t.rows[static_cast<std::size_t>(i)], frame, frame.row_at(i));
    for (timeline_message const& m : t.messages) body += draw_message(m, frame);
    for (int i = 0; i < rows; ++i) body += draw_boxes(t.rows[static_cast<std::size_t>(i)], frame, frame.row_at(i), has_parts);
    for (timeline_meeting const& m : t.meetings) body += draw_meeting(m, frame);
    y = frame.row_at(rows);
    body += draw_axis(t, frame, y);
    y += 44;
    if (frame.most > 0) {
        body += svg::text(8, y, t.level_name, "name");
        y += 10;
        for (timeline_row const& row : t.rows) {
            body += draw_levels(t, row, frame, y);
            y += frame.level_row;
        }
        y += 18;
    }
    body += draw_legend(kinds_in(t, has_parts), frame, y);
    if (auto const layers = layers_in(t); !layers.empty()) y += 8, body += draw_legend(layers, frame, y);
    return body;
}

} // namespace detail

inline std::string draw(timeline const& t) {
    detail::check_drawable(t);
    detail::timeline_frame const frame{t};
    double y               = 0;
    std::string const body = detail::draw_body(t, frame, y);

    std::string const width = svg::pixels(frame.page), height = svg::pixels(y), id = svg::escaped(t.id);
    return joined("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", width, ' ', height, "\" width=\"", width,
                  "\" height=\"", height, "\" role=\"img\" aria-labelledby=\"", id, "-title ", id, "-desc\">\n<title id=\"", id,
                  "-title\">", svg::escaped(t.title), "</title>\n<desc id=\"", id, "-desc\">", svg::escaped(t.description),
                  "</desc>\n", detail::timeline_style, "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n", body,
                  "</svg>\n");
}

} // namespace espalier

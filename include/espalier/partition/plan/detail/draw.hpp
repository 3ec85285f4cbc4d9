// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of draw.hpp: when each action begins, the boxes, the bars of memory, the legends.
/// What an action means is not known here, but that some take longer and some are met by all ranks.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/partition/plan/draw.hpp>
#include <espalier/partition/plan/explain.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace espalier {
namespace detail {

/// An action with the slot of time in which it begins.
struct placed_action {
    action what;
    int begins = 0;
};

[[nodiscard]] constexpr int slots_of(action_kind kind) noexcept {
    return kind == action_kind::forward || kind == action_kind::backward ? 2 : 1;
}
[[nodiscard]] constexpr bool is_met_by_all(action_kind kind) noexcept {
    return kind == action_kind::all_reduce;
}

/// When each rank does what: one action after the other, and a collective when the last rank has come to it.
template <int Capacity>
[[nodiscard]] std::vector<std::vector<placed_action>> timeline_of(std::span<rank_plan<Capacity> const> plans) {
    std::vector<std::vector<placed_action>> rows(plans.size());
    std::vector<int> next(plans.size()), now(plans.size());
    for (bool goes_on = true; goes_on;) {
        int meeting = 0;
        for (std::size_t r = 0; r < plans.size(); ++r) {
            for (; next[r] < plans[r].count && !is_met_by_all(plans[r].item[next[r]].kind); ++next[r]) {
                rows[r].push_back({plans[r].item[next[r]], now[r]});
                now[r] += slots_of(plans[r].item[next[r]].kind);
            }
            if (next[r] < plans[r].count) meeting = std::max(meeting, now[r]);
        }
        goes_on = false;
        for (std::size_t r = 0; r < plans.size(); ++r) {
            if (next[r] >= plans[r].count) continue;
            rows[r].push_back({plans[r].item[next[r]++], meeting});
            now[r]  = meeting + 1;
            goes_on = true;
        }
    }
    return rows;
}

/// Sizes in pixels.
struct drawing_sizes {
    double left = 92, top = 40, row = 46, box = 28, slot = 20, timeline = 0, memory = 190;

    [[nodiscard]] double memory_left() const noexcept { return left + timeline + 36; }
    [[nodiscard]] double width() const noexcept { return memory_left() + memory + 16; }
};

/// A number of pixels with one digit after the point, whatever the locale.
[[nodiscard]] inline std::string pixels(double v) {
    auto const tenths = static_cast<long long>(v * 10 + 0.5); // v is never negative
    return joined(tenths / 10, '.', tenths % 10);
}

[[nodiscard]] inline std::string svg_text(double x, double y, std::string_view words, std::string_view style = "") {
    return joined("<text", style.empty() ? "" : joined(" class=\"", style, '"'), " x=\"", pixels(x), "\" y=\"", pixels(y), "\">",
                  words, "</text>\n");
}

/// A rectangle with a text that shows when it is pointed at.
[[nodiscard]] inline std::string svg_box(double x, double y, double width, double height, std::string_view style,
                                         std::string_view words) {
    return joined("<rect class=\"", style, "\" x=\"", pixels(x), "\" y=\"", pixels(y), "\" width=\"", pixels(width),
                  "\" height=\"", pixels(height), "\"><title>", words, "</title></rect>\n");
}

/// What stands within a box that is `room` pixels wide; nothing where it would not fit.
[[nodiscard]] inline std::string box_label(action const& a, int micro_batches, double room) {
    std::string const lane = a.lane >= 0 ? joined(a.lane) : "",
                      both = a.micro_batch >= 0 && micro_batches > 1 ? joined(lane, '.', a.micro_batch) : lane;
    auto const fits        = [&](std::string const& s) { return 7.0 * static_cast<double>(s.size()) + 4 <= room; };
    return fits(both) ? both : fits(lane) ? lane : "";
}

/// An action in words, for who points at its box.
[[nodiscard]] inline std::string action_in_words(action const& a) {
    std::string out{name_of(a.kind)};
    if (a.lane >= 0) out += joined(" lane ", a.lane);
    if (a.micro_batch >= 0) out += joined(" micro-batch ", a.micro_batch);
    if (a.buffer >= 0) out += joined(" buffer ", a.buffer);
    if (a.other >= 0) out += joined(" += buffer ", a.other);
    return out;
}

template <int Capacity>
[[nodiscard]] std::string rank_row(rank_plan<Capacity> const& plan, std::vector<placed_action> const& row,
                                   drawing_sizes const& sizes, double y, std::int64_t most_bytes) {
    std::string out = svg_text(8, y + 12, joined("rank ", plan.rank), "name") +
                      svg_text(8, y + 26, joined("lanes ", to_text(plan.mine)), "soft");
    double const gap = std::min(1.5, sizes.slot / 8);
    for (placed_action const& p : row) {
        double const x = sizes.left + sizes.slot * p.begins, width = sizes.slot * slots_of(p.what.kind) - gap;
        out += svg_box(x, y, width, sizes.box, joined("action ", name_of(p.what.kind)), action_in_words(p.what));
        if (auto const label = box_label(p.what, plan.micro_batches, width); !label.empty())
            out += svg_text(x + width / 2, y + sizes.box / 2 + 4, label, "in");
    }
    double x           = sizes.memory_left();
    double const scale = most_bytes > 0 ? sizes.memory / static_cast<double>(most_bytes) : 0;
    for (memory_region const& region : plan.memory.item) {
        double const bytes = static_cast<double>(plan.memory.bytes_of(region.kind)), width = scale * bytes;
        if (width > 0)
            out += svg_box(x, y, width, sizes.box - 12, joined("memory m", static_cast<int>(region.kind)),
                           joined(name_of(region.kind), ": ", grouped(plan.memory.bytes_of(region.kind)), " B"));
        x += width;
    }
    return out + svg_text(sizes.memory_left(), y + sizes.box, joined(grouped(plan.memory.bytes()), " B"), "soft");
}

/// Samples of styles with their names, as many a line as there is room for; sets y to below them.
[[nodiscard]] inline std::string legend(std::vector<std::pair<std::string, std::string>> const& entries,
                                        drawing_sizes const& sizes, double& y) {
    std::string out;
    double x = sizes.left;
    for (auto const& [style, name] : entries) {
        double const width = 34 + 6.4 * static_cast<double>(name.size());
        if (x > sizes.left && x + width > sizes.width()) x = sizes.left, y += 20;
        out += svg_box(x, y - 10, 12, 12, style, name) + svg_text(x + 18, y, name, "soft");
        x += width;
    }
    y += 22;
    return out;
}

/// Colours; letters within boxes are dark in either scheme, because boxes are bright in both.
inline constexpr std::string_view drawing_style = R"(<style>
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1c2127}
.name{font-weight:600}.soft{fill:#59636e;font-size:11px}.in{fill:#14171a;font-size:11px;text-anchor:middle}
.paper{fill:#fff}.action{fill:#c3c9d0}.meet{stroke:#59636e;stroke-dasharray:3 3}
.clear{fill:#d9dde1}.load{fill:#e7d9a8}.forward{fill:#8fbce8}.backward{fill:#f0b088}.fold{fill:#c9b3e0}.all_reduce{fill:#7fc9a9}.update{fill:#e59a9f}
.m0{fill:#3f78b5}.m1{fill:#83add6}.m2{fill:#d3bd6a}.m3{fill:#a8923c}.m4{fill:#4f9d8f}.m5{fill:#a3d1c8}.m6{fill:#b9bfc6}.m7{fill:#9a7cc0}
@media (prefers-color-scheme:dark){text{fill:#e6e9ec}.soft{fill:#a0a9b3}.in{fill:#14171a}.paper{fill:#14171a}.meet{stroke:#a0a9b3}}
</style>
)";

/// The kinds of action that occur, and the kinds of memory that the first rank has.
template <int Capacity>
[[nodiscard]] std::string legends(std::span<rank_plan<Capacity> const> plans, drawing_sizes const& sizes, double& y) {
    std::vector<std::pair<std::string, std::string>> actions, regions;
    std::vector<bool> seen(256);
    for (auto const& plan : plans)
        for (int i = 0; i < plan.count; ++i) seen[static_cast<std::size_t>(plan.item[i].kind)] = true;
    for (std::size_t kind = 0; kind < seen.size(); ++kind)
        if (seen[kind])
            actions.emplace_back(joined("action ", name_of(static_cast<action_kind>(kind))),
                                 name_of(static_cast<action_kind>(kind)));
    if (!plans.empty())
        for (memory_region const& region : plans[0].memory.item)
            if (region.elements > 0)
                regions.emplace_back(joined("memory m", static_cast<int>(region.kind)), name_of(region.kind));
    std::string const first = legend(actions, sizes, y);
    return first + legend(regions, sizes, y);
}

/// Lines through all rows where ranks meet, which end at y.
[[nodiscard]] inline std::string meetings(std::vector<std::vector<placed_action>> const& rows, drawing_sizes const& sizes,
                                          double y) {
    std::string out;
    if (rows.size() < 2) return out;
    for (placed_action const& p : rows[0]) {
        if (!is_met_by_all(p.what.kind)) continue;
        std::string const x = pixels(sizes.left + sizes.slot * p.begins - 1.5);
        out += joined("<line class=\"meet\" x1=\"", x, "\" y1=\"", pixels(sizes.top - 6), "\" x2=\"", x, "\" y2=\"", pixels(y),
                      "\"/>\n");
    }
    return out;
}

} // namespace detail

template <int Capacity>
std::string draw(std::span<rank_plan<Capacity> const> plans) {
    auto const rows         = detail::timeline_of(plans);
    int slots               = 1;
    std::int64_t most_bytes = 0;
    for (auto const& row : rows)
        for (auto const& p : row) slots = std::max(slots, p.begins + detail::slots_of(p.what.kind));
    for (auto const& plan : plans) most_bytes = std::max(most_bytes, plan.memory.bytes());
    detail::drawing_sizes sizes;
    sizes.slot     = std::clamp(680.0 / slots, 4.0, 24.0);
    sizes.timeline = sizes.slot * slots;

    std::string body = detail::svg_text(sizes.left, 22, "one step, an action after the other", "soft") +
                       detail::svg_text(sizes.memory_left(), 22, "memory", "soft");
    double y = sizes.top;
    for (std::size_t r = 0; r < plans.size(); ++r, y += sizes.row)
        body += detail::rank_row(plans[r], rows[r], sizes, y, most_bytes);
    body += detail::meetings(rows, sizes, y - 12);
    y += 14;
    body += detail::legends(plans, sizes, y);

    std::string const width = detail::pixels(sizes.width()), height = detail::pixels(y);
    return joined("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", width, ' ', height, "\" width=\"", width,
                  "\" height=\"", height,
                  "\" role=\"img\" aria-labelledby=\"plan-title plan-desc\">\n<title id=\"plan-title\">A step on ", plans.size(),
                  plans.size() == 1 ? " rank" : " ranks",
                  "</title>\n<desc id=\"plan-desc\">A row a rank: its actions in their order, and its memory by kind.</desc>\n",
                  detail::drawing_style, "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n", body, "</svg>\n");
}

} // namespace espalier

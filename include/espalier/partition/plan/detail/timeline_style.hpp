// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where the parts of a timeline's picture lie, in pixels, and their colours. What is drawn there is timeline_svg.hpp.
#pragma once

#include <espalier/partition/plan/detail/words.hpp>
#include <espalier/partition/plan/timeline.hpp>

#include <algorithm>
#include <map>
#include <string_view>

namespace espalier::detail {

/// Where things lie.
struct timeline_frame {
    static constexpr double top = 56, box = 26;

    double left = 76, row = 31, level = 28, level_row = 38;
    double scale      = 1; ///< of a unit of time
    double page       = 0; ///< the width of all
    std::int64_t ends = 0; ///< the end of all time
    std::int64_t most = 0; ///< held by anyone at any time, or room for it

    explicit timeline_frame(timeline const& t);
    [[nodiscard]] double at(std::int64_t time) const noexcept { return left + scale * static_cast<double>(time); }
    [[nodiscard]] double row_at(int i) const noexcept { return top + row * i; }
    /// How high something held is.
    [[nodiscard]] double height(std::int64_t value) const noexcept {
        return most > 0 ? level * static_cast<double>(value) / static_cast<double>(most) : 0;
    }
};

/// The most that a row holds at a time, over all layers, and when it does so first.
struct highest_level {
    std::int64_t value = 0;
    std::int64_t at    = 0;

    explicit highest_level(timeline_row const& row) {
        std::map<int, std::int64_t> held;
        for (std::size_t i = 0; i < row.levels.size(); ++i) {
            timeline_level const& l = row.levels[i];
            held[l.layer]           = l.value;
            if (i + 1 < row.levels.size() && row.levels[i + 1].at == l.at) continue;
            std::int64_t sum = 0;
            for (auto const& [layer, each] : held) sum += each;
            if (sum > value) value = sum, at = l.at;
        }
    }
};

inline timeline_frame::timeline_frame(timeline const& t) {
    for (timeline_row const& r : t.rows) {
        for (timeline_box const& b : r.boxes) ends = std::max(ends, b.ends);
        for (timeline_level const& l : r.levels) ends = std::max(ends, l.at);
        most = std::max({most, highest_level{r}.value, r.room});
        left = std::max(left, 16 + 6.2 * static_cast<double>(std::max(r.name.size(), r.note.size())));
    }
    if (!t.messages.empty()) row = 38;
    if (!t.layers.empty()) level = 62, level_row = 74;
    auto const beside = static_cast<double>(std::max(t.time_name.size(), 8 + grouped(most).size())); // "at most 1,000"
    scale = ends > 0 ? std::min(24.0, 760.0 / static_cast<double>(ends)) : 24.0;
    page  = std::max({at(ends) + 20 + 6.2 * beside, 16 + 8.6 * static_cast<double>(t.title.size()),
                      16 + 6.2 * static_cast<double>(t.description.size())});
}

/// Colours; letters within boxes are dark in either scheme, because boxes are bright in both.
inline constexpr std::string_view timeline_style = R"(<style>
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1c2127}
.title{font-weight:600;font-size:15px}.name{font-weight:600}.soft{fill:#59636e;font-size:11px}.tick{fill:#59636e;font-size:11px;text-anchor:middle}
.in{fill:#14171a;font-size:11px;text-anchor:middle}.paper{fill:#fff}.track{fill:#f2f4f6}.rule{stroke:#c3c9d0}.held{fill:#8d99a6}
.meet{stroke:#59636e;stroke-dasharray:3 3}.sent{stroke:#8d99a6;stroke-width:.8}.room{stroke:#c0392b;stroke-dasharray:6 3}.peak{fill:#c0392b}
.k0.p0{fill:#cfe2f5}.k0.p1{fill:#8fbce8}.k0.p2{fill:#63a2de}.k0.p3{fill:#4b8fd2}
.k1.p0{fill:#f9dcc7}.k1.p1{fill:#f0b088}.k1.p2{fill:#e6935f}.k1.p3{fill:#d98148}
.k2.p0{fill:#c6e7d8}.k2.p1{fill:#7fc9a9}.k2.p2{fill:#5ab48f}.k2.p3{fill:#44a17c}
.k3{fill:#c9b3e0}.k4{fill:#e7d9a8}.k5{fill:#e59a9f}.k6{fill:#b9c1c9}.k7{fill:#4fb0a8}.k8{fill:#e3b3d3}.k9{fill:#b5c765}.k10{fill:#c2a68c}.k11{fill:#8d99a6}
.l0{fill:#3f78b5}.l1{fill:#83add6}.l2{fill:#9a7cc0}.l3{fill:#d77fa1}.l4{fill:#c4aee0}.l5{fill:#d3bd6a}.l6{fill:#a8923c}.l7{fill:#d98b5f}.l8{fill:#4f9d8f}.l9{fill:#a3d1c8}.l10{fill:#b9bfc6}.l11{fill:#8d99a6}
@media (prefers-color-scheme:dark){text{fill:#e6e9ec}.soft,.tick{fill:#a0a9b3}.in{fill:#14171a}.paper{fill:#14171a}.track{fill:#1f242a}.rule{stroke:#454e57}.held{fill:#77838f}.meet{stroke:#a0a9b3}.sent{stroke:#77838f}.room{stroke:#ff8a75}.peak{fill:#ff8a75}}
</style>
)";

/// A box's colour. Where no kind has several parts, the middle shade.
[[nodiscard]] inline std::string style_of(int kind, int part, bool has_parts) {
    int const shade = has_parts ? std::clamp(part, 0, 3) : 1;
    return joined("k", std::to_string(kind), " p", std::to_string(shade));
}

}  // namespace espalier::detail

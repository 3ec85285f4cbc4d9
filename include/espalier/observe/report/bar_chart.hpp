// SPDX-License-Identifier: BSL-1.0
/// @file
/// A chart of horizontal bars with whiskers, a row each, with a name before it and a number behind it.
/// Order and units are the caller's.
#pragma once

#include <espalier/data/bootstrap.hpp>
#include <espalier/observe/report/canvas.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace espalier::charts {

/// A row of the chart.
struct bar_row {
    std::string name;
    double value = 0;
    std::optional<interval> between{};
    std::string number{}; ///< the value as it is written
};

/// How the chart is laid out.
struct bar_chart_settings {
    double width = 940, row = 26;
    std::string x_name{};
};

/// At most so many characters of a text, the last one an ellipsis where there are more. Characters of UTF-8 stay whole.
[[nodiscard]] inline std::string shortened(std::string const& text, std::size_t most) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && ++characters == most && i + 1 < text.size()) {
            auto const rest = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(i) + 1, text.end(),
                                           [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
            return rest == text.end() ? text : text.substr(0, i) + "…";
        }
    return text;
}

/// Draws bars from zero. A value that is not finite has a row and no bar.
[[nodiscard]] inline std::string bar_chart(caption const& words, bar_chart_settings const& how,
                                           std::vector<bar_row> const& bars) {
    range values;
    values.add(0);
    std::size_t longest = 0;
    for (bar_row const& b : bars) {
        values.add(b.value);
        if (b.between) values.add(b.between->low), values.add(b.between->high);
        longest = std::max(longest, shortened(b.name, 18).size());
    }
    double const left = 18 + 7.2 * static_cast<double>(longest), right = 74, bottom = how.x_name.empty() ? 30 : 50;
    double const rows = how.row * static_cast<double>(bars.size());
    frame const f{left, 4, how.width - left - right, rows, axis_of(values, how.width > 600 ? 8 : 5), {}};
    canvas on{how.width, rows + 4 + bottom};
    for (double const tick : f.x.ticks) {
        on.line(f.at_x(tick), f.top, f.at_x(tick), f.top + rows, "grid");
        on.text(f.at_x(tick), f.top + rows + 19, "middle", f.x.label(tick), "tick");
    }
    on.text(f.left + f.width / 2, f.top + rows + 38, "middle", how.x_name);
    double y = f.top + how.row / 2; // the middle of a row
    for (bar_row const& b : bars) {
        on.text(left - 10, y + 4, "end", shortened(b.name, 18));
        on.text(how.width - 2, y + 4, "end", b.number, "tick");
        double const zero = f.at_x(0), end = std::isfinite(b.value) ? f.at_x(b.value) : zero, thick = how.row * 0.54;
        on.rect(std::min(zero, end), y - thick / 2, std::fabs(end - zero), thick, b.value < 0 ? "bar worse" : "bar better");
        if (b.between) {
            on.line(f.at_x(b.between->low), y, f.at_x(b.between->high), y, "whisker ink");
            for (double const v : {b.between->low, b.between->high})
                on.line(f.at_x(v), y - 3.5, f.at_x(v), y + 3.5, "whisker ink");
        }
        y += how.row;
    }
    on.line(f.at_x(0), f.top, f.at_x(0), f.top + rows, "zero");
    return on.to_svg(words);
}

} // namespace espalier::charts

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A chart of lines and of points with whiskers over a common axis.
/// What the lines mean, and in which units they are, is the caller's.
#pragma once

#include <espalier/data/bootstrap.hpp>
#include <espalier/observe/report/canvas.hpp>

#include <optional>
#include <string>
#include <vector>

namespace espalier::charts {

/// A point, with an interval if there is one.
struct point {
    double x = 0, y = 0;
    std::optional<interval> between{};
};

/// Points that belong together.
struct series {
    std::string name;  ///< in the legend; empty: not there
    std::string style; ///< a class of the page's style: "model", "naive", "faint"
    std::vector<point> points;
    bool is_line   = true;
    bool has_marks = false;
};

/// How a chart is laid out.
struct line_chart_settings {
    double width = 460, height = 330;
    std::string x_name{}, y_name{};
    std::optional<range> y{};           ///< what is seen of the values; without it, all
    std::vector<std::string> x_names{}; ///< for x = 0, 1, …: names in place of numbers
    std::optional<point> marked{};      ///< one point with a ring, and its name above it
    std::string marked_name{};
    bool has_zero = false; ///< a stronger line at y = 0, which is then seen
};

/// Draws series, the first one behind the others. Points that are not finite break a line.
/// @par Cost      a few characters a point: thin out thousands before
[[nodiscard]] std::string line_chart(caption const& words, line_chart_settings const& how, std::vector<series> const& all);

} // namespace espalier::charts

#include <espalier/observe/report/detail/line_chart.hpp>

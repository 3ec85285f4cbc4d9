// SPDX-License-Identifier: BSL-1.0
/// @file
/// A chart of how densely pairs of numbers lie, for more of them than could be drawn as points.
/// Lines over it are series of line_chart.hpp.
#pragma once

#include <espalier/observe/report/detail/line_chart.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace espalier::charts {

/// How the chart is laid out.
struct density_settings {
    double width = 460, height = 400;
    int columns = 56, rows = 44;
    std::string x_name{}, y_name{};
};

/// What of the pairs is drawn.
struct density_range {
    range x, y;
    std::int64_t outside = 0; ///< pairs beyond it
};

/// A range around 0, as wide to either side, that holds the share `inside` of the values of each coordinate.
[[nodiscard]] density_range range_for(std::vector<point> const& pairs, double inside = 0.99);

/// Draws cells whose shade grows with the logarithm of their count, in six steps, and series over them.
[[nodiscard]] std::string density_chart(caption const& words, density_settings const& how, density_range const& seen,
                                        std::vector<point> const& pairs, std::vector<series> const& over);

} // namespace espalier::charts

#include <espalier/observe/report/detail/density_chart.hpp>

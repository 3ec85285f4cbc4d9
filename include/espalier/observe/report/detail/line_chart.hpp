// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of line_chart.hpp: the ranges, the legend, the lines.
/// Axes and the frame are in axis.hpp and canvas.hpp.
#pragma once

#include <espalier/observe/report/line_chart.hpp>

#include <algorithm>

namespace espalier::charts {
namespace detail {

/// The axes that hold all points, or what of them is to be seen.
[[nodiscard]] inline std::pair<axis, axis> axes_of(line_chart_settings const& how, std::vector<series> const& all) {
    range x, y;
    for (series const& s : all)
        for (point const& p : s.points) {
            x.add(p.x), y.add(p.y);
            if (p.between) y.add(p.between->low), y.add(p.between->high);
        }
    if (how.y) y = *how.y;
    if (how.has_zero) y.add(0);
    axis along = axis_of(x, how.width > 600 ? 8 : 5, false);
    if (!how.x_names.empty()) {
        along.low = -0.5, along.high = static_cast<double>(how.x_names.size()) - 0.5;
        along.ticks.clear(); // drawn as names
    }
    return {along, axis_of(y)};
}

/// Names below the axis, every k-th, so that they do not meet.
inline void draw_x_names(canvas& on, frame const& f, std::vector<std::string> const& names) {
    double const room    = names.empty() ? 1 : f.width / static_cast<double>(names.size());
    auto const every_kth = static_cast<std::size_t>(std::ceil(46 / room));
    for (std::size_t i = 0; i < names.size(); i += every_kth) {
        double const x = f.at_x(static_cast<double>(i));
        on.line(x, f.top + f.height, x, f.top + f.height + 5, "rule");
        on.text(x, f.top + f.height + 19, "middle", names[i], "tick");
    }
}

/// A sample of each style with its name, from left to right.
inline void draw_legend(canvas& on, frame const& f, std::vector<series> const& all) {
    double x = f.left;
    for (series const& s : all) {
        if (s.name.empty()) continue;
        if (s.is_line) on.line(x, 12, x + 20, 12, "line " + s.style);
        if (s.has_marks) on.dot(x + 10, 12, 3.2, "mark " + s.style);
        on.text(x + 26, 16, "start", s.name);
        x += 46 + 6.4 * static_cast<double>(s.name.size());
    }
}

inline void draw_series(canvas& on, frame const& f, series const& s) {
    path_data line, whiskers;
    for (point const& p : s.points) {
        if (s.is_line) line.add(f.at_x(p.x), f.at_y(p.y));
        if (!p.between) continue;
        whiskers.add(f.at_x(p.x), f.at_y(p.between->low));
        whiskers.add(f.at_x(p.x), f.at_y(p.between->high));
        whiskers.add(std::nan(""), 0);
    }
    on.path(whiskers.to_string(), "whisker " + s.style);
    on.path(line.to_string(), "line " + s.style);
    if (s.has_marks)
        for (point const& p : s.points)
            if (std::isfinite(p.y)) on.dot(f.at_x(p.x), f.at_y(p.y), 3.2, "mark " + s.style);
}

/// A line from the marked point up to its name, which stands clear of the curves.
inline void draw_mark_name(canvas& on, frame const& f, point const& marked, std::string const& name) {
    double const x      = f.at_x(marked.x);
    bool const is_right = x > f.left + 0.75 * f.width;
    on.line(x, f.top, x, f.at_y(marked.y) - 6.5, "best");
    on.text(x + (is_right ? -6 : 6), f.top + 10, is_right ? "end" : "start", name, "label halo");
}

} // namespace detail

inline std::string line_chart(caption const& words, line_chart_settings const& how, std::vector<series> const& all) {
    auto const [x, y] = detail::axes_of(how, all);
    bool const named  = std::any_of(all.begin(), all.end(), [](series const& s) { return !s.name.empty(); });
    double const left = margin_of(y), top = named ? 34 : 12;
    frame const f{left, top, how.width - left - 18, how.height - top - 50, x, y};
    canvas on{how.width, how.height};
    f.draw(on, how.x_name, how.y_name);
    detail::draw_x_names(on, f, how.x_names);
    if (how.has_zero) on.line(f.left, f.at_y(0), f.left + f.width, f.at_y(0), "zero");
    on.begin_clip(words.id, f.left - 4, f.top - 4, f.width + 8, f.height + 8);
    for (series const& s : all) detail::draw_series(on, f, s);
    if (how.marked) on.dot(f.at_x(how.marked->x), f.at_y(how.marked->y), 6.5, "ring");
    on.end_clip();
    if (how.marked) detail::draw_mark_name(on, f, *how.marked, how.marked_name);
    detail::draw_legend(on, f, all);
    return on.to_svg(words);
}

} // namespace espalier::charts

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The bodies of density_chart.hpp: counting pairs in cells, and cells of one shade as one path.
/// Pairs that are not finite lie in no cell.
#pragma once

#include <espalier/observe/report/density_chart.hpp>

#include <algorithm>
#include <cmath>

namespace espalier::charts {
namespace detail {

inline constexpr int shades = 6;

/// Counts of pairs in cells, row by row from below.
[[nodiscard]] inline std::vector<std::int64_t> counts_of(std::vector<point> const& pairs, frame const& f, int columns, int rows) {
    std::vector<std::int64_t> counts(static_cast<std::size_t>(columns * rows));
    for (point const& p : pairs) {
        double const u = f.x.share(p.x), v = f.y.share(p.y);
        if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) continue;
        int const column = std::min(columns - 1, static_cast<int>(u * columns)),
                  row    = std::min(rows - 1, static_cast<int>(v * rows));
        ++counts[static_cast<std::size_t>(row * columns + column)];
    }
    return counts;
}

/// The shade of a count, 1 … shades; 0 for none.
[[nodiscard]] inline int shade_of(std::int64_t count, std::int64_t most) {
    if (count <= 0) return 0;
    if (most <= 1) return shades;
    double const share = std::log(static_cast<double>(count)) / std::log(static_cast<double>(most));
    return std::min(shades, 1 + static_cast<int>(share * shades));
}

inline void draw_cells(canvas& on, frame const& f, std::vector<std::int64_t> const& counts, int columns, int rows) {
    std::int64_t const most = *std::max_element(counts.begin(), counts.end());
    std::array<std::string, shades + 1> paths;
    double const w = f.width / columns, h = f.height / rows;
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            int const shade = shade_of(counts[static_cast<std::size_t>(row * columns + column)], most);
            if (shade == 0) continue;
            paths[static_cast<std::size_t>(shade)] +=
                joined('M', html::plain(f.left + column * w, 1), ' ', html::plain(f.top + (rows - 1 - row) * h, 1), 'h',
                       html::plain(w, 2), 'v', html::plain(h, 2), 'h', html::plain(-w, 2), 'z');
        }
    for (int shade = 1; shade <= shades; ++shade) on.path(paths[static_cast<std::size_t>(shade)], joined("cell shade-", shade));
}

} // namespace detail

inline density_range range_for(std::vector<point> const& pairs, double inside) {
    std::vector<double> x, y;
    for (point const& p : pairs) {
        if (!std::isfinite(p.x) || !std::isfinite(p.y)) continue;
        x.push_back(std::fabs(p.x)), y.push_back(std::fabs(p.y));
    }
    density_range seen;
    auto const around_zero = [&](std::vector<double>& v, range& r) {
        if (v.empty()) return;
        auto const at = static_cast<std::ptrdiff_t>(inside * static_cast<double>(v.size() - 1) + 0.5);
        std::nth_element(v.begin(), v.begin() + at, v.end());
        r.add(-v[static_cast<std::size_t>(at)]), r.add(v[static_cast<std::size_t>(at)]);
    };
    around_zero(x, seen.x), around_zero(y, seen.y);
    for (point const& p : pairs)
        if (std::isfinite(p.x) && std::isfinite(p.y) && (std::fabs(p.x) > seen.x.high || std::fabs(p.y) > seen.y.high))
            ++seen.outside;
    return seen;
}

inline std::string density_chart(caption const& words, density_settings const& how, density_range const& seen,
                                 std::vector<point> const& pairs, std::vector<series> const& over) {
    axis const x = axis_of(seen.x, 5, false), y = axis_of(seen.y, 5, false);
    double const left = margin_of(y), top = 34;
    frame const f{left, top, how.width - left - 18, how.height - top - 50, x, y};
    canvas on{how.width, how.height};
    f.draw(on, how.x_name, how.y_name);
    detail::draw_cells(on, f, detail::counts_of(pairs, f, how.columns, how.rows), how.columns, how.rows);
    on.begin_clip(words.id, f.left, f.top, f.width, f.height);
    for (series const& s : over) detail::draw_series(on, f, s);
    on.end_clip();
    detail::draw_legend(on, f, over);
    return on.to_svg(words);
}

} // namespace espalier::charts

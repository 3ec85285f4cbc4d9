// SPDX-License-Identifier: BSL-1.0
/// @file
/// The bodies of loss_points.hpp: a line of metrics into two numbers, and stretches of points into fewer.
/// Drawing is not here.
#pragma once

#include <espalier/observe/report/loss_points.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string>
#include <string_view>

namespace espalier {
namespace detail {

/// The field at a position of a line, counted from 0; empty where there is none.
[[nodiscard]] inline std::string_view field_of(std::string_view line, std::size_t position) {
    for (; position > 0; --position) {
        auto const comma = line.find(',');
        if (comma == std::string_view::npos) return {};
        line.remove_prefix(comma + 1);
    }
    return line.substr(0, line.find(','));
}

/// The position of a column in the line of names; npos where there is none.
[[nodiscard]] inline std::size_t column_of(std::string_view names, std::string_view wanted) {
    auto const columns = static_cast<std::size_t>(std::count(names.begin(), names.end(), ',')) + 1;
    for (std::size_t i = 0; i < columns; ++i)
        if (field_of(names, i) == wanted) return i;
    return std::string_view::npos;
}

template <class T>
[[nodiscard]] bool is_read(std::string_view text, T& value) {
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc{} && end == text.data() + text.size();
}

[[nodiscard]] inline std::vector<loss_point> finite(std::vector<loss_point> points) {
    std::erase_if(points, [](loss_point const& p) { return !std::isfinite(p.loss); });
    return points;
}

/// Where stretch i of `parts` begins among n points.
[[nodiscard]] constexpr std::size_t border(std::size_t i, std::size_t n, std::size_t parts) noexcept {
    return i * n / parts;
}

} // namespace detail

inline std::vector<loss_point> loss_points_of(std::filesystem::path const& file) {
    auto const reject = [&](char const* required, std::string const& got, char const* fix) {
        throw error{complaint{"loss_points_of", required, joined(got, " (", file.string(), ")"), fix, "howto/report.md"}};
    };
    std::ifstream in{file};
    if (!in) reject("a file that can be read", "none", "Name the metrics.csv of a run");
    std::string line;
    std::getline(in, line);
    std::size_t const step = detail::column_of(line, "step"), loss = detail::column_of(line, "loss");
    if (step == std::string::npos || loss == std::string::npos)
        reject("columns 'step' and 'loss'", joined("'", line, "'"), "Name the metrics.csv of a run");
    std::vector<loss_point> points;
    for (std::int64_t number = 2; std::getline(in, line) && !in.eof(); ++number) { // eof: the line was torn
        loss_point p;
        if (!detail::is_read(detail::field_of(line, step), p.step) || !detail::is_read(detail::field_of(line, loss), p.loss))
            reject("a step and a loss in every line", joined("'", line, "' in line ", number), "Remove the line");
        points.push_back(p);
    }
    return points;
}

inline std::vector<loss_point> thinned(std::vector<loss_point> const& points, std::size_t most) {
    auto const all = detail::finite(points);
    if (all.size() <= most || most < 4) return all;
    auto const less         = [](loss_point const& a, loss_point const& b) { return a.loss < b.loss; };
    std::size_t const parts = (most - 2) / 2;
    std::vector<loss_point> out{all.front()};
    for (std::size_t i = 0; i < parts; ++i) {
        auto const first = all.begin() + 1 + static_cast<std::ptrdiff_t>(detail::border(i, all.size() - 2, parts));
        auto const last  = all.begin() + 1 + static_cast<std::ptrdiff_t>(detail::border(i + 1, all.size() - 2, parts));
        auto [low, high] = std::minmax_element(first, last, less);
        if (high < low) std::swap(low, high);
        out.push_back(*low);
        if (high != low) out.push_back(*high);
    }
    out.push_back(all.back());
    return out;
}

inline std::vector<loss_point> smoothed(std::vector<loss_point> const& points, std::size_t most) {
    auto const all = detail::finite(points);
    if (all.size() <= most || most == 0) return all;
    std::vector<loss_point> out;
    for (std::size_t i = 0; i < most; ++i) {
        std::size_t const first = detail::border(i, all.size(), most), last = detail::border(i + 1, all.size(), most);
        double sum = 0;
        for (std::size_t k = first; k < last; ++k) sum += all[k].loss;
        out.push_back({all[(first + last - 1) / 2].step, sum / static_cast<double>(last - first)});
    }
    return out;
}

} // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Numbers in words, for tables and pictures. The same numbers give the same bytes, whatever the locale.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/core/lane_tree.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace espalier::detail {

/// 1234567 as "1,234,567".
[[nodiscard]] inline std::string grouped(std::int64_t n) {
    std::string out = std::to_string(n);
    for (std::size_t at = out.size(), first = n < 0 ? 1 : 0; at > first + 3;) out.insert(at -= 3, 1, ',');
    return out;
}

/// A share in percent with two digits after the point.
[[nodiscard]] inline std::string in_percent(double share) {
    auto const hundredths = static_cast<std::int64_t>(std::llround(share * 10'000));
    return joined(std::to_string(hundredths / 100), hundredths % 100 < 10 ? ".0" : ".", std::to_string(hundredths % 100), " %");
}

/// "1 rank", "2 ranks".
[[nodiscard]] inline std::string counted(std::int64_t n, std::string_view what) { return joined(grouped(n), ' ', what, n == 1 ? "" : "s"); }

/// Consecutive numbers from `first` to before `last`: "3", "3-5".
[[nodiscard]] inline std::string to_text(int first, int last) {
    return last - first == 1 ? std::to_string(first) : joined(std::to_string(first), '-', std::to_string(last - 1));
}
[[nodiscard]] inline std::string to_text(lane_range r) { return to_text(r.first, r.last); }

/// Words at the left or at the right of a column.
[[nodiscard]] inline std::string left_in(std::string words, std::size_t width) {
    words.resize(std::max(width, words.size()), ' ');
    return words;
}
[[nodiscard]] inline std::string right_in(std::string const& words, std::size_t width) {
    return std::string(width > words.size() ? width - words.size() : 0, ' ') + words;
}

}  // namespace espalier::detail

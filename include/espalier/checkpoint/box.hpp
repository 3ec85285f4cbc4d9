// SPDX-License-Identifier: BSL-1.0
/// @file
/// A box: a rectangular part of a tensor, the unit in which checkpoints are written and read.
/// It holds no values; who writes which box is deal.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace espalier::checkpoint {

/// The elements first[k] … first[k] + extents[k] − 1 of every dim k. Its values lie row-major and without gaps.
/// ```
///     tensor (4,6)      · · · · · ·
///                       · · a b c ·      box: first (1,2), extents (2,3)
///                       · · d e f ·      values a b c d e f
///                       · · · · · ·
/// ```
struct box {
    std::vector<std::int64_t> first;
    std::vector<std::int64_t> extents;

    friend bool operator==(box const&, box const&) = default;
};

/// The box that is the whole tensor.
[[nodiscard]] inline box whole(std::span<std::int64_t const> extents) {
    return {std::vector<std::int64_t>(extents.size()), {extents.begin(), extents.end()}};
}

/// How many elements the box holds; one without dims holds 1. For boxes of which `is_within` a tensor that has a size.
[[nodiscard]] inline std::int64_t elements(box const& b) noexcept {
    std::int64_t n = 1;
    for (std::int64_t const extent : b.extents) n *= extent;
    return n;
}

/// Whether the box is a part of a tensor with these extents; an empty one may lie at the tensor's end.
[[nodiscard]] inline bool is_within(box const& b, std::span<std::int64_t const> extents) noexcept {
    if (b.first.size() != extents.size() || b.extents.size() != extents.size()) return false;
    for (std::size_t k = 0; k < extents.size(); ++k)
        if (b.first[k] < 0 || b.extents[k] < 0 || b.first[k] > extents[k] || b.extents[k] > extents[k] - b.first[k]) return false;
    return true;
}

/// The elements that lie in both boxes of one tensor; nothing where there are none.
[[nodiscard]] inline std::optional<box> intersection(box const& a, box const& b) {
    box common;
    common.first.reserve(a.first.size());
    common.extents.reserve(a.first.size());
    for (std::size_t k = 0; k < a.first.size(); ++k) {
        std::int64_t const begin = std::max(a.first[k], b.first[k]);
        std::int64_t const end   = std::min(a.first[k] + a.extents[k], b.first[k] + b.extents[k]);
        if (begin >= end) return std::nullopt;
        common.first.push_back(begin);
        common.extents.push_back(end - begin);
    }
    return common;
}

/// "[0,100)x[2,4)": the box as a message shows it, a range a dim; "[]" for that of a single value.
[[nodiscard]] inline std::string to_string(box const& b) {
    std::string out;
    for (std::size_t k = 0; k < b.first.size() && k < 8; ++k) {
        out += k > 0 ? "x[" : "[";
        out += std::to_string(b.first[k]);
        out += ',';
        out += std::to_string(b.first[k] + b.extents[k]);
        out += ')';
    }
    return out.empty() ? "[]" : out;
}

} // namespace espalier::checkpoint

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The fixed binary tree in which sums over lanes are taken: pure arithmetic over intervals, the reason why every layout gives
/// the same bits. It adds nothing itself; partition/ plans with it and comm/ sums along it.
#pragma once

#include <cstdint>

namespace espalier {

/// A node of the tree: the lanes first … last − 1.
struct lane_range {
    int first = 0;
    int last  = 0;

    [[nodiscard]] constexpr int size() const noexcept { return last - first; }
    friend constexpr bool operator==(lane_range, lane_range) noexcept = default;
};

/// Where a node of at least two lanes splits: at first + the largest power of two below its size.
/// ```
///   8 lanes: ((0 1)(2 3))((4 5)(6 7))        6 lanes: ((0 1)(2 3))(4 5)        5 lanes: ((0 1)(2 3)) 4
/// ```
[[nodiscard]] constexpr int split_of(lane_range node) noexcept {
    int power = 1;
    while (2 * power < node.size()) power *= 2;
    return node.first + power;
}

/// Whether a range of lanes is a node of the tree below `node`.
[[nodiscard]] constexpr bool is_node_of(lane_range node, lane_range wanted) noexcept {
    while (node.size() > wanted.size()) {
        int const middle = split_of(node);
        if (wanted.first >= middle) node.first = middle;
        else node.last = middle;
    }
    return node == wanted;
}

/// The lanes that rank `rank` of `ranks` computes: consecutive, and as even as they can be.
[[nodiscard]] constexpr lane_range lanes_of(int lanes, int ranks, int rank) noexcept {
    auto const border = [&](int r) { return static_cast<int>(static_cast<std::int64_t>(r) * lanes / ranks); };
    return {border(rank), border(rank + 1)};
}

/// At most this many maximal subtrees cover an interval of lanes (two a level of a tree below 2³⁰ lanes).
inline constexpr int max_subtrees = 64;

/// The maximal subtrees of the tree over `lanes` lanes that lie inside an interval, from left to right: the partial sums that a
/// rank contributes to an ordered reduction.
struct subtree_list {
    lane_range node[max_subtrees] = {};
    int count = 0;
};

namespace detail {
constexpr void collect_subtrees(lane_range node, lane_range inside, subtree_list& out) noexcept {
    if (node.first >= inside.last || node.last <= inside.first) return;
    if (node.first >= inside.first && node.last <= inside.last) {
        out.node[out.count++] = node;
        return;
    }
    int const middle = split_of(node);
    collect_subtrees({node.first, middle}, inside, out);
    collect_subtrees({middle, node.last}, inside, out);
}
}  // namespace detail

[[nodiscard]] constexpr subtree_list maximal_subtrees(int lanes, lane_range inside) noexcept {
    subtree_list out;
    if (inside.size() > 0) detail::collect_subtrees({0, lanes}, inside, out);
    return out;
}

}  // namespace espalier

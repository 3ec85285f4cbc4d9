// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which sums along the lane tree the ranks of one node can take without the others: pure arithmetic over the summands of all ranks.
/// The elements are summed in reduce_parts.hpp.
#pragma once

#include <espalier/comm/detail/note.hpp>
#include <espalier/comm/mpi/across/roster.hpp>
#include <espalier/core/lane_tree.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace espalier::mpi_detail {

/// A node of the lane tree whose summands lie on one node of the machine, or with one rank.
struct node_sum {
    lane_range lanes;
    int node;       ///< of the machine
    int part = 0;   ///< which of its rank's summands, where that rank is alone on its node
};

/// Sums as large as can be, so that as few as can be travel. Where the lanes of a node do not follow each other these are the summands themselves.
/// ```
///   8 lanes, node 0 has 0 … 3 and node 1 has 4 … 7:      {0 … 3} of node 0, {4 … 7} of node 1
///   6 lanes, node 0 has 0 … 2 and node 1 has 3 … 5:      {0 1} and {2} of node 0, {3} and {4 5} of node 1
/// ```
/// A node of one rank brings its summands as they are: it has them at hand.
class node_sums {
public:
    /// @param notes of an ordered sum, by rank
    /// @return whether the summands tile the tree over `lanes` lanes; the sums of all nodes are then in `list`, in one order on all ranks
    [[nodiscard]] bool find(std::vector<detail::note> const& notes, roster const& ranks, int lanes, bool is_one_a_rank) {
        list.clear();
        leaves_.clear();
        ranks_ = &ranks;
        for (int r = 0; r < ranks.size(); ++r) {
            auto const& n = notes[static_cast<std::size_t>(r)];
            for (int k = 0; k < n.blocks; ++k) leaves_.push_back({is_one_a_rank ? lane_range{r, r + 1} : n.parts[k].lanes, ranks.node_of(r), k});
        }
        std::sort(leaves_.begin(), leaves_.end(), [](node_sum const& a, node_sum const& b) { return a.lanes.first < b.lanes.first; });
        std::size_t next = 0;
        node_sum all;
        if (lanes < 1 || !visit({0, lanes}, next, all) || next != leaves_.size()) return false;
        keep(all);
        return true;
    }

    std::vector<node_sum> list;

private:
    static constexpr int many = -1;

    void keep(node_sum const& s) {
        if (s.node != many) list.push_back(s);
    }
    [[nodiscard]] bool can_add(int node) const noexcept { return node != many && ranks_->members(node).size() > 1; }

    bool visit(lane_range lanes, std::size_t& next, node_sum& sum) {
        if (next == leaves_.size()) return false;
        if (leaves_[next].lanes == lanes) {
            sum = leaves_[next++];
            return true;
        }
        if (lanes.size() < 2) return false;
        int const middle = split_of(lanes);
        node_sum left{}, right{};
        if (!visit({lanes.first, middle}, next, left) || !visit({middle, lanes.last}, next, right)) return false;
        bool const is_on_one_node = left.node == right.node && can_add(left.node);
        if (!is_on_one_node) {
            keep(left);
            keep(right);
        }
        sum = {lanes, is_on_one_node ? left.node : many};
        return true;
    }

    roster const* ranks_ = nullptr;
    std::vector<node_sum> leaves_;
};

}  // namespace espalier::mpi_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which ranks of a group share a node, and which rank of a node deals with a rank of another one: pure arithmetic.
/// Nothing is sent here, and memory is not its business.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace espalier::mpi_detail {

/// The nodes of a group. What concerns rank r travels to another node once, to r's *partner* there:
/// ```
///   node 0: ranks 0 1 2      partner of 0 on node 1: 3      of 1: 4      of 2: 3      each rank deals for about as many as every other
///   node 1: ranks 3 4        partner of 3 on node 0: 0      of 4: 1
/// ```
class roster {
public:
    /// @param node_of_rank  of each rank of the group; ranks of one node have equal numbers, whatever they are
    roster(std::vector<int> const& node_of_rank, int rank) : rank_{rank} {
        std::vector<int> seen;
        for (int const number : node_of_rank) {
            auto const at   = std::find(seen.begin(), seen.end(), number);
            auto const node = static_cast<std::size_t>(at - seen.begin());
            if (at == seen.end()) {
                seen.push_back(number);
                members_.emplace_back();
            }
            node_.push_back(static_cast<int>(node));
            place_.push_back(static_cast<int>(members_[node].size()));
            members_[node].push_back(static_cast<int>(node_.size()) - 1);
        }
    }

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return static_cast<int>(node_.size()); }
    [[nodiscard]] int nodes() const noexcept { return static_cast<int>(members_.size()); }
    /// Nodes are numbered in the order of their lowest ranks.
    [[nodiscard]] int node_of(int r) const noexcept { return node_[static_cast<std::size_t>(r)]; }
    [[nodiscard]] int own_node() const noexcept { return node_of(rank_); }
    /// The ranks of a node, rising.
    [[nodiscard]] std::span<int const> members(int node) const noexcept { return members_[static_cast<std::size_t>(node)]; }
    [[nodiscard]] std::span<int const> neighbours() const noexcept { return members(own_node()); }
    /// Which of its node's ranks r is, from 0.
    [[nodiscard]] int place_of(int r) const noexcept { return place_[static_cast<std::size_t>(r)]; }
    [[nodiscard]] int own_place() const noexcept { return place_of(rank_); }

    /// Who on `node` deals with what concerns rank r: r itself on its own node.
    [[nodiscard]] int partner(int r, int node) const noexcept {
        auto const there = members(node);
        return there[static_cast<std::size_t>(place_of(r)) % there.size()];
    }
    /// Whether this rank deals with what concerns rank r.
    [[nodiscard]] bool deals_for(int r) const noexcept { return partner(r, own_node()) == rank_; }
    /// Ranks of the smallest node: so many on every node can talk to one on each other node.
    [[nodiscard]] int lines() const noexcept {
        std::size_t least = members_.front().size();
        for (auto const& m : members_) least = std::min(least, m.size());
        return static_cast<int>(least);
    }

private:
    int rank_;
    std::vector<int> node_, place_;
    std::vector<std::vector<int>> members_;
};

}  // namespace espalier::mpi_detail

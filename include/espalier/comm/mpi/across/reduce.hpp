// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reduce to one rank between nodes: the ranks of the root's node sum a chunk each, and the root copies the chunks.
#pragma once

#include <espalier/core/chunks.hpp>
#include <espalier/comm/collective/gather.hpp>
#include <espalier/comm/collective/reduce.hpp>
#include <espalier/comm/mpi/across/reduce_parts.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier::mpi_detail {

template <class T, class Op, class Order>
void across(across_group::step const& s, collective::reduce<T, Op, Order> const& op) {
    roster const& ranks  = s.ranks();
    int const node       = ranks.node_of(op.root);
    auto const cut       = chunk_borders(op.n, static_cast<int>(ranks.members(node).size()));
    std::vector<std::int64_t> parts{0}, chunks;  // by rank of the group, where others than the root's neighbours have nothing; by place
    for (int r = 0; r < ranks.size(); ++r) parts.push_back(parts.back() + (ranks.node_of(r) == node ? cut.elements(ranks.place_of(r)) : 0));
    for (int place = 0; place <= cut.ranks; ++place) chunks.push_back(cut[place]);

    summand<T> const mine{{ranks.rank(), ranks.rank() + 1}, op.in};
    bool const is_here = ranks.own_node() == node;
    T* const to        = op.is_root && !s.has_neighbours() ? op.out : s.kept().template of<T>(is_here ? cut.elements(ranks.own_place()) : 0);
    reduce_parts(s, ordered_sum<T>{ranks.size(), {&mine, 1}}, true, border_of(parts), to, op.op);
    if (is_here) s.on_node(collective::gather<T>{to, op.out, chunks, ranks.place_of(op.root), ranks.own_place()});
}

}  // namespace espalier::mpi_detail

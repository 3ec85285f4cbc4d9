// SPDX-License-Identifier: BSL-1.0
/// @file
/// All-reduce between nodes: in order each rank sums a chunk and shares it; in any order MPI adds up what the nodes have added up before.
/// The cut is `chunk_borders` of core/chunks.hpp; the order of a sum is the lane tree's.
#pragma once

#include <espalier/core/chunks.hpp>
#include <espalier/comm/collective/all_gather.hpp>
#include <espalier/comm/collective/all_reduce.hpp>
#include <espalier/comm/mpi/across/mpi_reduction.hpp>
#include <espalier/comm/mpi/across/reduce_parts.hpp>
#include <espalier/comm/mpi/across/share_parts.hpp>

#include <cstddef>
#include <cstdint>

namespace espalier::mpi_detail {

template <class T, class Op>
void reduce_to_all(across_group::step const& s, ordered_sum<T> const& in, bool is_one_a_rank, T* out, std::int64_t n, Op op) {
    auto const cut    = chunk_borders(n, s.ranks().size());
    auto const border = [&](int r) { return cut[r]; };
    reduce_parts(s, in, is_one_a_rank, border, out + cut[s.ranks().rank()], op);
    share_parts(s, out, n, border);
}

/// The ranks of each node combine a chunk for each line, MPI combines along the lines, and the ranks of a node copy the chunks from each other.
template <class T, class Op>
void reduce_along_lines(across_group::step const& s, T const* in, T* out, std::int64_t n, Op op) {
    int const own     = s.ranks().own_place();
    auto const cut    = chunk_borders(n, s.ranks().lines());
    auto const chunks = chunks_of_lines(s.ranks(), cut);
    T* const mine     = out + chunks[static_cast<std::size_t>(own)];
    if (s.has_neighbours()) s.on_node(collective::reduce_scatter<T, Op, fastest_t>{in, mine, chunks, op});
    else detail::copy_elements(out, in, n);
    if (s.line() != MPI_COMM_NULL) combine_by_mpi<T, Op>(s.post(), s.line(), mine, cut.elements(own));
    s.finish();
    s.on_node(collective::all_gather<T>{mine, out, chunks, own});
}

template <class T, class Op, class Order>
void across(across_group::step const& s, collective::all_reduce<T, Op, Order> const& op) {
    if constexpr (!Order::is_fixed && has_mpi_reduction<T, Op>) return reduce_along_lines(s, op.in, op.out, op.n, op.op);
    summand<T> const mine{{s.ranks().rank(), s.ranks().rank() + 1}, op.in};
    reduce_to_all(s, ordered_sum<T>{s.ranks().size(), {&mine, 1}}, true, op.out, op.n, op.op);
}

template <class T>
void across(across_group::step const& s, collective::all_reduce_of_lanes<T> const& op) {
    reduce_to_all(s, op.in, false, op.out, op.n, sum{});
}

}  // namespace espalier::mpi_detail

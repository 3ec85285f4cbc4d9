// SPDX-License-Identifier: BSL-1.0
/// @file
/// All-reduce over processes: each rank receives and sums the chunk that it owns, then sends it to every other rank.
/// The cut is `chunk_borders` of comm/chunks.hpp; the order of the sum is the lane tree's.
#pragma once

#include <espalier/comm/chunks.hpp>
#include <espalier/comm/mpi.hpp>
#include <espalier/comm/mpi/detail/reduction.hpp>

namespace espalier {

namespace mpi_detail {
template <class T, class Op>
void reduce_to_all(group& g, notice const& mine, ordered_sum<T> const& sum, T* out, std::int64_t n, Op op) {
    g.meet(mine);
    if (n == 0) return;
    auto const cut    = chunk_borders(n, g.size());
    auto const border = [&](int r) { return cut[r]; };
    reduce_own_part(g, mine, sum, border, out + cut[g.rank()], op);
    gather_parts(g, mine, out, border);
}

}  // namespace mpi_detail

template <class T>
void mpi::all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n, call_site at) {
    mpi_detail::world::activity const busy{group_->the_world(), "ordered all_reduce", at};
    mpi_detail::reduce_to_all(*group_, mpi_detail::notice_of("ordered all_reduce", s, n, at), s, out, n, sum{});
}

template <class T, class Op>
void mpi::all_reduce(T const* in, T* out, std::int64_t n, Op op, call_site at) {
    mpi_detail::world::activity const busy{group_->the_world(), "all_reduce", at};
    summand<T> const operand{{rank(), rank() + 1}, in};
    ordered_sum<T> const s{size(), {&operand, 1}};
    mpi_detail::reduce_to_all(*group_, mpi_detail::plain_notice<T, Op>("all_reduce", s, n, at), s, out, n, op);
}

}  // namespace espalier

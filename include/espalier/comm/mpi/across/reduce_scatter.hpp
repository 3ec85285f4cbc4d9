// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reduce-scatter between nodes: each rank sums its own part of what the nodes have summed before. The cut is the caller's.
#pragma once

#include <espalier/comm/collective/reduce_scatter.hpp>
#include <espalier/comm/mpi/across/reduce_parts.hpp>

namespace espalier::mpi_detail {

template <class T, class Op, class Order>
void across(across_group::step const& s, collective::reduce_scatter<T, Op, Order> const& op) {
    summand<T> const mine{{s.ranks().rank(), s.ranks().rank() + 1}, op.in};
    reduce_parts(s, ordered_sum<T>{s.ranks().size(), {&mine, 1}}, true, border_of(op.borders), op.out, op.op);
}

template <class T>
void across(across_group::step const& s, collective::reduce_scatter_of_lanes<T> const& op) {
    reduce_parts(s, op.in, false, border_of(op.borders), op.out, sum{});
}

}  // namespace espalier::mpi_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reduce-scatter over processes: each rank receives and sums its own part.
/// The cut is the caller's.
#pragma once

#include <espalier/comm/mpi.hpp>
#include <espalier/comm/detail/borders.hpp>
#include <espalier/comm/mpi/detail/reduction.hpp>

namespace espalier {

namespace mpi_detail {
template <class T, class Op>
void reduce_to_owners(group& g, notice& mine, ordered_sum<T> const& sum, T* out, std::span<std::int64_t const> borders, Op op) {
    mine.parameter_name = {mine.parameter_name.view().empty() ? "digest of borders" : "lanes and digest of borders"};
    mine.parameter ^= detail::digest_of(borders);
    g.meet(mine);
    if (borders.back() == 0) return;
    reduce_own_part(g, mine, sum, [&](int r) { return borders[static_cast<std::size_t>(r)]; }, out, op);
}
}  // namespace mpi_detail

template <class T>
void mpi::reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders, call_site at) {
    detail::require_borders("mpi", borders, size());
    mpi_detail::world::activity const busy{group_->the_world(), "ordered reduce_scatter", at};
    auto mine = mpi_detail::notice_of("ordered reduce_scatter", s, borders.back(), at);
    mpi_detail::reduce_to_owners(*group_, mine, s, out, borders, sum{});
}

template <class T, class Op>
void mpi::reduce_scatter(T const* in, T* out, std::span<std::int64_t const> borders, Op op, call_site at) {
    detail::require_borders("mpi", borders, size());
    mpi_detail::world::activity const busy{group_->the_world(), "reduce_scatter", at};
    summand<T> const operand{{rank(), rank() + 1}, in};
    ordered_sum<T> const s{size(), {&operand, 1}};
    auto mine = mpi_detail::plain_notice<T, Op>("reduce_scatter", s, borders.back(), at);
    mpi_detail::reduce_to_owners(*group_, mine, s, out, borders, op);
}

}  // namespace espalier

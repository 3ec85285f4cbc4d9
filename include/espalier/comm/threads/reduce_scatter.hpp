// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reduce-scatter over threads: each rank sums its own part, reading the others' operands where they lie.
/// The cut is the caller's.
#pragma once

#include <espalier/comm/threads.hpp>
#include <espalier/comm/detail/borders.hpp>

namespace espalier {

namespace threads_detail {
/// Sums elements borders[rank] … borders[rank+1] − 1 to `out`.
template <class T, class Op>
void reduce_own_part(detail::tree_program& program, int rank, std::span<std::int64_t const> borders, T* out, Op op) {
    std::int64_t const first = borders[static_cast<std::size_t>(rank)];
    std::int64_t const last  = borders[static_cast<std::size_t>(rank) + 1];
    encounter::run(program, first, last, out, op, [](std::int64_t, std::int64_t) {});
}
}  // namespace threads_detail

template <class T>
void threads::reduce_scatter(ordered_sum<T> const& s, T* out, std::span<std::int64_t const> borders, call_site at) {
    detail::require_borders("threads", borders, size());
    threads_detail::encounter e{*group_, rank_, {.operation      = "ordered reduce_scatter",
                                                 .parameter_name = "lanes and digest of borders",
                                                 .parameter      = s.lanes ^ detail::digest_of(borders),
                                                 .element        = &detail::record_of<T>,
                                                 .count          = borders.back(),
                                                 .at             = at,
                                                 .in             = s.mine.data(),
                                                 .summands       = static_cast<std::int64_t>(s.mine.size())}};
    if (borders.back() == 0) return;
    threads_detail::reduce_own_part(e.program_of_summands<T>(s.lanes), rank_, borders, out, sum{});
}

template <class T, class Op>
void threads::reduce_scatter(T const* in, T* out, std::span<std::int64_t const> borders, Op op, call_site at) {
    detail::require_borders("threads", borders, size());
    threads_detail::encounter e{*group_, rank_, {.operation      = "reduce_scatter",
                                                 .parameter_name = "digest of borders",
                                                 .parameter      = detail::digest_of(borders),
                                                 .element        = &detail::record_of<T>,
                                                 .count          = borders.back(),
                                                 .reduction      = &detail::record_of<Op>,
                                                 .at             = at,
                                                 .in             = in}};
    if (borders.back() == 0) return;
    threads_detail::reduce_own_part(e.program_of_operands<T>(), rank_, borders, out, op);
}

}  // namespace espalier

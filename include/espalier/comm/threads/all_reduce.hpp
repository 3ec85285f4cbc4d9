// SPDX-License-Identifier: BSL-1.0
/// @file
/// All-reduce over threads: each rank sums the chunk that it owns, block by block, and writes it to every rank's output.
/// The cut is `chunk_borders` of comm/chunks.hpp; the order of the sum is the lane tree's.
#pragma once

#include <espalier/comm/chunks.hpp>
#include <espalier/comm/threads.hpp>

namespace espalier {

namespace threads_detail {
/// Sums this rank's chunk and copies it to the others while it is in the cache. Only the owner reads or writes a chunk's
/// elements, and it reads all summands of a block before it writes: that is why an output may be a summand.
template <class T, class Op>
void reduce_to_all(encounter& e, detail::tree_program& program, int rank, int ranks, std::int64_t n, T* out, Op op) {
    auto const cut = chunk_borders(n, ranks);
    encounter::run(program, cut[rank], cut[rank + 1], out + cut[rank], op, [&](std::int64_t at, std::int64_t count) {
        for (int r = 0; r < ranks; ++r)
            if (r != rank) copy_elements(static_cast<T*>(e.of(r).out) + at, out + at, count);
    });
}
}  // namespace threads_detail

template <class T>
void threads::all_reduce(ordered_sum<T> const& s, T* out, std::int64_t n, call_site at) {
    threads_detail::encounter e{*group_, rank_, {.operation      = "ordered all_reduce",
                                                 .parameter_name = "lanes",
                                                 .parameter      = s.lanes,
                                                 .element        = &detail::record_of<T>,
                                                 .count          = n,
                                                 .at             = at,
                                                 .in             = s.mine.data(),
                                                 .summands       = static_cast<std::int64_t>(s.mine.size()),
                                                 .out            = out}};
    if (n == 0) return;
    threads_detail::reduce_to_all(e, e.program_of_summands<T>(s.lanes), rank_, size(), n, out, sum{});
}

template <class T, class Op>
void threads::all_reduce(T const* in, T* out, std::int64_t n, Op op, call_site at) {
    threads_detail::encounter e{*group_, rank_, {.operation = "all_reduce",
                                                 .element   = &detail::record_of<T>,
                                                 .count     = n,
                                                 .reduction = &detail::record_of<Op>,
                                                 .at        = at,
                                                 .in        = in,
                                                 .out       = out}};
    if (n == 0) return;
    threads_detail::reduce_to_all(e, e.program_of_operands<T>(), rank_, size(), n, out, op);
}

}  // namespace espalier

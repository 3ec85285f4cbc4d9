// SPDX-License-Identifier: BSL-1.0
/// @file
/// All-reduce, in order or fastest: each rank combines the chunk that it owns, block by block, and writes it to every rank's result.
/// The cut is `chunk_borders` of core/chunks.hpp; the order of a sum is the lane tree's.
#pragma once

#include <espalier/core/chunks.hpp>
#include <espalier/comm/concepts.hpp>
#include <espalier/comm/detail/scene.hpp>
#include <espalier/comm/order.hpp>

namespace espalier::detail {

/// Combines this rank's chunk of elements first … last − 1 and copies it to the others while it is in the cache. Only the owner reads
/// or writes a chunk's elements, and it reads all operands of a block before it writes: that is why a result may be an operand.
template <class Scene, class Program, class T, class Op>
void reduce_to_all(Scene& here, Program& program, std::int64_t first, std::int64_t last, T* out, Op op) {
    if (here.is_each_alone()) return program.run(first, last, out, op);
    int const ranks = here.size(), own = here.rank(), next = (own + 1) % ranks;
    auto const cut  = chunk_borders(last - first, ranks);
    T* const mine   = here.template result<T>(own);
    T* const also   = ranks > 1 ? here.template result<T>(next) : nullptr;
    program.run(first + cut[own], first + cut[own + 1], mine, also, op, [&](std::int64_t at, std::int64_t n) {
        for (int r = 0; r < ranks; ++r)
            if (r != own && r != next) copy_elements(here.template result<T>(r) + at, mine + at, n);
    });
}

}  // namespace espalier::detail

namespace espalier::collective {

/// `in` of all ranks combined, to `out` on all ranks.
template <class T, class Op, class Order>
struct all_reduce {
    T const* in;
    T* out;
    std::int64_t n;
    Op op;

    static constexpr detail::operation_record record{Order::is_fixed ? "all_reduce" : "fastest all_reduce", detail::record_of<T>, detail::record_of<Op>.name};

    [[nodiscard]] std::int64_t extent() const noexcept { return n; }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        w.count(n);
        w.operand(in, 0, n);
        w.result(out, 0, n);
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        if (here.is_each_alone() && here.size() == 2)  // the tree of two, without a program for it: half of what is left to compute
            return detail::combine(last - first, out + first, here.template block<T>(0) + first, here.template block<T>(1) + first, op);
        detail::reduce_to_all(here, here.template combination_of_ranks<T>(), first, last, out, op);
    }
};

/// The sum over all lanes, to `out` on all ranks.
template <class T>
struct all_reduce_of_lanes {
    ordered_sum<T> in;
    T* out;
    std::int64_t n;

    static constexpr detail::operation_record record{"ordered all_reduce", detail::record_of<T>};

    [[nodiscard]] std::int64_t extent() const noexcept { return n; }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        w.count(n);
        w.parameter("lanes", in.lanes);
        w.operands(in, n);
        w.result(out, 0, n);
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        if (n > 0) detail::reduce_to_all(here, here.template sum_of_lanes<T>(), first, last, out, sum{});
    }
};

}  // namespace espalier::collective

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reduce-scatter: each rank combines its own part, reading the others' operands where they lie. The cut is the caller's.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/detail/borders.hpp>
#include <espalier/comm/detail/scene.hpp>
#include <espalier/comm/order.hpp>

#include <algorithm>

namespace espalier::detail {

/// Combines what of elements first … last − 1 lies in part from … to − 1, whose first element goes to `out`.
template <class Program, class T, class Op>
void combine_part(Program& program, std::int64_t first, std::int64_t last, std::int64_t from, std::int64_t to, T* out, Op op) {
    std::int64_t const begin = std::max(first, from), end = std::min(last, to);
    if (begin < end) program.run(begin, end, out - from, op);
}

}  // namespace espalier::detail

namespace espalier::collective {

/// Elements borders[rank] … borders[rank + 1] − 1 of the combined operands, at `out`.
template <class T, class Op, class Order>
struct reduce_scatter {
    T const* in;
    T* out;
    std::span<std::int64_t const> borders;
    Op op;

    static constexpr detail::operation_record record{Order::is_fixed ? "reduce_scatter" : "fastest reduce_scatter", detail::record_of<T>,
                                                     detail::record_of<Op>.name};

    [[nodiscard]] std::int64_t extent() const noexcept { return borders.back(); }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        w.count(borders.back());
        w.parameter("digest of borders", detail::digest_of(borders));
        w.operand(in, 0, borders.back());
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        auto const own = static_cast<std::size_t>(here.rank());
        detail::combine_part(here.template combination_of_ranks<T>(), first, last, borders[own], borders[own + 1], out, op);
    }
};

/// The same of the sum over all lanes.
template <class T>
struct reduce_scatter_of_lanes {
    ordered_sum<T> in;
    T* out;
    std::span<std::int64_t const> borders;

    static constexpr detail::operation_record record{"ordered reduce_scatter", detail::record_of<T>};

    [[nodiscard]] std::int64_t extent() const noexcept { return borders.back(); }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        w.count(borders.back());
        w.parameter("lanes and digest of borders", in.lanes ^ detail::digest_of(borders));
        w.operands(in, borders.back());
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        if (extent() == 0) return;
        auto const own = static_cast<std::size_t>(here.rank());
        detail::combine_part(here.template sum_of_lanes<T>(), first, last, borders[own], borders[own + 1], out, sum{});
    }
};

}  // namespace espalier::collective

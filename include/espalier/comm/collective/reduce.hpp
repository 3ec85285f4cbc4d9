// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reduce to one rank: each rank combines the chunk that it owns and writes it to the root's result.
#pragma once

#include <espalier/core/chunks.hpp>
#include <espalier/comm/detail/scene.hpp>
#include <espalier/comm/order.hpp>

namespace espalier::collective {

/// `in` of all ranks combined, to `out` on rank `root`; elsewhere `out` is not touched.
template <class T, class Op, class Order>
struct reduce {
    T const* in;
    T* out;
    std::int64_t n;
    Op op;
    int root;
    bool is_root;

    static constexpr detail::operation_record record{Order::is_fixed ? "reduce" : "fastest reduce", detail::record_of<T>, detail::record_of<Op>.name};

    [[nodiscard]] std::int64_t extent() const noexcept { return n; }
    template <class Writer>
    void describe(Writer& w) const noexcept {
        w.count(n);
        w.parameter("root", root);
        w.operand(in, 0, n);
        if (is_root) w.result(out, 0, n);
    }
    template <class Scene>
    void run(Scene& here, std::int64_t first, std::int64_t last) const {
        if (here.is_each_alone()) {
            if (is_root) here.template combination_of_ranks<T>().run(first, last, out, op);
            return;
        }
        auto const cut = chunk_borders(last - first, here.size());
        here.template combination_of_ranks<T>().run(first + cut[here.rank()], first + cut[here.rank() + 1], here.template result<T>(root), op);
    }
};

}  // namespace espalier::collective

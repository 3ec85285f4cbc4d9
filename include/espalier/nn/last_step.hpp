// SPDX-License-Identifier: BSL-1.0
/// @file
/// From a sequence to its last step, the usual bridge from a recurrent layer to a head.
#pragma once

#include <espalier/nn/layer.hpp>

#include <algorithm>

namespace espalier {

/// y = x[T − 1]: the last step of a sequence.
/// @par Shapes    x (T,F), stored (T,B,F), so the last step is one contiguous block; y (F)
struct last_step {
    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in.rank == 2 && in.extent[0] > 0; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return dims(in.features()); }
    [[nodiscard]] static constexpr parameter_list<0> parameters(shape) noexcept { return {}; }

    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        std::int64_t const before = (p.in.extent[0] - 1) * p.batch * p.in.features();
        std::copy_n(p.x + before, p.batch * p.in.features(), p.y);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels) {
        if (p.dx == nullptr) return;
        std::int64_t const before = (p.in.extent[0] - 1) * p.batch * p.in.features();
        std::fill_n(p.dx, before, T{0});
        std::copy_n(p.dy, p.batch * p.in.features(), p.dx + before);
    }
};

}  // namespace espalier

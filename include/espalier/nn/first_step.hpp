// SPDX-License-Identifier: BSL-1.0
/// @file
/// From a sequence to its first step, the bridge from an encoder, whose first token stands for the whole, to a head.
#pragma once

#include <espalier/nn/layer.hpp>

#include <algorithm>

namespace espalier {

/// y = x[0]: the first step of a sequence.
/// @par Shapes    x (T,F), stored (T,B,F), so the first step is one contiguous block; y (F)
struct first_step {
    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in.rank == 2 && in.extent[0] > 0; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return dims(in.features()); }
    [[nodiscard]] static constexpr parameter_list<0> parameters(shape) noexcept { return {}; }

    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        std::copy_n(p.x, p.batch * p.in.features(), p.y);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels) {
        if (p.dx == nullptr) return;
        std::int64_t const step = p.batch * p.in.features();
        std::copy_n(p.dy, step, p.dx);
        std::fill_n(p.dx + step, (p.in.extent[0] - 1) * step, T{0});
    }
};

}  // namespace espalier

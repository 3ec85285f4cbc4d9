// SPDX-License-Identifier: BSL-1.0
/// @file
/// Dropout without a stored mask: what is dropped is a function of (seed, layer, step, sample, element), so backward asks again.
#pragma once

#include <espalier/nn/layer.hpp>

namespace espalier {

/// A probability as a template argument: `dropout<probability{0.1f}>`.
struct probability {
    float value;
};

/// Sets each element to zero with probability P and scales the others so that the mean stays; the identity outside training.
/// @par Numerics  the same elements on any layout; kept elements are scaled by 1 / (1 − probability)
/// @par Source    Srivastava et al. 2014, in the inverted form; random numbers Philox4x32-10 (core/philox.hpp)
template <probability P>
struct dropout {
    static_assert(P.value >= 0 && P.value < 1,
                  "espalier: dropout: requires a probability from 0 up to, not including, 1. Write dropout<probability{0.1f}>. See docs/policies/model.md.");

    static constexpr bool is_rowwise = true;

    [[nodiscard]] static constexpr bool takes(shape) noexcept { return true; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in; }
    [[nodiscard]] static constexpr parameter_list<0> parameters(shape) noexcept { return {}; }

    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        apply(p, p.x, p.y);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels) {
        if (p.dx != nullptr) apply(p, p.dy, p.dx);
    }

private:
    /// An element's number counts within its sample: (t, f) is t·F + f, wherever the batch puts it, and whichever steps a call is given.
    template <class Pass, class T>
    static void apply(Pass const& p, T const* from, T* to) {
        std::int64_t const rows = p.in.rows(), features = p.in.features();
        if (!p.draw.training || P.value == 0) {
            for (std::int64_t i = 0; i < rows * p.batch * features; ++i) to[i] = from[i];
            return;
        }
        constexpr auto keep_up_to = static_cast<std::uint32_t>((1.0 - static_cast<double>(P.value)) * 0x1p32 - 0.5);
        constexpr T scale         = T(1 / (1 - static_cast<double>(P.value)));
        random_key const key{p.draw.seed ^ p.layer, "dropout"};
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t b = 0; b < p.batch; ++b) {
                auto const sample = static_cast<std::uint64_t>(p.draw.first_sample + b);
                T const* x        = from + (row * p.batch + b) * features;
                T* y              = to + (row * p.batch + b) * features;
                random_block block{};
                for (std::int64_t f = 0; f < features; ++f) {
                    std::int64_t const element = (p.at.first_row + row) * features + f;
                    if (f == 0 || element % 4 == 0)
                        block = key.at(static_cast<std::uint64_t>(element / 4), sample, static_cast<std::uint64_t>(p.draw.step));
                    y[f] = block.word[element % 4] <= keep_up_to ? scale * x[f] : T{0};
                }
            }
    }
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Layer normalisation as a layer. The arithmetic is math/layer_norm.hpp.
#pragma once

#include <espalier/math/layer_norm.hpp>
#include <espalier/nn/layer.hpp>

namespace espalier {

/// What is added to a variance, as a template argument: `layer_norm<768, variance_floor{1e-5f}>`.
struct variance_floor {
    float value;
};

/// Each row to mean 0 and variance 1, then scaled and shifted feature by feature.
/// @par Shapes    x, y (…,Features); weight, bias (Features)
/// @par Numerics  initial values 1 and 0; epsilon 10⁻¹² as in BERT (torch.nn.LayerNorm's own default is 10⁻⁵)
/// @par Source    Ba 2016; names as torch.nn.LayerNorm
template <std::int64_t Features, variance_floor Epsilon = variance_floor{1e-12f}>
struct layer_norm {
    static_assert(Features > 0, "espalier: layer_norm: requires at least one feature. Write layer_norm<features>. See docs/policies/model.md.");
    static_assert(Epsilon.value > 0,
                  "espalier: layer_norm: requires an epsilon above 0. Write layer_norm<features, variance_floor{1e-5f}>. See docs/policies/model.md.");

    static constexpr bool is_rowwise = true;

    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in.rank >= 1 && in.features() == Features; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in; }
    [[nodiscard]] static constexpr parameter_list<2> parameters(shape) noexcept {
        return {{{text{"weight"}, dims(Features), initial_value::ones()}, {text{"bias"}, dims(Features), initial_value::zeros()}}};
    }
    /// Mean and inverse deviation of each row.
    [[nodiscard]] static constexpr std::int64_t keeps(shape in, std::int64_t batch) noexcept { return 2 * in.rows() * batch; }
    /// Multiply-adds a sample: a few a number.
    [[nodiscard]] static constexpr std::int64_t cost(shape in) noexcept { return 4 * in.elements(); }

    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        math::layer_norm_forward(p.in.rows() * p.batch, Features, static_cast<T>(Epsilon.value), p.weight(0), p.weight(1), p.x, p.y, p.kept);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels k) {
        backward_input(p, k);
        backward_weights(p, k);
    }
    template <class T>
    static void backward_input(backward_pass<T> const& p, no_kernels) {
        if (p.dx != nullptr) math::layer_norm_backward(p.in.rows() * p.batch, Features, p.weight(0), p.x, p.kept, p.dy, p.dx);
    }
    template <class T>
    static void backward_weights(backward_pass<T> const& p, no_kernels) {
        math::layer_norm_weights_backward(p.in.rows() * p.batch, Features, p.x, p.kept, p.dy, p.gradient(0), p.gradient(1));
    }
};

}  // namespace espalier

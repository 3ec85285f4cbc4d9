// SPDX-License-Identifier: BSL-1.0
/// @file
/// From a sequence of real values to vectors: a dense layer on every step, and a position's embedding. Tokens have
/// nn/token_embedding.hpp.
#pragma once

#include <espalier/math/embedding.hpp>
#include <espalier/nn/linear.hpp>

namespace espalier {

/// y[t] = x[t] Wᵀ + b + position[t]. A call may be given some steps of a sequence; t counts from the sequence's start.
/// @par Shapes    x (T,F); value_projection.weight (H,F), .bias (H); position_embeddings (T,H); y (T,H)
/// @par Numerics  initial values of the projection as linear's, of the positions normal with deviation 0.02
template <int Steps, int Features, int Hidden>
struct value_embedding {
    static_assert(Steps > 0 && Features > 0 && Hidden > 0,
                  "espalier: value_embedding: requires steps, features and hidden features above 0. Set them all. See docs/policies/model.md.");
    using projection                 = linear<Features, Hidden>;
    static constexpr bool is_rowwise = true;

    [[nodiscard]] static constexpr shape input() noexcept { return dims(Steps, Features); }
    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in == input(); }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in.with_features(Hidden); }
    [[nodiscard]] static constexpr parameter_list<3> parameters(shape in) noexcept {
        auto const dense = projection::parameters(in);
        return {{{text{"value_projection.weight"}, dense.item[0].extents, dense.item[0].start},
                 {text{"value_projection.bias"}, dense.item[1].extents, dense.item[1].start},
                 {text{"position_embeddings.weight"}, dims(Steps, Hidden), initial_value::normal(0.02)}}};
    }
    /// Multiply-adds a sample.
    [[nodiscard]] static constexpr std::int64_t cost(shape) noexcept { return std::int64_t{Steps} * Features * Hidden; }

    template <class T>
    using kernels = typename projection::template kernels<T>;

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        projection::forward(p, k);
        math::add_positions<T>(p.in.rows(), p.batch, Hidden, p.weight(2) + p.at.first_row * Hidden, p.y);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        backward_input(p, k);
        backward_weights(p, k);
    }
    template <class T>
    static void backward_input(backward_pass<T> const& p, kernels<T>& k) {
        projection::backward_input(p, k);
    }
    template <class T>
    static void backward_weights(backward_pass<T> const& p, kernels<T>& k) {
        projection::backward_weights(p, k);
        math::positions_backward<T>(p.in.rows(), p.batch, Hidden, p.dy, p.gradient(2) + p.at.first_row * Hidden);
    }
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The two passes of LAMB as functors for Thrust, on host and device: one a block that measures, one an element that applies.
/// What lies between them, norms and ratios, is the caller's.
#pragma once

#include <espalier/math/block_sum.hpp>
#include <espalier/math/functions.hpp>
#include <espalier/optim/concepts.hpp>

namespace espalier::detail {

/// The update of one element, u = m̂ / (√v̂ + ε) + λ·w, from its moments: both passes compute it by this expression.
template <class T>
struct lamb_update {
    T size;  // 1 / (1 − β1ᵗ)
    T root;  // 1 / √(1 − β2ᵗ)
    T epsilon, decay;

    ESPALIER_HOST_DEVICE() T operator()(T mean, T variance, T weight) const {
        return size * mean / (root * math::square_root(variance) + epsilon) + decay * weight;
    }
};

/// Moves the moments of one block and sums the squares of its weights and of their updates.
template <class T>
struct lamb_measured_block {
    std::int64_t n;
    T const* weights;
    T const* gradients;
    T* mean;
    T* variance;
    block_sums out;
    T beta1, one_minus_beta1, beta2, one_minus_beta2, scale;
    lamb_update<T> update;

    ESPALIER_HOST_DEVICE() void operator()(std::int64_t block) const {
        constexpr std::int64_t chunk = 256;  // a multiple of partial_sums::width, small enough for the first cache
        std::int64_t const first     = block * math::block_elements;
        std::int64_t const last      = n - first < math::block_elements ? n : first + math::block_elements;
        math::partial_sums of_weights, of_update;
        for (std::int64_t i = first; i < last; i += chunk) {
            std::int64_t const count = last - i < chunk ? last - i : chunk;
            T u[chunk];
            move(count, weights + i, gradients + i, mean + i, variance + i, u);
            of_weights.add_squares(count, weights + i);
            of_update.add_squares(count, u);
        }
        out.weights[block] = of_weights.folded();
        out.update[block]  = of_update.folded();
    }

private:
    ESPALIER_HOST_DEVICE() void move(std::int64_t count, T const* ESPALIER_RESTRICT() w, T const* ESPALIER_RESTRICT() g,
                                     T* ESPALIER_RESTRICT() m, T* ESPALIER_RESTRICT() v, T* ESPALIER_RESTRICT() u) const {
        for (std::int64_t i = 0; i < count; ++i) {
            T const gradient = scale * g[i];
            m[i]             = beta1 * m[i] + one_minus_beta1 * gradient;
            v[i]             = beta2 * v[i] + one_minus_beta2 * gradient * gradient;
            u[i]             = update(m[i], v[i], w[i]);
        }
    }
};

/// Moves the weight of one element along its update.
template <class T>
struct lamb_applied_element {
    T* ESPALIER_RESTRICT() weights;
    T const* ESPALIER_RESTRICT() mean;
    T const* ESPALIER_RESTRICT() variance;
    T rate;  // learning rate · trust ratio
    lamb_update<T> update;

    ESPALIER_HOST_DEVICE() void operator()(std::int64_t i) const { weights[i] -= rate * update(mean[i], variance[i], weights[i]); }
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Scaled dot-product attention over sequences that lie step by step, forward and backward, in tiles of 64 queries by 64 keys.
/// The products that make queries, keys and values, and the one after, are the layer's (nn/self_attention.hpp).
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/math/detail/attention_tiles.hpp>

#include <cstdint>

namespace espalier::math {

/// The extents of an attention: S steps of B samples, A heads of d features each.
struct attention_extents {
    std::int64_t steps = 0, batch = 0, heads = 0, features = 0;
    std::int64_t row = 0;  ///< elements from one row (step, sample) of q, k and v to the next; at least A·d

    [[nodiscard]] constexpr std::int64_t hidden() const noexcept { return heads * features; }
    /// Elements of the log-sums: one a head and row.
    [[nodiscard]] constexpr std::int64_t log_sums() const noexcept { return steps * batch * heads; }
    /// Elements of workspace that a call needs, forward or backward, in float or double. It grows with S·d, not with S².
    [[nodiscard]] constexpr std::int64_t workspace() const noexcept { return detail::attention_arrays::elements(steps, features); }
};

/// Which keys count: row r of S·B is a token where value[r·row] is not 0. Without a value all are.
template <class T>
struct attention_mask {
    T const* value   = nullptr;
    std::int64_t row = 0;
};

/// y = softmax(q kᵀ / √d) v for each sample and head, over the keys that count.
/// A sample in which no key counts attends to nothing: its y is 0, and so are its gradients.
/// @par Shapes    q, k, v (S,B,A,d), rows `e.row` apart; y (S,B,A·d); log_sums (B,A,S): what backward needs of the scores
/// @par Cost      4·S²·B·A·d operations of products and one exponential a score; at most 64×64 scores in memory; allocates nothing
/// @par Numerics  tiles in rising order, one sum an element: a sample's bits depend on neither the batch nor the other heads
/// @par Source    Vaswani 2017; the running maximum and sum of Milakov 2018 and Dao 2022
template <class T>
ESPALIER_NOINLINE()
void attention_forward(attention_extents const& e, T const* q, T const* k, T const* v, attention_mask<T> mask, T* y, T* log_sums,
                       T* workspace) {
    detail::attention_arrays const at{e.steps, e.features};
    for (std::int64_t b = 0; b < e.batch; ++b) {
        detail::attention_keys(e.steps, mask.value == nullptr ? nullptr : mask.value + b * mask.row, e.batch * mask.row, workspace + at.keep);
        for (std::int64_t a = 0; a < e.heads; ++a) {
            std::int64_t const in = b * e.row + a * e.features;
            detail::attention_head<T> const head{e.steps, e.features, e.batch * e.row, q + in, k + in, v + in, log_sums, workspace};
            head.forward({y + b * e.hidden() + a * e.features, e.batch * e.hidden()});
            log_sums += e.steps;
        }
    }
}

/// Turns q, k and v into the gradients of the loss with respect to them. Scores are computed again, tile by tile.
/// @par Shapes    q, k, v as for forward: in the values, out their gradients; y, dy (S,B,A·d); log_sums as forward left them
/// @par Cost      10·S²·B·A·d operations of products and one exponential a score; allocates nothing
/// @par Numerics  one fixed order, no atomics
/// @par Source    Dao 2022, the backward pass; here one sweep over queries, keys inside
template <class T>
ESPALIER_NOINLINE()
void attention_backward(attention_extents const& e, T* q, T* k, T* v, attention_mask<T> mask, T const* y, T const* dy, T const* log_sums,
                        T* workspace) {
    detail::attention_arrays const at{e.steps, e.features};
    for (std::int64_t b = 0; b < e.batch; ++b) {
        detail::attention_keys(e.steps, mask.value == nullptr ? nullptr : mask.value + b * mask.row, e.batch * mask.row, workspace + at.keep);
        for (std::int64_t a = 0; a < e.heads; ++a) {
            std::int64_t const in = b * e.row + a * e.features, out = b * e.hidden() + a * e.features, stride = e.batch * e.row;
            detail::attention_head<T> const head{e.steps, e.features, stride, q + in, k + in, v + in, const_cast<T*>(log_sums), workspace};
            head.backward({y + out, e.batch * e.hidden()}, {dy + out, e.batch * e.hidden()}, {q + in, stride}, {k + in, stride}, {v + in, stride});
            log_sums += e.steps;
        }
    }
}

}  // namespace espalier::math

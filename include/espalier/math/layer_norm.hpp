// SPDX-License-Identifier: BSL-1.0
/// @file
/// Normalisation of rows to mean 0 and variance 1, and its way back.
/// Scale and shift belong to it; where the rows come from is the layer's affair (nn/layer_norm.hpp).
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/math/detail/folded_sum.hpp>
#include <espalier/math/functions.hpp>

#include <cstdint>

namespace espalier::math {

/// y = weight ∘ (x − mean) / √(variance + epsilon) + bias, mean and variance of each row.
/// @par Shapes    x, y (rows,cols); weight, bias (cols); moments (rows,2): each row's mean and 1/√(variance + epsilon), for the way back
/// @par Cost      one pass over memory; allocates nothing
/// @par Numerics  the variance is a sum of squared deviations from the mean, divided by cols; a row's bits depend on no other row
/// @par Source    Ba 2016; torch.nn.LayerNorm
template <class T>
ESPALIER_NOINLINE()
void layer_norm_forward(std::int64_t rows, std::int64_t cols, T epsilon, T const* weight, T const* bias, T const* x, T* ESPALIER_RESTRICT() y,
                        T* ESPALIER_RESTRICT() moments) {
    T const share = T{1} / static_cast<T>(cols);
    for (std::int64_t i = 0; i < rows; ++i, x += cols, y += cols, moments += 2) {
        T const mean     = share * detail::folded_sum<T>(cols, [=](std::int64_t j) { return x[j]; });
        T const variance = share * detail::folded_sum<T>(cols, [=](std::int64_t j) { return (x[j] - mean) * (x[j] - mean); });
        T const inverse  = T{1} / square_root(variance + epsilon);
        for (std::int64_t j = 0; j < cols; ++j) y[j] = (x[j] - mean) * inverse * weight[j] + bias[j];
        moments[0] = mean, moments[1] = inverse;
    }
}

/// dx of a layer norm.
/// ```
///   n = (x − mean) / √…      g = weight ∘ dy      dx = (g − mean(g) − n · mean(g ∘ n)) / √…
/// ```
/// @par Shapes    x, dy, dx (rows,cols); weight (cols); moments (rows,2) as forward left them
template <class T>
ESPALIER_NOINLINE()
void layer_norm_backward(std::int64_t rows, std::int64_t cols, T const* weight, T const* x, T const* moments, T const* dy,
                         T* ESPALIER_RESTRICT() dx) {
    T const share = T{1} / static_cast<T>(cols);
    for (std::int64_t i = 0; i < rows; ++i, x += cols, dy += cols, dx += cols, moments += 2) {
        T const mean = moments[0], inverse = moments[1];
        T const all   = share * detail::folded_sum<T>(cols, [=](std::int64_t j) { return weight[j] * dy[j]; });
        T const along = share * detail::folded_sum<T>(cols, [=](std::int64_t j) { return weight[j] * dy[j] * ((x[j] - mean) * inverse); });
        for (std::int64_t j = 0; j < cols; ++j) dx[j] = (weight[j] * dy[j] - all - (x[j] - mean) * inverse * along) * inverse;
    }
}

/// Adds the gradients of scale and shift: d_weight += Σ dy ∘ n, d_bias += Σ dy over the rows.
/// @par Shapes    x, dy (rows,cols); moments (rows,2); d_weight, d_bias (cols)
/// @par Numerics  rows in order
template <class T>
ESPALIER_NOINLINE()
void layer_norm_weights_backward(std::int64_t rows, std::int64_t cols, T const* x, T const* moments, T const* dy, T* ESPALIER_RESTRICT() d_weight,
                                 T* ESPALIER_RESTRICT() d_bias) {
    for (std::int64_t i = 0; i < rows; ++i, x += cols, dy += cols, moments += 2) {
        T const mean = moments[0], inverse = moments[1];
        for (std::int64_t j = 0; j < cols; ++j) {
            d_weight[j] += dy[j] * ((x[j] - mean) * inverse);
            d_bias[j] += dy[j];
        }
    }
}

}  // namespace espalier::math

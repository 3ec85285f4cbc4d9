// SPDX-License-Identifier: BSL-1.0
/// @file
/// The Gaussian error linear unit in its exact form, forward and backward. The approximation by tanh is not here.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/math/functions.hpp>

#include <cstdint>

namespace espalier::math {

/// y = x · Φ(x), Φ(x) = ½ (1 + erf(x / √2)).
/// @par Shapes    x, y (n), which may be the same array
/// @par Numerics  float: absolute error at most 4·10⁻⁷ · max(1, |x|)
/// @par Source    Hendrycks and Gimpel 2016; torch.nn.GELU without approximation
template <class T>
ESPALIER_NOINLINE() void gelu_forward(std::int64_t n, T const* x, T* y) {
    constexpr T root_half = T(0.70710678118654752440);
    for (std::int64_t i = 0; i < n; ++i) y[i] = T{0.5} * x[i] * (T{1} + erf(x[i] * root_half));
}

/// dx = dy · (Φ(x) + x · φ(x)), φ(x) = e^(−x²/2) / √(2π).
/// @par Shapes    x, dy, dx (n); dy and dx may be the same array
template <class T>
ESPALIER_NOINLINE() void gelu_backward(std::int64_t n, T const* x, T const* dy, T* dx) {
    constexpr T root_half = T(0.70710678118654752440), inverse_root_two_pi = T(0.39894228040143267794);
    for (std::int64_t i = 0; i < n; ++i) {
        T const below   = T{0.5} * (T{1} + erf(x[i] * root_half));
        T const density = inverse_root_two_pi * exp(T{-0.5} * x[i] * x[i]);
        dx[i]           = dy[i] * (below + x[i] * density);
    }
}

}  // namespace espalier::math

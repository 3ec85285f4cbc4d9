// SPDX-License-Identifier: BSL-1.0
/// @file
/// exp, tanh, sigmoid, erf and the square root, such that a plain loop over them is vectorised with -O3 -march=… alone.
/// For float they are our own polynomials with the bounds stated here; for double they call std.
#pragma once

#include <espalier/math/detail/float_functions.hpp>

#include <cmath>

namespace espalier::math {

/// @name Functions of a float
/// @par Numerics  largest error in units of the last place, over all floats: exp 1, tanh 2, sigmoid 3, erf 2, square_root 1; with
///                or without fused multiply-add. Denormal arguments and results are exact to the same bounds. NaN gives NaN, the
///                limits are right (exp(−∞) = 0, tanh(∞) = 1), and signs of zero are kept.
/// @{
[[nodiscard]] ESPALIER_INLINE() float exp(float x) noexcept { return detail::exp_of<float>(x); }
[[nodiscard]] ESPALIER_INLINE() float tanh(float x) noexcept { return detail::tanh_of<float>(x); }
[[nodiscard]] ESPALIER_INLINE() float sigmoid(float x) noexcept { return detail::sigmoid_of<float>(x); }
[[nodiscard]] ESPALIER_INLINE() float erf(float x) noexcept { return detail::erf_of<float>(x); }
[[nodiscard]] ESPALIER_INLINE() float square_root(float x) noexcept { return detail::square_root_of<float>(x); }
/// @}

/// @name Functions of a double: those of std
/// @{
[[nodiscard]] ESPALIER_INLINE() double exp(double x) noexcept { return std::exp(x); }
[[nodiscard]] ESPALIER_INLINE() double tanh(double x) noexcept { return std::tanh(x); }
[[nodiscard]] ESPALIER_INLINE() double sigmoid(double x) noexcept { return 1.0 / (1.0 + std::exp(-x)); }
[[nodiscard]] ESPALIER_INLINE() double erf(double x) noexcept { return std::erf(x); }
[[nodiscard]] ESPALIER_INLINE() double square_root(double x) noexcept { return std::sqrt(x); }
/// @}

}  // namespace espalier::math

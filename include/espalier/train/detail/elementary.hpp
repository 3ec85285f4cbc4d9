// SPDX-License-Identifier: BSL-1.0
/// @file
/// The square root and the cosine that learning-rate rules need, as constant expressions: those of the standard library are none in
/// C++20. They are for a value a step; arrays have math/functions.hpp.
#pragma once

namespace espalier::detail {

/// √a for a finite a ≥ 0.
/// @par Numerics  relative error ≤ 4e-16
/// @par Source    Newton's method on a / 4^k in [1, 4): six turns take a start that is off by half to rounding
[[nodiscard]] constexpr double square_root(double a) noexcept {
    if (!(a > 0)) return 0;
    double scale = 1;
    for (; a >= 4; a /= 4) scale *= 2;
    for (; a < 1; a *= 4) scale /= 2;
    double root = 1.5;
    for (int turn = 0; turn < 6; ++turn) root = (root + a / root) / 2;
    return scale * root;
}

/// cos(π·x) for x in [0, 1].
/// @par Numerics  absolute error ≤ 4e-16; 1, 0 and −1 exactly at 0, 1/2 and 1
/// @par Source    the Taylor series of cosine and sine on [0, π/4], whose remainder after nine terms is below 1e-19
[[nodiscard]] constexpr double cosine_of_half_turns(double x) noexcept {
    constexpr double pi = 3.14159265358979323846;
    if (x > 0.5) return -cosine_of_half_turns(1 - x);
    bool const by_sine = x > 0.25;  // cos(πx) = sin(π(1/2 − x))
    double const y     = pi * (by_sine ? 0.5 - x : x);
    double term = by_sine ? y : 1.0, sum = term;
    for (int n = by_sine ? 2 : 1; n < 19; n += 2) {
        term *= -y * y / (n * (n + 1));
        sum += term;
    }
    return sum;
}

}  // namespace espalier::detail

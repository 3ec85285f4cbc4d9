// SPDX-License-Identifier: BSL-1.0
/// @file
/// The logarithm of a sum of exponentials, and the softmax that belongs to it, for one set of scores.
/// Softmax inside attention, over tiles, is math/detail/softmax_tile.hpp.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/math/detail/folded_sum.hpp>
#include <espalier/math/functions.hpp>

#include <cmath>
#include <cstdint>

namespace espalier::math {

/// log Σ e^x, without overflow; NaN where a score is NaN or +∞.
/// @par Shapes    x: n scores, `stride` apart; n at least 1
/// @par Numerics  the sum is taken in double, in a fixed order
template <class T>
[[nodiscard]] ESPALIER_NOINLINE() double log_sum_exp(std::int64_t n, T const* x, std::int64_t stride = 1) {
    T largest = x[0];
    for (std::int64_t j = 1; j < n; ++j) largest = largest < x[j * stride] ? x[j * stride] : largest;
    double sum = 0;
    if (stride == 1) sum = detail::folded_sum<double>(n, [=](std::int64_t j) { return static_cast<double>(exp(x[j] - largest)); });
    else sum = detail::folded_sum<double>(n, [=](std::int64_t j) { return static_cast<double>(exp(x[j * stride] - largest)); });
    return static_cast<double>(largest) + std::log(sum);
}

/// share = e^(x − log_sum): the softmax, where log_sum is that of the scores.
/// @par Shapes    x, share: n numbers, `stride` apart
template <class T>
ESPALIER_NOINLINE() void softmax(std::int64_t n, T const* x, double log_sum, T* ESPALIER_RESTRICT() share, std::int64_t stride = 1) {
    auto const less = static_cast<T>(log_sum);
    if (stride == 1)
        for (std::int64_t j = 0; j < n; ++j) share[j] = exp(x[j] - less);
    else
        for (std::int64_t j = 0; j < n; ++j) share[j * stride] = exp(x[j * stride] - less);
}

}  // namespace espalier::math

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sums along a row in sixteen parts, which the compiler keeps in vectors and which are folded in one fixed order.
#pragma once

#include <espalier/core/config.hpp>

#include <cstdint>

namespace espalier::math::detail {

/// Σ f(j), j < n: term j goes to part j mod 16, the parts are folded in halves. Its bits are a function of the terms alone.
template <class Sum, class F>
ESPALIER_INLINE() Sum folded_sum(std::int64_t n, F&& f) {
    constexpr std::int64_t width = 16;
    Sum part[width] = {};
    std::int64_t j = 0;
    for (; j + width <= n; j += width)
        for (std::int64_t v = 0; v < width; ++v) part[v] += f(j + v);
    for (std::int64_t v = 0; v < width; ++v)
        if (j + v < n) part[v] += f(j + v);
    for (std::int64_t middle = width / 2; middle > 0; middle /= 2)
        for (std::int64_t v = 0; v < middle; ++v) part[v] += part[v + middle];
    return part[0];
}

}  // namespace espalier::math::detail

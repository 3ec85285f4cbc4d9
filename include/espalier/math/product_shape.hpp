// SPDX-License-Identifier: BSL-1.0
/// @file
/// The extents and storage of one matrix product, which every back-end is built from.
#pragma once

#include <cstdint>

namespace espalier::math {

/// c (m,n) = or += op(a) (m,k) · op(b) (k,n); all three row-major and without gaps.
/// @par Shapes    a is stored (m,k), or (k,m) where transpose_a; b (k,n), or (n,k) where transpose_b; any extent may be 0
struct product_shape {
    std::int64_t m = 0, n = 0, k = 0;
    bool transpose_a = false;
    bool transpose_b = false;
    bool accumulate  = false;  ///< adds to c instead of replacing it

    friend constexpr bool operator==(product_shape const&, product_shape const&) noexcept = default;
};

}  // namespace espalier::math

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The operations by which ranks combine their elements: sum, maximum, minimum.
/// Any other type with `T operator()(T, T) const` serves as well; the order in which it is applied is the communicator's.
#pragma once

namespace espalier {

/// a + b; of two `bf16` in float, and rounded once.
struct sum {
    template <class T>
    [[nodiscard]] constexpr T operator()(T a, T b) const noexcept {
        return static_cast<T>(a + b);
    }
};

/// The larger one; a NaN on either side wins, so that it is seen on every rank.
struct maximum {
    template <class T>
    [[nodiscard]] constexpr T operator()(T a, T b) const noexcept {
        return a > b || a != a ? a : b;
    }
};

/// The smaller one; a NaN on either side wins, so that it is seen on every rank.
struct minimum {
    template <class T>
    [[nodiscard]] constexpr T operator()(T a, T b) const noexcept {
        return a < b || a != a ? a : b;
    }
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A layer that stays whole on every rank of a tensor axis, though it offers a cut: for small ones, and for those that do not divide.
#pragma once

#include <espalier/nn/layer.hpp>

namespace espalier {

/// L, which no tensor axis cuts; the same layer otherwise, also in names and bits.
/// ```
///   sequence<…, uncut<linear<50, 30>>, relu, linear<30, 1>>      // 30 features in 4 slices would not do
/// ```
template <class L>
struct uncut : L {
    static constexpr bool is_uncut = true;
};

/// Whether a layer is kept whole.
template <class L>
inline constexpr bool is_uncut = false;
/// Of one that is.
template <class L>
inline constexpr bool is_uncut<uncut<L>> = true;

}  // namespace espalier

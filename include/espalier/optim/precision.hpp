// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which scalar a model computes and stores in.
#pragma once

#include <concepts>
#include <string_view>

namespace espalier {

/// A precision names its scalar.
template <class P>
concept Precision = std::floating_point<typename P::scalar> && requires { { P::name } -> std::convertible_to<std::string_view>; };

/// Single precision throughout; norms and losses are summed in double.
struct fp32 {
    using scalar                           = float;
    static constexpr std::string_view name = "fp32";
};

/// Double precision throughout, with the built-in product: for checks, not for speed.
struct fp64 {
    using scalar                           = double;
    static constexpr std::string_view name = "fp64";
};

static_assert(Precision<fp32> && Precision<fp64>);

}  // namespace espalier

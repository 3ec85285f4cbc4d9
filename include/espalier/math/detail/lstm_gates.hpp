// SPDX-License-Identifier: BSL-1.0
/// @file
/// sigmoid and tanh as the LSTM cell takes them: clamped where a gate is closed or saturated anyway, and sharing divisions.
/// The functions for everybody, exact over all floats, are in float_functions.hpp.
#pragma once

#include <espalier/math/detail/float_functions.hpp>
#include <espalier/math/functions.hpp>

#include <type_traits>

namespace espalier::math::detail {

/// x = n · ln 2 + rest for |x| ≤ 43, with 2ⁿ instead of n. ln 2 is cut in two as in `reduce`.
template <class V>
struct scaled {
    V power, rest;
};
template <class V>
ESPALIER_INLINE() scaled<V> scale(V const& x) {
    constexpr float shift = 0x1.8p23f;  // adding it leaves n in the low bits, and its own bits leave by the shift to the left
    V const shifted = x * 0x1.715476p+0f + shift;
    V const n       = shifted - shift;
    V const power   = bits_as<V>((bits_as<word_t<V>>(shifted) << 23) + bits_as<std::int32_t>(1.0f));
    return {power, (x - n * 0x1.63p-1f) - n * -0x1.bd0106p-13f};
}

/// The denominator of sigmoid x = 1 / (1 + e⁻ˣ), with x clamped to ±43 so that two denominators have a finite product.
template <class V>
ESPALIER_INLINE() V gate_denominator(V const& x) {
    scaled<V> const y = scale<V>(at_least<V>(-43.0f, at_most<V>(43.0f, -x)));
    V const r = y.rest;
    V p = r * 0x1.6a53d2p-10f + 0x1.123b0cp-7f;
    p   = p * r + 0x1.5558acp-5f;
    p   = p * r + 0x1.555490p-3f;
    p   = p * r + 0x1.fffffcp-2f;
    p   = p * r + 1.0f;
    p   = p * r + 1.0f;
    return p * y.power + 1.0f;
}

/// The numerator m of tanh x = m / (m + 2), m = e²ˣ − 1, with x clamped to ±10, where tanh is ±1.
/// @par Numerics  eʳ − 1 = r + r² q(r), q of degree 4 from a minimax fit of the relative error (1.4·10⁻⁸)
template <class V>
ESPALIER_INLINE() V tanh_numerator(V const& x) {
    scaled<V> const y = scale<V>(at_least<V>(-20.0f, at_most<V>(20.0f, x + x)));
    V const r = y.rest;
    V q = r * 0x1.6b9e0ep-10f + 0x1.1226eap-7f;
    q   = q * r + 0x1.5556f2p-5f;
    q   = q * r + 0x1.5554b2p-3f;
    q   = q * r + 0x1.fffffep-2f;
    return ((r * r) * q + r) * y.power + (y.power - 1.0f);
}

/// Activates the four gates of a vector of units: five transcendental functions a unit, three divisions with the state's.
template <class V>
ESPALIER_INLINE() void activate(V& i, V& f, V& g, V& o) {
    if constexpr (std::is_same_v<V, double>) {
        i = math::sigmoid(i), f = math::sigmoid(f), g = math::tanh(g), o = math::sigmoid(o);
    } else {
        V const under_i = gate_denominator<V>(i), under_f = gate_denominator<V>(f), under_o = gate_denominator<V>(o);
        V const over_g = tanh_numerator<V>(g), under_g = over_g + 2.0f;
        V const both_if = 1.0f / (under_i * under_f);
        V const both_go = 1.0f / (under_g * under_o);
        i = both_if * under_f;
        f = both_if * under_i;
        g = both_go * under_o * over_g;
        o = both_go * under_g;
    }
}
template <class V>
ESPALIER_INLINE() V tanh_of_state(V const& c) {
    if constexpr (std::is_same_v<V, double>) {
        return math::tanh(c);
    } else {
        V const over = tanh_numerator<V>(c);
        return over / (over + 2.0f);
    }
}

}  // namespace espalier::math::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The transcendental functions for float, written once for a number and for a vector of numbers: no branch, no table, no call.
/// Their public face, with the stated error bounds, is math/functions.hpp.
#pragma once

#include <espalier/math/detail/vector.hpp>

#include <cstdint>
#include <limits>

namespace espalier::math::detail {

// A comparison as a mask of ones, and the bits of a value, for float and for a vector of floats. Selecting by bits instead of by
// `?:` is what lets every compiler vectorise a loop over these functions without -ffast-math.
template <class V>
struct word_of {
    using type = vector_t<std::int32_t>;
};
template <>
struct word_of<float> {
    using type = std::int32_t;
};
template <class V>
using word_t = typename word_of<V>::type;

template <class To, class From>
ESPALIER_INLINE() To bits_as(From const& from) {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    __builtin_memcpy(&to, &from, sizeof to);
    return to;
}
template <class V>
ESPALIER_INLINE() word_t<V> is_less(V const& a, V const& b) {
    if constexpr (sizeof(V) == sizeof(float))
        return -static_cast<std::int32_t>(a < b);
    else
        return a < b;
}
template <class V>
ESPALIER_INLINE() V select(word_t<V> const& mask, V const& yes, V const& no) {
    return bits_as<V>((bits_as<word_t<V>>(yes) & mask) | (bits_as<word_t<V>>(no) & ~mask));
}
template <class V>
ESPALIER_INLINE() V all(float x) {
    return V{} + x;
}
template <class V>
ESPALIER_INLINE() V magnitude(V const& x) {
    return bits_as<V>(bits_as<word_t<V>>(x) & 0x7fffffff);
}
template <class V>
ESPALIER_INLINE() V with_sign_of(V const& x, V const& y) {
    return bits_as<V>(bits_as<word_t<V>>(x) | (bits_as<word_t<V>>(y) & std::numeric_limits<std::int32_t>::min()));
}
/// The lesser of x and the limit; NaN stays.
template <class V>
ESPALIER_INLINE() V at_most(float limit, V const& x) {
    if constexpr (sizeof(V) == sizeof(float))
        return select<V>(is_less<V>(limit, x), limit, x);
    else
        return all<V>(limit) < x ? all<V>(limit) : x;
}
/// The greater of x and the limit; NaN stays.
template <class V>
ESPALIER_INLINE() V at_least(float limit, V const& x) {
    if constexpr (sizeof(V) == sizeof(float))
        return select<V>(is_less<V>(x, limit), limit, x);
    else
        return x < all<V>(limit) ? all<V>(limit) : x;
}
/// 2ⁿ for −126 ≤ n ≤ 127.
template <class V>
ESPALIER_INLINE() V power_of_two(word_t<V> const& n) {
    return bits_as<V>((n + 127) << 23);
}

/// x = n · ln 2 + rest with a whole n and |rest| ≤ 0.3466, for |x| < 150.
/// Adding 1.5·2²³ rounds to a whole number and leaves it in the low bits. ln 2 is cut in two so that n times its first part
/// (ten bits) is exact without a fused multiply-add too.
template <class V>
struct reduced {
    word_t<V> n;
    V rest;
};
template <class V>
ESPALIER_INLINE() reduced<V> reduce(V const& x) {
    constexpr float shift = 0x1.8p23f;
    V const shifted = x * 0x1.715476p+0f + shift;
    V const n       = shifted - shift;
    V const most    = x - n * 0x1.63p-1f;
    return {bits_as<word_t<V>>(shifted) - bits_as<std::int32_t>(shift), most - n * -0x1.bd0106p-13f};
}

/// eʳ for |r| ≤ 0.3466: 1 + r + r² q(r), with q of degree 4 from a minimax fit of the relative error (3·10⁻⁹).
template <class V>
ESPALIER_INLINE() V exp_of_rest(V const& r) {
    V q = r * 0x1.6a2146p-10f + 0x1.123ba6p-7f;
    q   = q * r + 0x1.5558fcp-5f;
    q   = q * r + 0x1.55548ep-3f;
    q   = q * r + 0x1.fffffcp-2f;
    return ((r * r) * q + r) + 1.0f;
}

/// eˣ for −87 ≤ x ≤ 88, where no result is denormal or infinite.
template <class V>
ESPALIER_INLINE() V exp_inside(V const& x) {
    reduced<V> const y = reduce<V>(x);
    return exp_of_rest<V>(y.rest) * power_of_two<V>(y.n);
}

/// eˣ everywhere. The power of two is applied in halves: 2¹²⁸ and 2⁻¹⁴⁹ are no normal floats.
template <class V>
ESPALIER_INLINE() V exp_of(V const& x) {
    reduced<V> const y   = reduce<V>(at_least<V>(-104.0f, at_most<V>(89.0f, x)));
    word_t<V> const half = y.n >> 1;
    return exp_of_rest<V>(y.rest) * power_of_two<V>(half) * power_of_two<V>(y.n - half);
}

/// tanh x: an odd polynomial up to 0.55 (minimax fit, relative error 1·10⁻⁹), above it 1 − 2 / (e²ˣ + 1), which is 1 from 10 on.
template <class V>
ESPALIER_INLINE() V tanh_of(V const& x) {
    V const y     = at_most<V>(10.0f, magnitude<V>(x));
    V const large = 1.0f - 2.0f / (exp_inside<V>(y + y) + 1.0f);
    V const y2    = y * y;
    V p = y2 * -0x1.9921a0p-8f + 0x1.58e518p-6f;
    p   = p * y2 + -0x1.b91e7ep-5f;
    p   = p * y2 + 0x1.110ceep-3f;
    p   = p * y2 + -0x1.55554ap-2f;
    p   = (p * y2) * y + y;
    return with_sign_of<V>(select<V>(is_less<V>(y, all<V>(0.55f)), p, large), x);
}

/// 1 / (1 + e⁻ˣ), by an exponential that is at most 1.
template <class V>
ESPALIER_INLINE() V sigmoid_of(V const& x) {
    V const e = exp_of<V>(-magnitude<V>(x));
    return select<V>(bits_as<word_t<V>>(x) >> 31, e, all<V>(1.0f)) / (e + 1.0f);
}

/// erf: below 0.92 an odd polynomial, above 1 − e^−p(|x|); both from weighted minimax fits (relative errors 4·10⁻¹⁰, 2·10⁻⁹).
template <class V>
ESPALIER_INLINE() V erf_of(V const& x) {
    V const y  = at_most<V>(4.0f, magnitude<V>(x));
    V const y2 = y * y;
    V small    = y2 * 0x1.4f1db2p-14f + -0x1.a5fb10p-11f;
    small      = small * y2 + 0x1.544920p-8f;
    small      = small * y2 + -0x1.b80110p-6f;
    small      = small * y2 + 0x1.ce2d64p-4f;
    small      = small * y2 + -0x1.812740p-2f;
    small      = small * y2 + 0x1.06eba8p-3f;
    small      = small * y + y;
    V p        = y * -0x1.9ae904p-13f + 0x1.8ee170p-9f;
    p          = p * y + -0x1.6c2a76p-6f;
    p          = p * y + 0x1.a9b42ep-4f;
    p          = p * y + 0x1.463cc0p-1f;
    p          = p * y + 0x1.20af5ap+0f;
    p          = p * y + 0x1.9a5c6ep-13f;
    V const large = 1.0f - exp_inside<V>(-p);
    return with_sign_of<V>(select<V>(is_less<V>(y, all<V>(0.92f)), small, large), x);
}

/// √x: an inverse square root from its bits, two third-order steps, one last correction of x · (1/√x).
/// @par Source    the first guess: Lomont, "Fast inverse square root", 2003
template <class V>
ESPALIER_INLINE() V square_root_of(V const& x) {
    word_t<V> const is_denormal = is_less<V>(x, all<V>(0x1p-126f));
    V const y = select<V>(is_denormal, x * 0x1p24f, x);
    V inverse = bits_as<V>(0x5f375a86 - ((bits_as<word_t<V>>(y) & 0x7fffffff) >> 1));
    for (int step = 0; step < 2; ++step) {
        V const miss = 1.0f - (y * inverse) * inverse;
        inverse      = inverse + inverse * (miss * (0.375f * miss + 0.5f));
    }
    V root = y * inverse;
    root   = root + (0.5f * inverse) * (y - root * root);
    root   = select<V>(is_denormal, root * 0x1p-12f, root);
    word_t<V> const is_itself = ~(is_less<V>(all<V>(0.0f), x) & is_less<V>(x, all<V>(std::numeric_limits<float>::infinity())));
    V const itself            = select<V>(is_less<V>(x, all<V>(0.0f)), all<V>(std::numeric_limits<float>::quiet_NaN()), x);
    return select<V>(is_itself, itself, root);  // zeros, infinity, NaN; NaN below zero
}

}  // namespace espalier::math::detail

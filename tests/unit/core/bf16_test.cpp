// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/comm/reductions.hpp>
#include <espalier/core/bf16.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

using namespace espalier;

namespace {

/// The value of a bit pattern that is no NaN, from its fields; infinity is the number after the largest.
double value_of(std::uint32_t bits) {
    int const exponent    = static_cast<int>(bits >> 7 & 0xff);
    double const fraction = static_cast<double>(bits & 0x7f) / 128;
    double const size     = exponent == 0 ? std::ldexp(fraction, -126) : std::ldexp(1 + fraction, exponent - 127);
    return (bits & 0x8000) != 0 ? -size : size;
}

/// The nearest pattern by search, of two equally near ones the even one.
std::uint32_t nearest(double x) {
    std::uint32_t const sign = std::signbit(x) ? 0x8000 : 0;
    double const size        = std::abs(x);
    std::uint32_t low = 0, high = 0x7f80;  // value_of(low) <= size
    if (size >= value_of(high)) return sign | high;
    while (high - low > 1) {
        std::uint32_t const middle = (low + high) / 2;
        (value_of(middle) <= size ? low : high) = middle;
    }
    double const below = size - value_of(low), above = value_of(high) - size;
    return sign | (below < above || (below == above && low % 2 == 0) ? low : high);
}

bool is_nan(std::uint32_t bits) { return (bits & 0x7fff) > 0x7f80; }

}  // namespace

TEST_CASE("each of the 65,536 patterns of a bf16 is its float and comes back from it", "[core]") {
    static_assert(std::is_trivially_copyable_v<bf16> && std::is_trivially_default_constructible_v<bf16>);
    static_assert(std::is_convertible_v<bf16, float> && !std::is_convertible_v<float, bf16>);
    static_assert(!std::is_constructible_v<bf16, double> && !std::is_constructible_v<bf16, int>);
    int wrong = 0;
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        bf16 const x = bf16::from_bits(static_cast<std::uint16_t>(bits));
        float const f = x;
        bool const is_right = is_nan(bits)             ? std::isnan(f)
                              : (bits & 0x7fff) == 0x7f80 ? std::isinf(f) && std::signbit(f) == (bits > 0x8000)
                                                          : f == static_cast<float>(value_of(bits)) && std::signbit(f) == (bits >= 0x8000);
        wrong += !is_right || bf16{f}.to_bits() != bits || x.to_bits() != bits;
    }
    CHECK(wrong == 0);
}

TEST_CASE("a float becomes the nearest bf16, and the even one of two", "[core]") {
    std::mt19937 draw{5};
    int wrong = 0, ties = 0;
    for (int i = 0; i < 400000; ++i) {
        auto bits = static_cast<std::uint32_t>(draw());
        if (i % 4 == 0) bits = (bits & 0xffff0000u) | 0x8000u;  // half way
        if (i % 4 == 1) bits = (bits & 0xffff0000u) | (0x7fffu + (bits & 3u));
        float const x = std::bit_cast<float>(bits);
        if (std::isnan(x)) continue;
        ties += (bits & 0xffffu) == 0x8000u;
        wrong += bf16{x}.to_bits() != nearest(x);
    }
    CHECK(wrong == 0);
    CHECK(ties > 50000);
    CHECK(bf16{std::numeric_limits<float>::max()}.to_bits() == 0x7f80);
    CHECK(bf16{-0.f}.to_bits() == 0x8000);
    static_assert(bf16{1.f}.to_bits() == 0x3f80 && bf16{1.00390625f}.to_bits() == 0x3f80 && bf16{1.01171875f}.to_bits() == 0x3f82);
}

TEST_CASE("a NaN stays one, whatever part of its payload fits, and keeps its sign", "[core]") {
    for (std::uint32_t bits : {0x7f800001u, 0xff800001u, 0x7fbfffffu, 0xffffffffu, 0x7fc00000u, 0x7f80ffffu}) {
        auto const kept = bf16{std::bit_cast<float>(bits)}.to_bits();
        CHECK(is_nan(kept));
        CHECK((kept >> 15) == (bits >> 31));
    }
}

TEST_CASE("a sum of bf16 is the exact sum rounded once, and the largest and smallest are operands", "[core]") {
    std::mt19937 draw{11};
    int wrong = 0;
    for (int i = 0; i < 200000; ++i) {
        // Exponents at most 40 apart: the sum is exact in double.
        auto const pattern = [&] { return static_cast<std::uint16_t>((draw() & 0x8000u) | (100u + draw() % 40u) << 7 | (draw() & 0x7fu)); };
        bf16 const a = bf16::from_bits(pattern()), b = bf16::from_bits(pattern());
        double const x = value_of(a.to_bits()), y = value_of(b.to_bits());
        bf16 const added = sum{}(a, b);
        wrong += x + y == 0 ? added != 0.f : added.to_bits() != nearest(x + y);
        wrong += value_of(maximum{}(a, b).to_bits()) != std::max(x, y) || value_of(minimum{}(a, b).to_bits()) != std::min(x, y);
    }
    CHECK(wrong == 0);
    bf16 const nan = bf16::from_bits(0x7fc0), one{1.f};
    static_assert(std::is_same_v<decltype(sum{}(one, one)), bf16>);
    CHECK(is_nan(maximum{}(nan, one).to_bits()));
    CHECK(is_nan(minimum{}(one, nan).to_bits()));
    CHECK(is_nan(sum{}(nan, one).to_bits()));
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// `bf16`: the 16-bit number with the range of a float and 8 bits of precision, as a type that can be stored, sent and reduced.
/// It computes in float; nothing here uses the processor's own instructions for it.
#pragma once

#include <cstdint>

namespace espalier {

/// The upper half of a float: sign, 8 bits of exponent, 7 of fraction.
/// It becomes a float without asking, so that `a + b`, `a < b` and `-a` are those of floats, and exact operands; back is explicit, because it rounds:
/// `bf16{a + b}` rounds once.
/// @par Numerics  to the nearest, ties to the even one; above the largest number to infinity; a NaN stays one, with its sign and what fits of its payload
class bf16 {
public:
    bf16() = default;  // like a float, of no value
    constexpr explicit bf16(float x) noexcept : bits_{rounded(__builtin_bit_cast(std::uint32_t, x))} {}
    /// Of floats only: a double would round twice.
    template <class Other>
    explicit bf16(Other) = delete;
    [[nodiscard]] static constexpr bf16 from_bits(std::uint16_t bits) noexcept {
        bf16 x;
        x.bits_ = bits;
        return x;
    }

    constexpr operator float() const noexcept {  // NOLINT(google-explicit-constructor): it loses nothing
        return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits_) << 16);
    }
    [[nodiscard]] constexpr std::uint16_t to_bits() const noexcept { return bits_; }

private:
    /// Half a unit of the last place is added, less one bit where the number is even; the carry goes up into the exponent.
    [[nodiscard]] static constexpr std::uint16_t rounded(std::uint32_t x) noexcept {
        std::uint32_t const number = (x + 0x7fffu + (x >> 16 & 1u)) >> 16;
        std::uint32_t const nan    = x >> 16 | ((x & 0x007f0000u) == 0 ? 0x0040u : 0u);  // none whose payload was all below
        return static_cast<std::uint16_t>((x & 0x7fffffffu) > 0x7f800000u ? nan : number);
    }

    std::uint16_t bits_;
};
static_assert(sizeof(bf16) == 2 && alignof(bf16) == 2);

}  // namespace espalier

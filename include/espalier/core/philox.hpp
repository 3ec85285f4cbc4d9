// SPDX-License-Identifier: BSL-1.0
/// @file
/// Counter-based random numbers: a value is a function of (seed, purpose, element, sample, step), never of what ran before.
/// There is no generator object and no state to save; distributions beyond uniform and normal are not offered.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/core/text.hpp>

#include <cmath>
#include <cstdint>
#include <string_view>

namespace espalier {

/// Four random words.
struct random_block {
    std::uint32_t word[4];
};

/// Philox4x32-10: the block that belongs to a counter and a key.
/// @par Source    Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3 and table 2
[[nodiscard]] ESPALIER_HOST_DEVICE() constexpr random_block philox4x32(random_block counter, std::uint32_t key0,
                                                                       std::uint32_t key1) noexcept {
    for (int round = 0; round < 10; ++round) {
        std::uint64_t const a = 0xD2511F53ull * counter.word[0];
        std::uint64_t const b = 0xCD9E8D57ull * counter.word[2];
        counter = {{static_cast<std::uint32_t>(b >> 32) ^ counter.word[1] ^ key0, static_cast<std::uint32_t>(b),
                    static_cast<std::uint32_t>(a >> 32) ^ counter.word[3] ^ key1, static_cast<std::uint32_t>(a)}};
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return counter;
}

/// A stream of random numbers for one purpose: key = seed ⊕ hash(purpose).
/// The purpose names what is drawn ("init", "dropout") and where (the tensor's or layer's name).
struct random_key {
    std::uint64_t value = 0;

    constexpr random_key() = default;
    constexpr random_key(std::uint64_t seed, std::string_view purpose) noexcept : value{seed ^ hash_of(purpose)} {}

    /// The words for elements 4·block … 4·block + 3 of a tensor.
    /// @par Units     block below 2³²; sample and step below 2⁴⁸
    [[nodiscard]] ESPALIER_HOST_DEVICE() constexpr random_block at(std::uint64_t block, std::uint64_t sample = 0,
                                                                   std::uint64_t step = 0) const noexcept {
        random_block const counter{{static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(sample),
                                    static_cast<std::uint32_t>((sample >> 32) & 0xffffu) |
                                        (static_cast<std::uint32_t>(step & 0xffffu) << 16),
                                    static_cast<std::uint32_t>(step >> 16)}};
        return philox4x32(counter, static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32));
    }
};

/// A word as a number in [0, 1), a multiple of 2⁻²⁴ and so exact in float.
[[nodiscard]] ESPALIER_HOST_DEVICE() constexpr float to_unit(std::uint32_t word) noexcept {
    return static_cast<float>(word >> 8) * 0x1p-24f;
}

/// Two words as one standard normal number.
/// @par Source    Box and Muller 1958, the cosine branch
[[nodiscard]] inline double to_normal(std::uint32_t a, std::uint32_t b) noexcept {
    double const u = (static_cast<double>(a) + 0.5) * 0x1p-32;
    double const v = static_cast<double>(b) * 0x1p-32;
    return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586476925 * v);
}

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The order of samples in an epoch: a bijection of 0 … n − 1, computed for one index at a time.
/// Nothing is shuffled or stored, so any rank can ask for any position, and a resumed run needs no state.
#pragma once

#include <espalier/core/philox.hpp>

#include <cstdint>

namespace espalier {

/// A keyed permutation of 0 … n − 1: six Feistel rounds over the smallest even number of bits that holds n, walking the cycle
/// until the value is below n (less than four rounds of the walk on average).
/// @par Cost      6 Philox blocks a walk step; allocates nothing
/// @par Source    Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002, the cycle-walking construction
class permutation {
public:
    constexpr permutation(std::int64_t n, random_key key, std::uint64_t epoch) noexcept : n_{n}, key_{key}, epoch_{epoch} {
        while (half_bits_ < 31 && (std::int64_t{1} << (2 * half_bits_)) < n) ++half_bits_;
    }

    /// Where position `index` of the epoch points.
    /// @param index in 0 … size() − 1
    [[nodiscard]] constexpr std::int64_t operator()(std::int64_t index) const noexcept {
        if (n_ <= 1) return 0;
        auto v = static_cast<std::uint64_t>(index);
        do v = encrypted(v);
        while (static_cast<std::int64_t>(v) >= n_);
        return static_cast<std::int64_t>(v);
    }
    [[nodiscard]] constexpr std::int64_t size() const noexcept { return n_; }

private:
    [[nodiscard]] constexpr std::uint64_t encrypted(std::uint64_t v) const noexcept {
        std::uint64_t const mask = (std::uint64_t{1} << half_bits_) - 1;
        std::uint64_t left = v >> half_bits_, right = v & mask;
        for (std::uint64_t round = 0; round < 6; ++round) {
            std::uint64_t const mixed = left ^ (key_.at(right, round, epoch_).word[0] & mask);
            left  = right;
            right = mixed;
        }
        return (left << half_bits_) | right;
    }

    std::int64_t n_;
    random_key key_;
    std::uint64_t epoch_;
    int half_bits_ = 1;
};

}  // namespace espalier

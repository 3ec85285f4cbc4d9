// SPDX-License-Identifier: BSL-1.0
/// @file
/// The checksums of a checkpoint: XXH3 of 64 bits over each mebibyte of a file, and its 16 hex digits.
/// They detect accidents, and are no protection against somebody who means to change a file.
#pragma once

#include <espalier/checkpoint/weights_hash.hpp> // brings xxHash, inlined

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace espalier::checkpoint {

/// A checksum covers this many bytes of a file; the last one of a file what remains.
inline constexpr std::size_t chunk_bytes = std::size_t{1} << 20;

/// How many checksums a file of this size has: none for an empty one.
[[nodiscard]] constexpr std::uint64_t chunks_of(std::uint64_t bytes) noexcept {
    return bytes / chunk_bytes + (bytes % chunk_bytes != 0 ? 1 : 0);
}

/// XXH3 of 64 bits, seed 0.
/// @par Source    xxHash specification, version 0.2.0
[[nodiscard]] inline std::uint64_t xxh3_64(std::span<std::byte const> bytes) noexcept {
    return XXH3_64bits(bytes.data(), bytes.size());
}

/// The checksum of each chunk.
/// @par Cost      one pass over the bytes
[[nodiscard]] inline std::vector<std::uint64_t> chunk_sums(std::span<std::byte const> bytes) {
    std::vector<std::uint64_t> sums;
    sums.reserve(static_cast<std::size_t>(chunks_of(bytes.size())));
    for (std::size_t at = 0; at < bytes.size(); at += chunk_bytes)
        sums.push_back(xxh3_64(bytes.subspan(at, std::min(chunk_bytes, bytes.size() - at))));
    return sums;
}

/// The same for a file that lies in pieces, one after the other.
[[nodiscard]] inline std::vector<std::uint64_t> chunk_sums_of_pieces(std::span<std::span<std::byte const> const> pieces) {
    std::vector<std::uint64_t> sums;
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    XXH3_64bits_reset(&state);
    std::size_t filled = 0; // bytes of the chunk that is under way
    for (auto piece : pieces)
        while (!piece.empty()) {
            auto const part = piece.first(std::min(piece.size(), chunk_bytes - filled));
            XXH3_64bits_update(&state, part.data(), part.size());
            piece = piece.subspan(part.size());
            filled += part.size();
            if (filled < chunk_bytes) continue;
            sums.push_back(XXH3_64bits_digest(&state));
            XXH3_64bits_reset(&state);
            filled = 0;
        }
    if (filled > 0) sums.push_back(XXH3_64bits_digest(&state));
    return sums;
}

/// 16 lower-case hex digits, the highest first: what `xxhsum -H3` prints.
[[nodiscard]] inline std::string to_hex(std::uint64_t sum) {
    std::string hex(16, '0');
    for (std::size_t i = 0; i < 16; ++i) hex[i] = "0123456789abcdef"[(sum >> (60 - 4 * i)) & 15];
    return hex;
}

} // namespace espalier::checkpoint

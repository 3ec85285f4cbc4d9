// SPDX-License-Identifier: BSL-1.0
/// @file
/// One number that stands for all weights: equal runs print equal hashes, whatever their layout.
/// It protects against accidents and tells runs apart; it is no cryptographic signature.
#pragma once

#include <espalier/checkpoint/tensor.hpp>

#include <cstddef>
#include <span>
#include <string>

#ifndef XXH_INLINE_ALL
#    define XXH_INLINE_ALL
#endif
// GCC 12 warns of its own AVX-512 intrinsics wherever they are inlined. The AVX2 kernel gives the same digits.
#if defined(__AVX512F__) && defined(__GNUC__) && !defined(__clang__) && !defined(XXH_VECTOR)
#    define XXH_VECTOR 2
#endif
#include <xxhash.h>

namespace espalier::checkpoint {

/// The XXH3 hash of 128 bits (seed 0) over tensors in name order, of each the name's bytes and then its little-endian values.
/// Extents and types do not enter. The 32 hex digits are those that `xxhsum -H2` prints for the same bytes.
/// @par Cost      one pass over the values; copies none of them
/// @throws bad_checkpoint where two tensors share a name, or bytes and extents disagree
/// @par Source    xxHash specification, version 0.2.0: XXH3 128 bits and its canonical (big-endian) form
[[nodiscard]] inline std::string weights_hash(std::span<named_tensor const> tensors) {
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    XXH3_128bits_reset(&state);
    for (named_tensor const* t : detail::in_name_order(tensors)) {
        XXH3_128bits_update(&state, t->name.data(), t->name.size());
        XXH3_128bits_update(&state, t->bytes.data(), t->bytes.size());
    }
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
    std::string hex;
    for (unsigned char const byte : canonical.digest) {
        hex += "0123456789abcdef"[byte >> 4];
        hex += "0123456789abcdef"[byte & 15];
    }
    return hex;
}

}  // namespace espalier::checkpoint

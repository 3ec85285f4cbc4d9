// SPDX-License-Identifier: BSL-1.0
/// @file
/// How a collective's elements are cut into one chunk a rank, and what travels because of it: pure arithmetic for
/// communicators, which cut so, and for plans, which must name the same numbers.
#pragma once

#include <cstdint>

namespace espalier {

/// Chunks start at multiples of this many elements: a cache line of floats, so that no two ranks write the same line.
inline constexpr std::int64_t chunk_grain = 16;

/// The borders of the chunks of `n` elements over `ranks` ranks: rank r owns [borders[r], borders[r+1]).
/// As even as multiples of `chunk_grain` can be; only the last border may lie between them.
/// ```
///   n = 100, 3 ranks: 7 grains      0 … 32 … 64 … 100
/// ```
struct chunk_cut {
    std::int64_t n = 0;
    int ranks      = 1;

    /// Border r of 0 … ranks.
    [[nodiscard]] constexpr std::int64_t operator[](int r) const noexcept {
        std::int64_t const grains = (n + chunk_grain - 1) / chunk_grain;
        std::int64_t const border = grains * r / ranks * chunk_grain;
        return border < n ? border : n;
    }
    /// Elements that rank r owns.
    [[nodiscard]] constexpr std::int64_t elements(int r) const noexcept { return (*this)[r + 1] - (*this)[r]; }
};

/// The cut that every all-reduce uses.
/// @par Units     n in elements
[[nodiscard]] constexpr chunk_cut chunk_borders(std::int64_t n, int ranks) noexcept { return {n, ranks}; }

/// Elements that a rank sends in a reduce-scatter: of each of its summands, everything that it does not own.
[[nodiscard]] constexpr std::int64_t elements_sent_reduce_scatter(std::int64_t n, std::int64_t owned,
                                                                  std::int64_t summands) noexcept {
    return summands * (n - owned);
}

/// Elements that a rank sends in an all-gather: its own part, to each of the others.
[[nodiscard]] constexpr std::int64_t elements_sent_all_gather(std::int64_t owned, int ranks) noexcept {
    return owned * (ranks - 1);
}

/// Elements that rank `rank` sends in an all-reduce of `n` elements to which it contributes `summands` partial sums:
/// a reduce-scatter over `chunk_borders` and an all-gather of the result.
[[nodiscard]] constexpr std::int64_t elements_sent_all_reduce(std::int64_t n, int ranks, int rank,
                                                              std::int64_t summands) noexcept {
    std::int64_t const owned = chunk_borders(n, ranks).elements(rank);
    return elements_sent_reduce_scatter(n, owned, summands) + elements_sent_all_gather(owned, ranks);
}

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sums over a tensor that have the same bits however the tensor is cut: blocks of 4,096 elements, then a fixed tree over blocks.
/// Sums along rows or columns of activations are not here (math/elementwise.hpp).
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/core/lane_tree.hpp>
#include <espalier/memory/space.hpp>

#include <cstdint>

#include <thrust/iterator/counting_iterator.h>
#include <thrust/transform.h>

namespace espalier::math {

/// Elements of a block, counted from a tensor's start. Buckets and shards are cut at borders of blocks.
inline constexpr std::int64_t block_elements = 4096;

/// Blocks of a tensor of n elements; the last one may be short.
[[nodiscard]] constexpr std::int64_t blocks_of(std::int64_t n) noexcept { return (n + block_elements - 1) / block_elements; }

/// How the numbers of one block are summed: number i goes to partial sum i mod 16, and the sixteen are folded in halves.
struct partial_sums {
    static constexpr int width = 16;
    double value[width]        = {};

    /// Adds the squares of the block's next n numbers; n is a multiple of 16 in every call but the last.
    template <class T>
    ESPALIER_HOST_DEVICE() void add_squares(std::int64_t n, T const* x) {
        std::int64_t const whole = n / width * width;
        for (std::int64_t i = 0; i < whole; i += width)
            for (int v = 0; v < width; ++v) value[v] += static_cast<double>(x[i + v]) * static_cast<double>(x[i + v]);
        for (std::int64_t i = whole; i < n; ++i) value[i - whole] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    }
    /// The sum of all; the partial sums are overwritten.
    [[nodiscard]] ESPALIER_HOST_DEVICE() double folded() {
        for (int n = width / 2; n > 0; n /= 2)
            for (int v = 0; v < n; ++v) value[v] += value[v + n];
        return value[0];
    }
};

namespace detail {

/// The sum of the squares of one block.
template <class T>
struct sum_of_squares {
    std::int64_t n;
    T const* x;

    ESPALIER_HOST_DEVICE() double operator()(std::int64_t block) const {
        std::int64_t const left = n - block * block_elements;
        partial_sums sum;
        sum.add_squares(left < block_elements ? left : block_elements, x + block * block_elements);
        return sum.folded();
    }
};

}  // namespace detail

/// Writes the sum of squares of each block of a tensor, or of a piece of one that begins where a block does.
/// @par Shapes    x (n); out (blocks_of(n))
/// @par Cost      one pass over x; allocates nothing
/// @par Numerics  squares and sums in double: for float every square is exact, so that the bits depend on neither the
///                vector width nor fused multiply-add
/// @par Stream    that of Space's policy; synchronous on the host
template <MemorySpace Space = host, class T>
ESPALIER_NOINLINE() void block_squares(std::int64_t n, T const* x, double* out) {
    thrust::counting_iterator<std::int64_t> const first{0};
    thrust::transform(Space::policy(), first, first + blocks_of(n), out, detail::sum_of_squares<T>{n, x});
}

/// The sum of n numbers along the lane tree: split at the largest power of two below n.
/// @par Shapes    x (n); n below 2³¹
/// @par Cost      n − 1 additions; allocates nothing
[[nodiscard]] constexpr double tree_sum(std::int64_t n, double const* x) noexcept {
    if (n <= 0) return 0.0;
    if (n == 1) return x[0];
    std::int64_t const middle = split_of({0, static_cast<int>(n)});
    return tree_sum(middle, x) + tree_sum(n - middle, x + middle);
}

}  // namespace espalier::math

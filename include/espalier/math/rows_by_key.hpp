// SPDX-License-Identifier: BSL-1.0
/// @file
/// The gradient of a table whose rows were looked up: rows sorted by key, then summed key by key, without atomics.
/// Looking up, and what a key means, is the layer's (nn/token_embedding.hpp).
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/memory/space.hpp>

#include <algorithm>
#include <cstdint>

#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>

namespace espalier::math {

namespace detail {
/// Adds the rows of one key, in rising order, where position i is the first of its key.
template <class T>
struct add_rows_of_key {
    std::int64_t rows, cols;
    std::uint64_t const* sorted;  ///< key · 2³² + row
    T const* x;
    T* sums;

    ESPALIER_HOST_DEVICE() void operator()(std::int64_t i) const {
        std::uint64_t const key = sorted[i] >> 32;
        if (i > 0 && sorted[i - 1] >> 32 == key) return;
        T* ESPALIER_RESTRICT() const to = sums + static_cast<std::int64_t>(key) * cols;
        for (; i < rows && sorted[i] >> 32 == key; ++i) {
            T const* const from = x + static_cast<std::int64_t>(sorted[i] & 0xffffffffu) * cols;
            for (std::int64_t j = 0; j < cols; ++j) to[j] += from[j];
        }
    }
};
}  // namespace detail

/// Elements of workspace, in float or wider, that `add_rows_by_key` needs: 64 bits a row.
[[nodiscard]] constexpr std::int64_t key_workspace(std::int64_t rows) noexcept { return 2 * rows; }

/// sums[key(r)] += x[r] for every row r that has a key.
/// @param key  (row) -> the row's key, from 0 up, below 2³²; below 0: the row has none and is left out
/// @par Shapes    x (rows,cols), rows below 2³²; sums (any number of keys,cols); workspace 8-byte aligned
/// @par Cost      a sort in place and one pass over x; allocates nothing
/// @par Numerics  the rows of a key are added in rising order: keys could be summed side by side, and no atomics are needed
template <class T, class Key>
ESPALIER_NOINLINE() void add_rows_by_key(std::int64_t rows, std::int64_t cols, Key key, T const* x, T* sums, T* workspace) {
    auto* const sorted = reinterpret_cast<std::uint64_t*>(workspace);
    std::int64_t kept = 0;
    for (std::int64_t r = 0; r < rows; ++r)
        if (auto const k = key(r); !(k < 0)) sorted[kept++] = static_cast<std::uint64_t>(k) << 32 | static_cast<std::uint64_t>(r);
    std::sort(sorted, sorted + kept);
    thrust::counting_iterator<std::int64_t> const first{0};
    thrust::for_each(host::policy(), first, first + kept, detail::add_rows_of_key<T>{kept, cols, sorted, x, sums});
}

}  // namespace espalier::math

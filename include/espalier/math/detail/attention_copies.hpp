// SPDX-License-Identifier: BSL-1.0
/// @file
/// One head's rows, which lie far apart in a batch, brought close together for the tiles of attention, and back.
#pragma once

#include <espalier/core/config.hpp>

#include <cstdint>

namespace espalier::math::detail {

/// Queries, and keys, of one tile of scores.
inline constexpr std::int64_t attention_tile = 64;

/// Rows of a head: row r begins at first + r·stride.
template <class T>
struct rows_of {
    T* first;
    std::int64_t stride;

    [[nodiscard]] constexpr rows_of from(std::int64_t row) const noexcept { return {first + row * stride, stride}; }
};
template <class T>
using const_rows_of = rows_of<T const>;

/// to (rows,width) = factor · x, columns from d on 0.
/// @par Shapes    x (rows,d)
template <class T>
ESPALIER_NOINLINE() void copy_padded(std::int64_t rows, std::int64_t d, rows_of<T const> x, T factor, T* ESPALIER_RESTRICT() to, std::int64_t width) {
    for (std::int64_t r = 0; r < rows; ++r, to += width) {
        T const* const from = x.from(r).first;
        for (std::int64_t j = 0; j < d; ++j) to[j] = factor * from[j];
        for (std::int64_t j = d; j < width; ++j) to[j] = T{0};
    }
}

/// to (d,attention_tile) = xᵀ, columns from `rows` on 0.
/// @par Shapes    x (rows,width), rows at most attention_tile, of which the first d columns are taken
template <class T>
ESPALIER_NOINLINE() void copy_turned(std::int64_t rows, std::int64_t d, T const* x, std::int64_t width, T* ESPALIER_RESTRICT() to) {
    for (std::int64_t j = 0; j < d; ++j, to += attention_tile) {
        for (std::int64_t r = 0; r < rows; ++r) to[r] = x[r * width + j];
        for (std::int64_t r = rows; r < attention_tile; ++r) to[r] = T{0};
    }
}

/// y = factor · x without the padding.
/// @par Shapes    x (rows,width); y (rows,d)
template <class T>
ESPALIER_NOINLINE() void copy_back(std::int64_t rows, std::int64_t d, T const* ESPALIER_RESTRICT() x, std::int64_t width, T factor, rows_of<T> y) {
    for (std::int64_t r = 0; r < rows; ++r, x += width) {
        T* const to = y.from(r).first;
        for (std::int64_t j = 0; j < d; ++j) to[j] = factor * x[j];
    }
}

/// x[r] *= factor[r].
/// @par Shapes    factor (rows); x (rows,width)
template <class T>
ESPALIER_NOINLINE() void scale_rows(std::int64_t rows, std::int64_t width, T const* ESPALIER_RESTRICT() factor, T* ESPALIER_RESTRICT() x) {
    for (std::int64_t r = 0; r < rows; ++r, x += width)
        for (std::int64_t j = 0; j < width; ++j) x[j] *= factor[r];
}

}  // namespace espalier::math::detail

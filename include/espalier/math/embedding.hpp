// SPDX-License-Identifier: BSL-1.0
/// @file
/// Passes over the rows of embeddings: the sum of looked-up rows, positions, and the positions' gradient.
/// The gradient of a table that is looked up by key is math/rows_by_key.hpp.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/math/elementwise.hpp>

#include <cstdint>

namespace espalier::math {

/// y = a + b, one row.
/// @par Shapes    a, b, y (cols)
template <class T>
ESPALIER_INLINE() void add_rows(std::int64_t cols, T const* ESPALIER_RESTRICT() a, T const* ESPALIER_RESTRICT() b, T* ESPALIER_RESTRICT() y) {
    for (std::int64_t j = 0; j < cols; ++j) y[j] = a[j] + b[j];
}

/// Adds to each row of a step the position's row.
/// @par Shapes    position (steps,cols); y (steps,batch,cols)
template <class T>
ESPALIER_NOINLINE() void add_positions(std::int64_t steps, std::int64_t batch, std::int64_t cols, T const* position, T* y) {
    for (std::int64_t t = 0; t < steps; ++t) add_bias_rows(batch, cols, position + t * cols, y + t * batch * cols);
}

/// d_position[t] += Σ dy[t] over the batch.
/// @par Shapes    dy (steps,batch,cols); d_position (steps,cols)
template <class T>
ESPALIER_NOINLINE() void positions_backward(std::int64_t steps, std::int64_t batch, std::int64_t cols, T const* dy, T* d_position) {
    for (std::int64_t t = 0; t < steps; ++t) column_sums_add(batch, cols, dy + t * batch * cols, d_position + t * cols);
}

}  // namespace espalier::math

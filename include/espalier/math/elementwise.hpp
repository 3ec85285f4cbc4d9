// SPDX-License-Identifier: BSL-1.0
/// @file
/// Passes over arrays that layers need around their products: biases, column sums, activations, addition, a scan for NaN.
/// Each is one loop that the compiler vectorises; reductions over parameters are math/block_sum.hpp.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/math/functions.hpp>

#include <cstdint>
#include <limits>

namespace espalier::math {

/// Adds a bias to every row.
/// @par Shapes    bias (cols); y (rows,cols)
template <class T>
ESPALIER_NOINLINE() void add_bias_rows(std::int64_t rows, std::int64_t cols, T const* ESPALIER_RESTRICT() bias,
                                       T* ESPALIER_RESTRICT() y) {
    for (std::int64_t i = 0; i < rows; ++i, y += cols)
        for (std::int64_t j = 0; j < cols; ++j) y[j] += bias[j];
}

/// Adds the sum of each column to `out`: the gradient of a bias.
/// @par Shapes    x (rows,cols); out (cols)
/// @par Numerics  rows are added four at a time, ((x₀ + x₁) + (x₂ + x₃)), in order, then one by one: a function of rows alone
template <class T>
ESPALIER_NOINLINE() void column_sums_add(std::int64_t rows, std::int64_t cols, T const* ESPALIER_RESTRICT() x,
                                         T* ESPALIER_RESTRICT() out) {
    std::int64_t i = 0;
    for (; i + 4 <= rows; i += 4, x += 4 * cols)
        for (std::int64_t j = 0; j < cols; ++j) out[j] += (x[j] + x[cols + j]) + (x[2 * cols + j] + x[3 * cols + j]);
    for (; i < rows; ++i, x += cols)
        for (std::int64_t j = 0; j < cols; ++j) out[j] += x[j];
}

/// y = max(x, 0); NaN stays NaN.
/// @par Shapes    x, y (n), which may be the same array
template <class T>
ESPALIER_NOINLINE() void relu_forward(std::int64_t n, T const* x, T* y) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = x[i] < T{0} ? T{0} : x[i];
}

/// dx = dy where y > 0, else 0.
/// @par Shapes    y (forward's result), dy, dx (n); dy and dx may be the same array
template <class T>
ESPALIER_NOINLINE() void relu_backward(std::int64_t n, T const* y, T const* dy, T* dx) {
    for (std::int64_t i = 0; i < n; ++i) {
        T const d = dy[i];  // read in any case: a conditional load is not vectorised
        dx[i]     = y[i] > T{0} ? d : T{0};
    }
}

/// y = tanh x.
/// @par Shapes    x, y (n), which may be the same array
template <class T>
ESPALIER_NOINLINE() void tanh_forward(std::int64_t n, T const* x, T* y) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = math::tanh(x[i]);
}

/// dx = dy · (1 − y²).
/// @par Shapes    y (forward's result), dy, dx (n); dy and dx may be the same array
template <class T>
ESPALIER_NOINLINE() void tanh_backward(std::int64_t n, T const* y, T const* dy, T* dx) {
    for (std::int64_t i = 0; i < n; ++i) dx[i] = dy[i] * (T{1} - y[i] * y[i]);
}

/// y = y + x.
/// @par Shapes    x, y (n)
template <class T>
ESPALIER_NOINLINE() void add_to(std::int64_t n, T const* ESPALIER_RESTRICT() x, T* ESPALIER_RESTRICT() y) {
    for (std::int64_t i = 0; i < n; ++i) y[i] += x[i];
}

/// y = 0.
template <class T>
ESPALIER_NOINLINE() void fill_zero(std::int64_t n, T* y) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = T{0};
}

/// The first element that is NaN or infinite; −1 where there is none.
/// A block is judged by the sum of x − x, which is 0 for finite numbers and NaN for others, so that the scan is vectorised and
/// runs at the speed of memory.
template <class T>
[[nodiscard]] ESPALIER_NOINLINE() std::int64_t first_non_finite(std::int64_t n, T const* x) {
    constexpr std::int64_t block = 256, width = 16;
    for (std::int64_t start = 0; start < n; start += block) {
        std::int64_t const last = n - start < block ? n : start + block;
        T miss[width] = {};
        std::int64_t i = start;
        for (; i + width <= last; i += width)
            for (int v = 0; v < width; ++v) miss[v] += x[i + v] - x[i + v];
        T any = T{0};
        for (; i < last; ++i) any += x[i] - x[i];
        for (T const m : miss) any += m;
        if (any == T{0}) continue;
        for (i = start; i < last; ++i)
            if (!(x[i] - x[i] == T{0})) return i;
    }
    return -1;
}

}  // namespace espalier::math

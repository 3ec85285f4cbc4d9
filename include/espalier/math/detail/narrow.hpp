// SPDX-License-Identifier: BSL-1.0
/// @file
/// The built-in product where c has only a few columns: sums run along the long side of a instead of along the columns of c.
#pragma once

#include <espalier/math/detail/tile.hpp>
#include <espalier/math/product_shape.hpp>

#include <cstdint>

namespace espalier::math::detail {

/// The sum of a vector's elements in a fixed tree: halves are added to halves.
template <class T>
ESPALIER_INLINE() T sum_of(vector_t<T> const& v) {
    constexpr int width = lanes_in_vector<T>;
    T x[width];
    __builtin_memcpy(x, &v, sizeof x);
    for (int half = width / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) x[i] += x[i + half];
    return x[0];
}

/// Up to eight columns of c, where rows of a are contiguous: c[i][j] = Σ_p a[i][p] · b[j][p].
/// @par Shapes    a (m,k); b (Columns,k); c (m,n), the first Columns columns from `c` on
/// @par Numerics  one sum a vector lane, then a fixed tree, then the rest of k in order
template <int Columns, class T>
ESPALIER_NOINLINE() ESPALIER_WHOLE_VECTORS()
void dots(std::int64_t m, std::int64_t n, std::int64_t k, T const* a, T const* b, T* c, bool adds) {
    using vector        = vector_t<T>;
    constexpr int width = lanes_in_vector<T>;
    std::int64_t const whole = k / width * width;
    for (std::int64_t i = 0; i < m; ++i, a += k, c += n) {
        vector sum[Columns] = {};
        for (std::int64_t p = 0; p < whole; p += width) {
            vector x;
            __builtin_memcpy(&x, a + p, sizeof x);
            unrolled<Columns>([&](auto j) {
                vector y;
                __builtin_memcpy(&y, b + j * k + p, sizeof y);
                sum[j] += x * y;
            });
        }
        unrolled<Columns>([&](auto j) {
            T total = sum_of<T>(sum[j]);
            for (std::int64_t p = whole; p < k; ++p) total += a[p] * b[j * k + p];
            c[j] = (adds ? c[j] : T{0}) + total;
        });
    }
}

/// Up to eight columns of c, where a is stored (k,m): rows of a are read in order, eight at a time, and added to cᵀ.
/// @par Shapes    a (k,m); b (k,n), the first Columns columns from `b` on; ct (Columns,m), the first Columns columns of c
/// @par Numerics  each element is one sum over k in order
template <int Columns, class T>
ESPALIER_NOINLINE() ESPALIER_WHOLE_VECTORS()
void outers(std::int64_t m, std::int64_t n, std::int64_t k, T const* a, T const* b, T* ct) {
    using vector         = vector_t<T>;
    constexpr int width  = lanes_in_vector<T>;
    constexpr int stride = 8;  // rows of a that are read side by side
    std::int64_t const whole = m / width * width;
    for (std::int64_t p0 = 0; p0 < k; p0 += stride) {
        std::int64_t const rows = k - p0 < stride ? k - p0 : stride;
        T factor[Columns][stride] = {};
        for (int j = 0; j < Columns; ++j)
            for (std::int64_t p = 0; p < rows; ++p) factor[j][p] = b[(p0 + p) * n + j];
        T const* const block = a + p0 * m;
        auto const add_rows = [&](std::int64_t i, auto count) {
            vector sum[Columns];
            unrolled<Columns>([&](auto j) { __builtin_memcpy(&sum[j], ct + j * m + i, sizeof(vector)); });
            unrolled<decltype(count)::value>([&](auto p) {
                vector x;
                __builtin_memcpy(&x, block + p * m + i, sizeof x);
                unrolled<Columns>([&](auto j) { sum[j] += factor[j][p] * x; });
            });
            unrolled<Columns>([&](auto j) { __builtin_memcpy(ct + j * m + i, &sum[j], sizeof(vector)); });
        };
        if (rows == stride) {
            for (std::int64_t i = 0; i < whole; i += width) add_rows(i, std::integral_constant<int, stride>{});
        } else {
            for (std::int64_t p = 0; p < rows; ++p)
                for (int j = 0; j < Columns; ++j)
                    for (std::int64_t i = 0; i < whole; ++i) ct[j * m + i] += factor[j][p] * block[p * m + i];
        }
        for (std::int64_t i = whole; i < m; ++i)
            for (int j = 0; j < Columns; ++j)
                for (std::int64_t p = 0; p < rows; ++p) ct[j * m + i] += factor[j][p] * block[p * m + i];
    }
}

/// Calls f with min(columns, 8) as a constant, and again for the columns that are left.
template <class F>
void by_eight_columns(std::int64_t columns, F&& f) {
    for (std::int64_t j = 0; j < columns; j += 8) {
        unrolled<8>([&](auto less) {
            if (columns - j >= 8 ? less == 0 : columns - j == 8 - less) f(j, std::integral_constant<int, 8 - less>{});
        });
    }
}

}  // namespace espalier::math::detail

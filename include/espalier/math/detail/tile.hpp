// SPDX-License-Identifier: BSL-1.0
/// @file
/// The innermost kernel of the built-in product: a few rows of c by one panel of columns, summed in registers.
/// Blocking, packing and the choice of kernel are in product_builtin.hpp.
#pragma once

#include <espalier/math/detail/vector.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace espalier::math::detail {

/// Two vectors of columns by as many rows as leave registers for an operand (32 registers with AVX-512, 16 without).
inline constexpr int tile_rows    = vector_bytes == 64 ? 14 : 6;
inline constexpr int tile_vectors = 2;
template <class T>
inline constexpr int panel_columns = tile_vectors * lanes_in_vector<T>;

/// Where a tile's operands lie. An element of a is `a[row * a_row + p * a_step]`; a panel of b is `b[p * b_step + column]`.
template <class T>
struct tile_operands {
    T const* a;
    std::int64_t a_row, a_step;
    T const* b;
    std::int64_t b_step;
    std::int64_t depth;
};

/// Calls f with the constants 0 … N − 1, unrolled before anything else happens, so that arrays they index become registers.
template <int N, class F>
ESPALIER_INLINE() void unrolled(F&& f) {
    [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
        (f(std::integral_constant<int, I>{}), ...);
    }(std::make_integer_sequence<int, N>{});
}

/// c (Rows, panel_columns) = or += a (Rows, depth) · b (depth, panel_columns).
/// @par Numerics  each element is one sum over the depth in order, then one addition to c: its bits depend on neither the number
///                of rows nor the number of columns
template <int Rows, class T>
ESPALIER_NOINLINE() ESPALIER_WHOLE_VECTORS()
void tile(tile_operands<T> const& o, T* c, std::int64_t c_row, bool adds) {
    using vector        = vector_t<T>;
    constexpr int width = lanes_in_vector<T>;
    vector sum[Rows][tile_vectors] = {};
    T const* b = o.b;
    T const* a = o.a;
    for (std::int64_t p = 0; p < o.depth; ++p) {
        vector column[tile_vectors];
        unrolled<tile_vectors>([&](auto v) { __builtin_memcpy(&column[v], b + v * width, sizeof(vector)); });
        unrolled<Rows>([&](auto r) {
            T const x = a[r * o.a_row];
            unrolled<tile_vectors>([&](auto v) { sum[r][v] += x * column[v]; });
        });
        a += o.a_step;
        b += o.b_step;
    }
    unrolled<Rows>([&](auto r) {
        T* const to = c + r * c_row;
        unrolled<tile_vectors>([&](auto v) {
            vector before = {};
            if (adds) __builtin_memcpy(&before, to + v * width, sizeof(vector));
            before += sum[r][v];
            __builtin_memcpy(to + v * width, &before, sizeof(vector));
        });
    });
}

/// The tile with that many rows, 1 … tile_rows.
template <int Rows = tile_rows, class T>
void tile_with(std::int64_t rows, tile_operands<T> const& o, T* c, std::int64_t c_row, bool adds) {
    if constexpr (Rows > 1) {
        if (rows < Rows) return tile_with<Rows - 1>(rows, o, c, c_row, adds);
    }
    tile<Rows>(o, c, c_row, adds);
}

/// to = or += the first n < panel_columns numbers of `edge`, in pieces of halving size, each of which is one vector operation.
template <class T>
ESPALIER_INLINE() void put_part(T const* edge, T* to, std::int64_t n, bool adds) {
    unrolled<8>([&](auto level) {
        constexpr int piece = panel_columns<T> >> (decltype(level)::value + 1);
        if constexpr (piece > 0) {
            if ((n & piece) != 0) {
                if (adds)
                    for (int i = 0; i < piece; ++i) to[i] += edge[i];
                else
                    for (int i = 0; i < piece; ++i) to[i] = edge[i];
                edge += piece, to += piece;
            }
        }
    });
}

/// A tile whose panel sticks out of c: only its first `columns` columns are written.
template <class T>
ESPALIER_NOINLINE()
void tile_at_edge(std::int64_t rows, tile_operands<T> const& o, T* c, std::int64_t c_row, std::int64_t columns, bool adds) {
    alignas(64) T whole[tile_rows * panel_columns<T>];
    tile_with<>(rows, o, whole, panel_columns<T>, false);
    for (std::int64_t r = 0; r < rows; ++r) put_part(whole + r * panel_columns<T>, c + r * c_row, columns, adds);
}

}  // namespace espalier::math::detail

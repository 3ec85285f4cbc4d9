// SPDX-License-Identifier: BSL-1.0
/// @file
/// The built-in product: blocking and packing around the tiles, and the choice of a kernel by shape.
#pragma once

#include <espalier/math/detail/narrow.hpp>
#include <espalier/math/detail/tile.hpp>
#include <espalier/math/product_shape.hpp>
#include <espalier/memory/buffer.hpp>

#include <algorithm>
#include <cstdint>

namespace espalier::math::detail {

/// One product in plain C++. b is either packed once or, block by block, in each call.
/// ```
///        n                 for blocks of columns
///      ┌────┬────┐           for blocks of k, in order
///    k │ b  │    │             pack the block of b into panels, unless it is packed
///      ├────┼────┤             for blocks of rows (transposed a: packed into strips)
///      └────┴────┘               for strips of rows, for panels: c's tile += a's strip · panel
/// ```
/// @par Numerics  sums of at most 256 products, added in the order of k: rows and columns of c may be split at will, with one
///                exception, c of up to `narrow_columns` columns, which has kernels (and bits) of its own
template <class T>
class builtin_product {
public:
    builtin_product() = default;
    builtin_product(product_shape const& s, bool packs_once)
        : s_{s}, way_{s.n > narrow_columns ? way::tiles : s.transpose_a ? way::outers : way::dots} {
        if (s.m <= 0 || s.n <= 0 || s.k <= 0) return;
        switch (way_) {
            case way::tiles:
                b_ = buffer<T>{packs_once ? packed_elements(s.k, s.n)
                                          : packed_elements(std::min(s.k, block_depth), std::min(s.n, block_columns))};
                if (s.transpose_a) {
                    std::int64_t const strips = (s.m + tile_rows - 1) / tile_rows;
                    a_ = buffer<T>{std::min(s.k, block_depth) * std::min(block_rows, strips * tile_rows)};
                }
                break;
            case way::dots:
                if (packs_once || !s.transpose_b) b_ = buffer<T>{s.k * s.n};
                break;
            case way::outers:
                if (packs_once || s.transpose_b) b_ = buffer<T>{s.k * s.n};
                a_ = buffer<T>{s.m * s.n};
                break;
        }
    }

    [[nodiscard]] std::size_t workspace_bytes() const { return static_cast<std::size_t>(a_.size() + b_.size()) * sizeof(T); }

    void pack(T const* b) {
        if (b_.size() == 0) return;
        switch (way_) {
            case way::tiles: {
                T* to = b_.data();
                over_blocks([&](std::int64_t j0, std::int64_t columns, std::int64_t p0, std::int64_t depth) {
                    pack_block(b, j0, columns, p0, depth, to);
                    to += packed_elements(depth, columns);
                });
                break;
            }
            case way::dots: arrange(b, true); break;
            case way::outers: arrange(b, false); break;
        }
    }

    /// @param b null where it was packed
    void operator()(T const* a, T const* b, T* c) const {
        if (s_.m <= 0 || s_.n <= 0) return;
        if (s_.k <= 0) {
            if (!s_.accumulate) std::fill_n(c, s_.m * s_.n, T{0});
            return;
        }
        switch (way_) {
            case way::tiles: multiply_tiles(a, b, c); break;
            case way::dots: multiply_dots(a, b, c); break;
            case way::outers: multiply_outers(a, b, c); break;
        }
    }

    static constexpr std::int64_t narrow_columns = 8;

private:
    enum class way { tiles, dots, outers };
    static constexpr std::int64_t block_depth   = 256;
    static constexpr std::int64_t block_columns = 512;
    static constexpr std::int64_t block_rows    = 20 * tile_rows;  // AVX-512: 280 · 256 floats stay in a second-level cache

    [[nodiscard]] static constexpr std::int64_t packed_elements(std::int64_t depth, std::int64_t columns) {
        return depth * ((columns + panel_columns<T> - 1) / panel_columns<T>) * panel_columns<T>;
    }

    template <class F>
    void over_blocks(F&& f) const {
        for (std::int64_t j0 = 0; j0 < s_.n; j0 += block_columns)
            for (std::int64_t p0 = 0; p0 < s_.k; p0 += block_depth)
                f(j0, std::min(block_columns, s_.n - j0), p0, std::min(block_depth, s_.k - p0));
    }

    /// (depth, columns) of op(b) as panels (panel, depth, panel_columns), the last one filled with zeros.
    void pack_block(T const* b, std::int64_t j0, std::int64_t columns, std::int64_t p0, std::int64_t depth, T* to) const {
        constexpr std::int64_t width = panel_columns<T>;
        for (std::int64_t j = j0; j < j0 + columns; j += width, to += depth * width) {
            std::int64_t const here = std::min(width, j0 + columns - j);
            if (s_.transpose_b) {
                if (here < width) std::fill_n(to, depth * width, T{0});
                for (std::int64_t q = 0; q < here; ++q)
                    for (std::int64_t p = 0; p < depth; ++p) to[p * width + q] = b[(j + q) * s_.k + p0 + p];
            } else {
                for (std::int64_t p = 0; p < depth; ++p) {
                    std::copy_n(b + (p0 + p) * s_.n + j, here, to + p * width);
                    std::fill_n(to + p * width + here, width - here, T{0});
                }
            }
        }
    }

    /// b as (n,k) where `columns_contiguous`, else as (k,n).
    void arrange(T const* b, bool columns_contiguous) const {
        T* const to = b_.data();
        if (s_.transpose_b == columns_contiguous) {
            std::copy_n(b, s_.k * s_.n, to);
        } else {
            std::int64_t const rows = s_.transpose_b ? s_.n : s_.k, columns = s_.transpose_b ? s_.k : s_.n;
            for (std::int64_t i = 0; i < rows; ++i)
                for (std::int64_t j = 0; j < columns; ++j) to[j * rows + i] = b[i * columns + j];
        }
    }

    void multiply_tiles(T const* a, T const* b, T* c) const {
        T const* packed = b_.data();
        over_blocks([&](std::int64_t j0, std::int64_t columns, std::int64_t p0, std::int64_t depth) {
            if (b != nullptr) pack_block(b, j0, columns, p0, depth, b_.data());
            for (std::int64_t i0 = 0; i0 < s_.m; i0 += block_rows) {
                std::int64_t const rows = std::min(block_rows, s_.m - i0);
                if (s_.transpose_a) pack_rows(a, i0, rows, p0, depth);
                for (std::int64_t i = 0; i < rows; i += tile_rows) {
                    tile_operands<T> o{a + (i0 + i) * s_.k + p0, s_.k, 1, packed, panel_columns<T>, depth};
                    if (s_.transpose_a) o.a = a_.data() + i * depth, o.a_row = 1, o.a_step = tile_rows;
                    bool const adds          = s_.accumulate || p0 > 0;
                    std::int64_t const strip = std::min<std::int64_t>(tile_rows, rows - i);
                    T* to = c + (i0 + i) * s_.n + j0;
                    std::int64_t left = columns;
                    for (; left >= panel_columns<T>; left -= panel_columns<T>) {
                        tile_with<>(strip, o, to, s_.n, adds);
                        o.b += depth * panel_columns<T>, to += panel_columns<T>;
                    }
                    if (left > 0) tile_at_edge(strip, o, to, s_.n, left, adds);
                }
            }
            if (b == nullptr) packed += packed_elements(depth, columns);
        });
    }

    /// (depth, rows) of the transposed a as strips (strip, depth, tile_rows). Rows of a are read in order: a strip at a time
    /// would touch each of them for a few bytes only.
    void pack_rows(T const* a, std::int64_t i0, std::int64_t rows, std::int64_t p0, std::int64_t depth) const {
        for (std::int64_t p = 0; p < depth; ++p) {
            T const* from = a + (p0 + p) * s_.m + i0;
            T* to         = a_.data() + p * tile_rows;
            std::int64_t i = 0;
            for (; i + tile_rows <= rows; i += tile_rows, from += tile_rows, to += depth * tile_rows)
                __builtin_memcpy(to, from, tile_rows * sizeof(T));
            for (std::int64_t r = 0; i + r < rows; ++r) to[r] = from[r];
        }
    }

    void multiply_dots(T const* a, T const* b, T* c) const {
        if (b != nullptr && !s_.transpose_b) arrange(b, true);
        T const* const bt = b != nullptr && s_.transpose_b ? b : b_.data();  // (n,k)
        by_eight_columns(s_.n, [&](std::int64_t j, auto count) {
            dots<decltype(count)::value>(s_.m, s_.n, s_.k, a, bt + j * s_.k, c + j, s_.accumulate);
        });
    }

    void multiply_outers(T const* a, T const* b, T* c) const {
        if (b != nullptr && s_.transpose_b) arrange(b, false);
        T const* const rows_of_b = b != nullptr && !s_.transpose_b ? b : b_.data();  // (k,n)
        T* const ct = a_.data();                                     // (n,m)
        std::fill_n(ct, s_.m * s_.n, T{0});
        by_eight_columns(s_.n, [&](std::int64_t j, auto count) {
            outers<decltype(count)::value>(s_.m, s_.n, s_.k, a, rows_of_b + j, ct + j * s_.m);
        });
        for (std::int64_t i = 0; i < s_.m; ++i)
            for (std::int64_t j = 0; j < s_.n; ++j) c[i * s_.n + j] = (s_.accumulate ? c[i * s_.n + j] : T{0}) + ct[j * s_.m + i];
    }

    product_shape s_{};
    way way_ = way::tiles;
    mutable buffer<T> a_, b_;
};

}  // namespace espalier::math::detail

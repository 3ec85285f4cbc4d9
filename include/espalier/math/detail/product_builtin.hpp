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
///        n                 for column blocks (b's block fits the second-level cache)
///      ┌────┬────┐           for blocks of k, in order
///    k │ b  │    │             pack the block of b into panels, unless it is packed
///      ├────┼────┤             for rows of c, a tile's height at a time (transposed a: packed)
///      └────┴────┘               for panels: c's tile += a's rows · panel
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
                b_ = buffer<T>{packs_once ? packed_elements(s.k, s.n) : packed_elements(std::min(s.k, block_depth), std::min(s.n, block_columns))};
                if (s.transpose_a) a_ = buffer<T>{block_depth * tile_rows};
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
    static constexpr std::int64_t block_columns = 512;  // 256 · 512 floats are half a second-level cache of 1 MB

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
            for (std::int64_t i = 0; i < s_.m; i += tile_rows) {
                std::int64_t const rows = std::min<std::int64_t>(tile_rows, s_.m - i);
                tile_operands<T> o{a + i * s_.k + p0, s_.k, 1, packed, panel_columns<T>, depth};
                if (s_.transpose_a) {
                    T* const to = a_.data();
                    for (std::int64_t p = 0; p < depth; ++p) std::copy_n(a + (p0 + p) * s_.m + i, rows, to + p * tile_rows);
                    o.a = to, o.a_row = 1, o.a_step = tile_rows;
                }
                for (std::int64_t j = 0; j < columns; j += panel_columns<T>, o.b += depth * panel_columns<T>)
                    tile_with<>(rows, o, c + i * s_.n + j0 + j, s_.n, std::min<std::int64_t>(panel_columns<T>, columns - j),
                                s_.accumulate || p0 > 0);
            }
            if (b == nullptr) packed += packed_elements(depth, columns);
        });
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

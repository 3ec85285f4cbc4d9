// SPDX-License-Identifier: BSL-1.0
/// @file
/// The products of a self-attention layer that make queries, keys and values, built once for a shape and a batch.
#pragma once

#include <espalier/math/elementwise.hpp>
#include <espalier/math/product.hpp>
#include <espalier/nn/layer.hpp>

namespace espalier::detail {

/// True where the three weights lie in the parameters without a gap, which the alignment of tensors would leave otherwise.
template <std::int64_t Hidden, std::int64_t Width>
inline constexpr bool attention_is_joined = Hidden * Width % 16 == 0;

/// Elements from one row of queries to the next: queries, keys and values lie side by side (R,3,W) where one product makes them
/// all, else one after the other (3,R,W).
template <std::int64_t Hidden, std::int64_t Width>
inline constexpr std::int64_t attention_row = attention_is_joined<Hidden, Width> ? 3 * Width : Width;

/// One product with the three weights as one matrix, or three where they do not lie together.
/// @par Shapes    R = T·B rows; H hidden features; W features of all heads; P features a product gives: 3W or W
template <class T, std::int64_t Hidden, std::int64_t Width>
class attention_products {
public:
    attention_products(shape in, std::int64_t batch, direction way) : rows_{in.rows() * batch} {
        for (int i = 0; i < products; ++i) forward_[i] = math::packed_product<T>{{.m = rows_, .n = columns, .k = Hidden, .transpose_b = true}};
        if (way == direction::forward_only) return;
        for (int i = 0; i < products; ++i) d_input_[i] = math::packed_product<T>{{.m = rows_, .n = Hidden, .k = columns, .accumulate = i > 0}};
        d_weight_ = math::product<T>{{.m = columns, .n = Hidden, .k = rows_, .transpose_a = true, .accumulate = true}};
        trains_   = true;
    }
    void pack(layer_weights<T> const& w) {
        for (int i = 0; i < products; ++i) {
            forward_[i].pack(w.weight(i));
            if (trains_) d_input_[i].pack(w.weight(i));
        }
    }
    [[nodiscard]] std::size_t workspace_bytes() const {
        std::size_t bytes = d_weight_.workspace_bytes();
        for (int i = 0; i < products; ++i) bytes += forward_[i].workspace_bytes() + d_input_[i].workspace_bytes();
        return bytes;
    }
    /// Elements from queries to keys, and from keys to values.
    [[nodiscard]] std::int64_t part() const noexcept { return is_joined ? Width : rows_ * Width; }

    void project(forward_pass<T> const& p, T* qkv) const {  // (R,H) (P,H)ᵀ -> (R,P)
        for (int i = 0; i < products; ++i) {
            T* const to = qkv + i * rows_ * Width;
            forward_[i](p.x, to);
            if constexpr (is_joined) add_three_biases(p.weight(3), p.weight(4), p.weight(5), to);
            else math::add_bias_rows(rows_, Width, p.weight(3 + i), to);
        }
    }
    void d_input(T const* d_qkv, T* dx) const {  // (R,P) (P,H) -> (R,H)
        for (int i = 0; i < products; ++i) d_input_[i](d_qkv + i * rows_ * Width, dx);
    }
    void d_weights(backward_pass<T> const& p, T const* d_qkv) const {  // (R,P)ᵀ (R,H) -> += (P,H)
        for (int i = 0; i < products; ++i) d_weight_(d_qkv + i * rows_ * Width, p.x, p.gradient(i));
        for (int i = 0; i < 3; ++i) column_sums(d_qkv + i * part(), p.gradient(3 + i));
    }

private:
    static constexpr bool is_joined       = attention_is_joined<Hidden, Width>;
    static constexpr int products         = is_joined ? 1 : 3;
    static constexpr std::int64_t columns = 3 * Width / products;
    static constexpr std::int64_t row     = attention_row<Hidden, Width>;

    ESPALIER_NOINLINE() void add_three_biases(T const* q, T const* k, T const* v, T* ESPALIER_RESTRICT() y) const {
        for (std::int64_t i = 0; i < rows_; ++i, y += 3 * Width)
            for (std::int64_t j = 0; j < Width; ++j) y[j] += q[j], y[Width + j] += k[j], y[2 * Width + j] += v[j];
    }
    /// Rows in order, four at a time, as math::column_sums_add, but rows `row` apart.
    ESPALIER_NOINLINE() void column_sums(T const* ESPALIER_RESTRICT() x, T* ESPALIER_RESTRICT() out) const {
        std::int64_t i = 0;
        for (; i + 4 <= rows_; i += 4, x += 4 * row)
            for (std::int64_t j = 0; j < Width; ++j) out[j] += (x[j] + x[row + j]) + (x[2 * row + j] + x[3 * row + j]);
        for (; i < rows_; ++i, x += row)
            for (std::int64_t j = 0; j < Width; ++j) out[j] += x[j];
    }

    std::int64_t rows_;
    math::packed_product<T> forward_[products], d_input_[products];
    math::product<T> d_weight_;
    bool trains_ = false;
};

}  // namespace espalier::detail

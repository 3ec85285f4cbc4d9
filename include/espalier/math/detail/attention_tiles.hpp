// SPDX-License-Identifier: BSL-1.0
/// @file
/// One head of one sample: scores in tiles, softmax down the columns of a tile, and the products between tiles.
/// Which heads there are and where they lie is math/attention.hpp.
#pragma once

#include <espalier/math/detail/attention_copies.hpp>
#include <espalier/math/detail/softmax_tile.hpp>
#include <espalier/math/detail/tile.hpp>

#include <algorithm>
#include <cstdint>

namespace espalier::math::detail {

/// c (rows,columns) = or += a (rows,depth) · b (depth,columns), all of which stay in the first-level cache.
/// @par Shapes    an element of a is a[row·a_row + p·a_step]; rows of b are b_row apart, rows of c c_row; columns are whole panels
template <class T>
void tile_product(std::int64_t rows, std::int64_t columns, tile_operands<T> o, T* c, std::int64_t c_row, bool adds) {
    T const* const b = o.b;
    for (std::int64_t i = 0; i < rows; i += tile_rows, o.a += tile_rows * o.a_row, c += tile_rows * c_row)
        for (std::int64_t j = 0; j < columns; j += panel_columns<T>) {
            o.b = b + j;
            tile_with<>(std::min<std::int64_t>(tile_rows, rows - i), o, c + j, c_row, adds);
        }
}

/// The arrays of one head, offsets from the start of the workspace. `w` is d rounded up to whole panels of columns.
/// ```
///   whole sequence            one tile of queries                       one tile of scores, keys down, queries across
///   k v dk dv (S,w)           q dy out (64,w)   q_t dy_t (d,64)         score slope (64,64)
/// ```
struct attention_arrays {
    std::int64_t features, width;
    std::int64_t keep, k, v, dk, dv, q, dy, out, q_t, dy_t, score, slope, top, sum, factor, end;

    constexpr attention_arrays(std::int64_t steps, std::int64_t d)
        : features{d}, width{(d + panel_columns<float> - 1) / panel_columns<float> * panel_columns<float>} {
        std::int64_t const sequence = steps * width, tile = attention_tile * width, turned = attention_tile * d;
        std::int64_t const scores = attention_tile * attention_tile;
        std::int64_t next = 0;
        auto const take   = [&next](std::int64_t n) {
            std::int64_t const first = next;
            next += (n + 15) / 16 * 16;
            return first;
        };
        keep = take(steps);
        k = take(sequence), v = take(sequence), dk = take(sequence), dv = take(sequence);
        q = take(tile), dy = take(tile), out = take(tile), q_t = take(turned), dy_t = take(turned);
        score = take(scores), slope = take(scores);
        top = take(attention_tile), sum = take(attention_tile), factor = take(attention_tile);
        end = next;
    }
    [[nodiscard]] static constexpr std::int64_t elements(std::int64_t steps, std::int64_t d) { return attention_arrays{steps, d}.end; }
};

/// One head of one sample. Scores are kept transposed, a row a key: maxima and sums over keys then run down the columns, whole
/// vectors of queries at a time, and no product needs its operand turned but by the queries' own.
template <class T>
class attention_head {
public:
    attention_head(std::int64_t steps, std::int64_t features, std::int64_t row, T const* q, T const* k, T const* v, T* log_sums, T* workspace)
        : steps_{steps}, at_{steps, features}, q_{q, row}, k_{k, row}, v_{v, row}, log_sums_{log_sums}, work_{workspace},
          scale_{T{1} / math::square_root(static_cast<T>(features))} {}

    void forward(rows_of<T> y) const {
        copy_keys_and_values();
        for (std::int64_t first = 0; first < steps_; first += attention_tile) {
            std::int64_t const queries = std::min(attention_tile, steps_ - first);
            copy_queries(queries, q_.from(first), scale_, at_.q, at_.q_t);
            start_softmax(in(at_.top), in(at_.sum));
            for (std::int64_t key = 0; key < steps_; key += attention_tile) {
                std::int64_t const keys = std::min(attention_tile, steps_ - key);
                score(key, keys);
                extend_softmax(keys, in(at_.keep) + key, in(at_.score), in(at_.top), in(at_.sum), in(at_.factor));
                if (key > 0) scale_rows(queries, at_.width, in(at_.factor), in(at_.out));
                product_by_queries(at_.score, queries, keys, at_.v + key * at_.width, key > 0);
            }
            finish_softmax(queries, in(at_.top), in(at_.sum), in(at_.factor), log_sums_ + first);
            scale_rows(queries, at_.width, in(at_.factor), in(at_.out));
            copy_back(queries, at_.features, in(at_.out), at_.width, T{1}, y.from(first));
        }
    }

    /// dq, dk and dv may be where q, k and v are: a tile of queries is read for the last time before its gradient is written.
    void backward(const_rows_of<T> y, const_rows_of<T> dy, rows_of<T> dq, rows_of<T> dk, rows_of<T> dv) const {
        copy_keys_and_values();
        for (std::int64_t first = 0; first < steps_; first += attention_tile) {
            std::int64_t const queries = std::min(attention_tile, steps_ - first);
            copy_queries(queries, q_.from(first), scale_, at_.q, at_.q_t);
            copy_queries(queries, dy.from(first), T{1}, at_.dy, at_.dy_t);
            prepare_queries(queries, at_.features, y.from(first), dy.from(first), log_sums_ + first, in(at_.top), in(at_.sum));
            for (std::int64_t key = 0; key < steps_; key += attention_tile) {
                std::int64_t const keys = std::min(attention_tile, steps_ - key);
                score(key, keys);
                tile_product<T>(keys, attention_tile, {in(at_.v) + key * at_.width, at_.width, 1, in(at_.dy_t), attention_tile, at_.features},
                                in(at_.slope), attention_tile, false);
                softmax_slope(keys, in(at_.keep) + key, in(at_.top), in(at_.sum), in(at_.score), in(at_.slope));
                product_by_keys(at_.score, keys, queries, at_.dy, at_.dv + key * at_.width, first > 0);
                product_by_keys(at_.slope, keys, queries, at_.q, at_.dk + key * at_.width, first > 0);
                product_by_queries(at_.slope, queries, keys, at_.k + key * at_.width, key > 0);
            }
            copy_back(queries, at_.features, in(at_.out), at_.width, scale_, dq.from(first));
        }
        copy_back(steps_, at_.features, in(at_.dk), at_.width, T{1}, dk);
        copy_back(steps_, at_.features, in(at_.dv), at_.width, T{1}, dv);
    }

private:
    [[nodiscard]] T* in(std::int64_t array) const noexcept { return work_ + array; }

    void copy_keys_and_values() const {
        copy_padded(steps_, at_.features, k_, T{1}, in(at_.k), at_.width);
        copy_padded(steps_, at_.features, v_, T{1}, in(at_.v), at_.width);
    }
    void copy_queries(std::int64_t queries, const_rows_of<T> x, T factor, std::int64_t to, std::int64_t turned) const {
        copy_padded(queries, at_.features, x, factor, in(to), at_.width);
        copy_turned(queries, at_.features, in(to), at_.width, in(turned));
    }
    void score(std::int64_t key, std::int64_t keys) const {  // (keys,d) (d,64) -> (keys,64)
        tile_product<T>(keys, attention_tile, {in(at_.k) + key * at_.width, at_.width, 1, in(at_.q_t), attention_tile, at_.features},
                        in(at_.score), attention_tile, false);
    }
    /// out (queries,w) = or += tileᵀ · rows (keys,w)
    void product_by_queries(std::int64_t tile, std::int64_t queries, std::int64_t keys, std::int64_t rows, bool adds) const {
        tile_product<T>(queries, at_.width, {in(tile), 1, attention_tile, in(rows), at_.width, keys}, in(at_.out), at_.width, adds);
    }
    /// to (keys,w) = or += tile · rows (queries,w)
    void product_by_keys(std::int64_t tile, std::int64_t keys, std::int64_t queries, std::int64_t rows, std::int64_t to, bool adds) const {
        tile_product<T>(keys, at_.width, {in(tile), attention_tile, 1, in(rows), at_.width, queries}, in(to), at_.width, adds);
    }

    std::int64_t steps_;
    attention_arrays at_;
    const_rows_of<T> q_, k_, v_;
    T* log_sums_;
    T* work_;
    T scale_;
};

}  // namespace espalier::math::detail

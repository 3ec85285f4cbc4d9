// SPDX-License-Identifier: BSL-1.0
/// @file
/// Softmax over a tile of scores that is stored keys down, queries across: all arithmetic is on whole vectors of queries.
/// A tile may be one of several; the largest score and the sum of a query are carried from one to the next.
#pragma once

#include <espalier/math/detail/attention_copies.hpp>
#include <espalier/math/detail/lstm_block.hpp>
#include <espalier/math/functions.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace espalier::math::detail {

/// eˣ for x that is at most a little above 0; below −87 it stays e⁻⁸⁷ in float.
template <class V>
ESPALIER_INLINE() V exp_of_score(V const& x) {
    if constexpr (std::is_same_v<V, double>) return math::exp(x);
    else return exp_inside<V>(at_least<V>(-87.0f, x));
}

/// Below every score, and finite: the difference of two of them is no NaN.
template <class T>
inline constexpr T lowest_score = -std::numeric_limits<T>::max() / 4;

/// keep[s] = 1 where key s counts, else 0.
template <class T>
void attention_keys(std::int64_t steps, T const* mask, std::int64_t stride, T* keep) {
    for (std::int64_t s = 0; s < steps; ++s) keep[s] = mask == nullptr || mask[s * stride] != T{0} ? T{1} : T{0};
}

template <class T>
void start_softmax(T* top, T* sum) {
    for (std::int64_t i = 0; i < attention_tile; ++i) top[i] = lowest_score<T>, sum[i] = T{0};
}

/// Queries whose scores fill a vector.
template <class T>
inline constexpr auto queries_in_vector = static_cast<std::int64_t>(sizeof(typename cell_vector<T>::type) / sizeof(T));

/// Turns scores into e^(score − largest so far), and sums them.
/// @par Shapes    score (keys,64); keep (keys); top, sum, factor (64): the largest score and the sum, so far; factor: by what earlier
///                values of a query are to be multiplied
template <class T>
ESPALIER_NOINLINE() ESPALIER_WHOLE_VECTORS()
void extend_softmax(std::int64_t keys, T const* keep, T* score, T* top, T* sum, T* factor) {
    using V          = typename cell_vector<T>::type;
    constexpr auto n = queries_in_vector<T>;
    for (std::int64_t u = 0; u < attention_tile; u += n) {
        V const before = load<V>(top + u, n);
        V largest = before;
        for (std::int64_t i = 0; i < keys; ++i) {
            if (keep[i] == T{0}) continue;
            V const s = load<V>(score + i * attention_tile + u, n);
            largest   = largest < s ? s : largest;
        }
        V const scale = exp_of_score<V>(before - largest);
        V total = load<V>(sum + u, n) * scale;
        for (std::int64_t i = 0; i < keys; ++i) {
            T* const at = score + i * attention_tile + u;
            V value     = {};
            if (keep[i] != T{0}) value = exp_of_score<V>(load<V>(at, n) - largest);
            store<V>(value, at, n);
            total = total + value;
        }
        store<V>(scale, factor + u, n);
        store<V>(largest, top + u, n);
        store<V>(total, sum + u, n);
    }
}

/// factor = 1 / sum; log_sums = largest score + log of the sum. A query without keys has factor 0.
template <class T>
void finish_softmax(std::int64_t queries, T const* top, T const* sum, T* factor, T* log_sums) {
    for (std::int64_t i = 0; i < queries; ++i) {
        bool const is_empty = sum[i] == T{0};
        factor[i]           = is_empty ? T{0} : T{1} / sum[i];
        log_sums[i]         = is_empty ? T{0} : top[i] + std::log(sum[i]);
    }
}

/// What the way back needs of each query: its log-sum, and Σ y·dy. Queries that fill up a tile get zeros.
/// @par Shapes    y, dy (queries,d); log_sums (queries); log_sum, shift (64)
template <class T>
ESPALIER_NOINLINE()
void prepare_queries(std::int64_t queries, std::int64_t d, rows_of<T const> y, rows_of<T const> dy, T const* log_sums, T* log_sum, T* shift) {
    constexpr std::int64_t width = 16;
    for (std::int64_t i = 0; i < attention_tile; ++i) {
        T part[width] = {};
        if (i < queries) {
            T const *const a = y.from(i).first, *const b = dy.from(i).first;
            std::int64_t j = 0;
            for (; j + width <= d; j += width)
                for (std::int64_t v = 0; v < width; ++v) part[v] += a[j + v] * b[j + v];
            for (; j < d; ++j) part[0] += a[j] * b[j];
        }
        for (std::int64_t middle = width / 2; middle > 0; middle /= 2)
            for (std::int64_t v = 0; v < middle; ++v) part[v] += part[v + middle];
        shift[i]   = part[0];
        log_sum[i] = i < queries ? log_sums[i] : T{0};
    }
}

/// Turns scores into probabilities p = e^(score − log-sum), and slope, which holds d loss / d p, into p · (slope − shift).
/// @par Shapes    score, slope (keys,64); keep (keys); log_sum, shift (64)
template <class T>
ESPALIER_NOINLINE() ESPALIER_WHOLE_VECTORS()
void softmax_slope(std::int64_t keys, T const* keep, T const* log_sum, T const* shift, T* score, T* slope) {
    using V          = typename cell_vector<T>::type;
    constexpr auto n = queries_in_vector<T>;
    for (std::int64_t u = 0; u < attention_tile; u += n) {
        V const log_total = load<V>(log_sum + u, n), less = load<V>(shift + u, n);
        for (std::int64_t i = 0; i < keys; ++i) {
            T *const p = score + i * attention_tile + u, *const d = slope + i * attention_tile + u;
            V value = {}, change = {};
            if (keep[i] != T{0}) {
                value  = exp_of_score<V>(load<V>(p, n) - log_total);
                change = value * (load<V>(d, n) - less);
            }
            store<V>(value, p, n);
            store<V>(change, d, n);
        }
    }
}

}  // namespace espalier::math::detail

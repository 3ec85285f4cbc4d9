// SPDX-License-Identifier: BSL-1.0
/// @file
/// The LSTM cell on one vector of units, and on one sample's row of units.
/// Every unit is computed by the same instructions, whether a row is a whole number of vectors or not.
#pragma once

#include <espalier/math/detail/lstm_gates.hpp>

#include <cstdint>
#include <type_traits>

namespace espalier::math::detail {

/// What the cell's formulas run on: a vector of floats; doubles, which serve in checks, one by one.
template <class T>
struct cell_vector {
    using type = T;
};
template <>
struct cell_vector<float> {
    using type = vector_t<float>;
};

/// Calls f(offset, constant) for pieces of n < 2·Half elements in halving sizes, so that each piece is a copy of fixed size.
template <int Half, class F>
ESPALIER_INLINE() void in_pieces(std::int64_t n, F&& f) {
    if constexpr (Half > 0) {
        if ((n & Half) != 0) f(n & ~std::int64_t{2 * Half - 1}, std::integral_constant<int, Half>{});
        in_pieces<Half / 2>(n, f);
    }
}
/// A vector of the first `n` elements from memory, n ≤ width; the others are 0.
template <class V, class T>
ESPALIER_INLINE() V load(T const* from, std::int64_t n) {
    constexpr int width = sizeof(V) / sizeof(T);
    V v = {};
    if (n == width) {
        __builtin_memcpy(&v, from, sizeof v);
    } else {
        T part[width] = {};
        in_pieces<width / 2>(n, [&](std::int64_t at, auto piece) { __builtin_memcpy(part + at, from + at, sizeof(T) * piece); });
        __builtin_memcpy(&v, part, sizeof v);
    }
    return v;
}
template <class V, class T>
ESPALIER_INLINE() void store(V const& v, T* to, std::int64_t n) {
    constexpr int width = sizeof(V) / sizeof(T);
    if (n == width) {
        __builtin_memcpy(to, &v, sizeof v);
    } else {
        T part[width];
        __builtin_memcpy(part, &v, sizeof v);
        in_pieces<width / 2>(n, [&](std::int64_t at, auto piece) { __builtin_memcpy(to + at, part + at, sizeof(T) * piece); });
    }
}

/// Calls block(u, n) for the vectors of a row. Where the row ends inside a vector, the last vector overlaps the one before: what
/// it reads is kept before anything is overwritten in place, and what both compute has the same bits. Rows shorter than a
/// vector go through small arrays.
/// @param read  (u, n) -> what a block reads     @param run  (u, n, what was read) computes and writes
template <std::int64_t Width, class Read, class Run>
ESPALIER_INLINE() void over_row(std::int64_t units, Read&& read, Run&& run) {
    if (units < Width) return run(std::int64_t{0}, units, read(std::int64_t{0}, units));
    auto const last = read(units - Width, Width);
    for (std::int64_t u = 0; u + Width < units; u += Width) run(u, Width, read(u, Width));
    run(units - Width, Width, last);
}

template <class T>
ESPALIER_INLINE() void lstm_forward_row(std::int64_t units, T* gates, T const* bias_ih, T const* bias_hh, T const* c_before, T* c,
                                        T* h) {
    using V = typename cell_vector<T>::type;
    struct input {
        V i, f, g, o, before;
    };
    auto const read = [&](std::int64_t u, std::int64_t n) __attribute__((always_inline)) {
        auto const sum = [&](std::int64_t at) __attribute__((always_inline)) {
            return V(load<V>(gates + at, n) + (load<V>(bias_ih + at, n) + load<V>(bias_hh + at, n)));
        };
        V const before = c_before != nullptr ? load<V>(c_before + u, n) : V{};
        return input{sum(u), sum(units + u), sum(2 * units + u), sum(3 * units + u), before};
    };
    auto const run = [&](std::int64_t u, std::int64_t n, input x) __attribute__((always_inline)) {
        activate<V>(x.i, x.f, x.g, x.o);
        V const state = x.f * x.before + x.i * x.g;
        store(x.i, gates + u, n);
        store(x.f, gates + units + u, n);
        store(x.g, gates + 2 * units + u, n);
        store(x.o, gates + 3 * units + u, n);
        store(state, c + u, n);
        store(V(x.o * tanh_of_state<V>(state)), h + u, n);
    };
    over_row<sizeof(V) / sizeof(T)>(units, read, run);
}

template <class T>
ESPALIER_INLINE() void lstm_backward_row(std::int64_t units, T* gates, T const* c_before, T const* c, T const* dh_output,
                                         T const* dh_recurrent, T* dc) {
    using V = typename cell_vector<T>::type;
    struct input {
        V i, f, g, o, dc;
    };
    auto const read = [&](std::int64_t u, std::int64_t n) __attribute__((always_inline)) {
        return input{load<V>(gates + u, n), load<V>(gates + units + u, n), load<V>(gates + 2 * units + u, n),
                     load<V>(gates + 3 * units + u, n), load<V>(dc + u, n)};
    };
    auto const run = [&](std::int64_t u, std::int64_t n, input const& x) __attribute__((always_inline)) {
        V dh = {}, before = {};
        if (dh_output != nullptr) dh = load<V>(dh_output + u, n);
        if (dh_recurrent != nullptr) dh = dh + load<V>(dh_recurrent + u, n);
        if (c_before != nullptr) before = load<V>(c_before + u, n);
        V const squashed = tanh_of_state<V>(load<V>(c + u, n));
        V const d_state  = x.dc + dh * x.o * (T{1} - squashed * squashed);
        store(V(d_state * x.g * (x.i * (T{1} - x.i))), gates + u, n);
        store(V(d_state * before * (x.f * (T{1} - x.f))), gates + units + u, n);
        store(V(d_state * x.i * (T{1} - x.g * x.g)), gates + 2 * units + u, n);
        store(V(dh * squashed * (x.o * (T{1} - x.o))), gates + 3 * units + u, n);
        store(V(d_state * x.f), dc + u, n);
    };
    over_row<sizeof(V) / sizeof(T)>(units, read, run);
}

}  // namespace espalier::math::detail

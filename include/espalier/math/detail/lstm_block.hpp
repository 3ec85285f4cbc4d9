// SPDX-License-Identifier: BSL-1.0
/// @file
/// The LSTM cell on one vector of units, and on one sample's row of units.
/// A row's last, incomplete vector goes through small arrays, so that no unit is computed by other instructions than the rest.
#pragma once

#include <espalier/math/detail/float_functions.hpp>
#include <espalier/math/functions.hpp>

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

/// A vector of `n` elements from memory, n ≤ width; the others are 0.
template <class V, class T>
ESPALIER_INLINE() V load(T const* from, std::int64_t n) {
    constexpr std::int64_t width = sizeof(V) / sizeof(T);
    V v = {};
    if (n == width) {
        __builtin_memcpy(&v, from, sizeof v);
    } else {
        T part[width] = {};
        for (std::int64_t i = 0; i < n; ++i) part[i] = from[i];
        __builtin_memcpy(&v, part, sizeof v);
    }
    return v;
}
template <class V, class T>
ESPALIER_INLINE() void store(V const& v, T* to, std::int64_t n) {
    constexpr std::int64_t width = sizeof(V) / sizeof(T);
    if (n == width) {
        __builtin_memcpy(to, &v, sizeof v);
    } else {
        T part[width];
        __builtin_memcpy(part, &v, sizeof v);
        for (std::int64_t i = 0; i < n; ++i) to[i] = part[i];
    }
}

template <class V>
ESPALIER_INLINE() void activate(V& i, V& f, V& g, V& o) {
    if constexpr (std::is_same_v<V, double>) {
        i = math::sigmoid(i), f = math::sigmoid(f), g = math::tanh(g), o = math::sigmoid(o);
    } else {  // four quotients, two divisions
        V divided;
        divide_both<V>(sigmoid_parts<true, V>(i), sigmoid_parts<true, V>(f), i, f);
        divide_both<V>(tanh_parts<V>(g), sigmoid_parts<true, V>(o), divided, o);
        g = tanh_from<V>(g, divided);
    }
}
template <class V>
ESPALIER_INLINE() V tanh_of_state(V const& c) {
    if constexpr (std::is_same_v<V, double>)
        return math::tanh(c);
    else
        return tanh_of<V>(c);
}

template <class V, class T>
ESPALIER_INLINE() void lstm_forward_block(std::int64_t n, std::int64_t units, T* gates, T const* bias_ih, T const* bias_hh,
                                          T const* c_before, T* c, T* h) {
    auto const sum = [&](int gate) {
        std::int64_t const at = gate * units;
        return V(load<V>(gates + at, n) + (load<V>(bias_ih + at, n) + load<V>(bias_hh + at, n)));
    };
    V i = sum(0), f = sum(1), g = sum(2), o = sum(3);
    activate<V>(i, f, g, o);
    V state = i * g;
    if (c_before != nullptr) state = f * load<V>(c_before, n) + state;
    store(i, gates, n);
    store(f, gates + units, n);
    store(g, gates + 2 * units, n);
    store(o, gates + 3 * units, n);
    store(state, c, n);
    store(V(o * tanh_of_state<V>(state)), h, n);
}

template <class V, class T>
ESPALIER_INLINE() void lstm_backward_block(std::int64_t n, std::int64_t units, T* gates, T const* c_before, T const* c,
                                           T const* dh_output, T const* dh_recurrent, T* dc) {
    V const i = load<V>(gates, n), f = load<V>(gates + units, n), g = load<V>(gates + 2 * units, n), o = load<V>(gates + 3 * units, n);
    V dh = {};
    if (dh_output != nullptr) dh = load<V>(dh_output, n);
    if (dh_recurrent != nullptr) dh = dh + load<V>(dh_recurrent, n);
    V before = {};
    if (c_before != nullptr) before = load<V>(c_before, n);
    V const squashed = tanh_of_state<V>(load<V>(c, n));
    V const d_state  = load<V>(dc, n) + dh * o * (T{1} - squashed * squashed);
    store(V(d_state * g * (i * (T{1} - i))), gates, n);
    store(V(d_state * before * (f * (T{1} - f))), gates + units, n);
    store(V(d_state * i * (T{1} - g * g)), gates + 2 * units, n);
    store(V(dh * squashed * (o * (T{1} - o))), gates + 3 * units, n);
    store(V(d_state * f), dc, n);
}

[[nodiscard]] constexpr auto advanced(auto* p, std::int64_t by) noexcept { return p == nullptr ? p : p + by; }

template <class T>
ESPALIER_INLINE() void lstm_forward_row(std::int64_t units, T* gates, T const* bias_ih, T const* bias_hh, T const* c_before, T* c, T* h) {
    using V                      = typename cell_vector<T>::type;
    constexpr std::int64_t width = sizeof(V) / sizeof(T);
    std::int64_t u = 0;
    for (; u + width <= units; u += width)
        lstm_forward_block<V>(width, units, gates + u, bias_ih + u, bias_hh + u, advanced(c_before, u), c + u, h + u);
    if (u < units)
        lstm_forward_block<V>(units - u, units, gates + u, bias_ih + u, bias_hh + u, advanced(c_before, u), c + u, h + u);
}

template <class T>
ESPALIER_INLINE() void lstm_backward_row(std::int64_t units, T* gates, T const* c_before, T const* c, T const* dh_output,
                                         T const* dh_recurrent, T* dc) {
    using V                      = typename cell_vector<T>::type;
    constexpr std::int64_t width = sizeof(V) / sizeof(T);
    auto const block = [&](std::int64_t u, std::int64_t n) __attribute__((always_inline)) {
        lstm_backward_block<V>(n, units, gates + u, advanced(c_before, u), c + u, advanced(dh_output, u), advanced(dh_recurrent, u), dc + u);
    };
    std::int64_t u = 0;
    for (; u + width <= units; u += width) block(u, width);
    if (u < units) block(u, units - u);
}

}  // namespace espalier::math::detail

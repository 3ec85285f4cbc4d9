// SPDX-License-Identifier: BSL-1.0
/// @file
/// The long short-term memory layer, one or many deep. The arithmetic of one time step is math/lstm_cell.hpp; this file has the
/// order of products around it.
#pragma once

#include <espalier/core/type_list.hpp>
#include <espalier/math/elementwise.hpp>
#include <espalier/math/lstm_cell.hpp>
#include <espalier/nn/layer.hpp>
#include <espalier/nn/detail/lstm_kernels.hpp>

#include <algorithm>
#include <utility>

namespace espalier {

/// The extents of an LSTM. `lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>` reads sixty steps of two features.
struct lstm_shape {
    int steps  = 0;
    int inputs = 0;
    int units  = 0;
    int layers = 1;
};

template <int Steps, int Inputs, int Units, class Cut>
struct lstm_units;

/// One LSTM layer over a whole sequence, started from zero state.
/// The products of all steps with the inputs are taken at once; per step there is one product with the state before and one
/// fused pass over the gates. Backward is exact: through all steps, not truncated.
/// @par Shapes    x (T,I); weight_ih (4H,I), weight_hh (4H,H), both biases (4H), gate order i f g o; y (T,H)
/// @par Numerics  initial values uniform in ±1/√H
/// @par Source    Hochreiter and Schmidhuber 1997, with forget gate (Gers 2000); names, gate order and the two biases as torch.nn.LSTM
template <int Steps, int Inputs, int Units>
struct lstm_layer {
    static_assert(Steps > 0 && Inputs > 0 && Units > 0,
                  "espalier: lstm: requires steps, inputs and units above 0. Set all three in lstm_shape. See docs/policies/model.md.");

    /// Across ranks it is cut by units (nn/lstm_units.hpp).
    template <class Cut>
    using sharded_over                = lstm_units<Steps, Inputs, Units, Cut>;
    static constexpr int units_to_cut = Units;

    [[nodiscard]] static constexpr shape input() noexcept { return dims(Steps, Inputs); }
    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in == dims(Steps, Inputs); }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in.with_features(Units); }
    [[nodiscard]] static constexpr parameter_list<4> parameters(shape) noexcept {
        auto const start = initial_value::uniform(detail::inverse_root(Units));
        return {{{text{"weight_ih_l#"}, dims(4 * Units, Inputs), start},
                 {text{"weight_hh_l#"}, dims(4 * Units, Units), start},
                 {text{"bias_ih_l#"}, dims(4 * Units), start},
                 {text{"bias_hh_l#"}, dims(4 * Units), start}}};
    }
    /// Gates (T,B,4H), then cell states (T,B,H).
    [[nodiscard]] static constexpr std::int64_t keeps(shape in, std::int64_t batch) noexcept {
        return in.extent[0] * batch * 5 * Units;
    }
    /// The gradients of hidden and cell state that travel from step to step, then the bias gradient.
    [[nodiscard]] static constexpr std::int64_t scratch(shape, std::int64_t batch) noexcept {
        return 2 * batch * Units + 4 * Units;
    }
    /// Hidden and cell state between steps.
    [[nodiscard]] static constexpr std::int64_t state(shape, std::int64_t batch) noexcept { return 2 * batch * Units; }

    template <class T>
    using kernels = detail::lstm_kernels<T, Inputs, Units>;

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        std::int64_t const steps = p.in.extent[0], block = p.batch * Units;
        T* gate   = p.kept;                      // of step t: (B,4H) of (T,B,4H)
        T* cell   = p.kept + steps * 4 * block;  // (B,H) of (T,B,H)
        T* hidden = p.y;                         // (B,H) of (T,B,H)
        k.input(p.x, gate);
        math::lstm_cell_forward(p.batch, std::int64_t{Units}, gate, p.weight(2), p.weight(3), static_cast<T const*>(nullptr), cell, hidden);
        for (std::int64_t t = 1; t < steps; ++t) {
            gate += 4 * block;
            k.recurrent(hidden, gate);
            hidden += block;
            math::lstm_cell_forward(p.batch, std::int64_t{Units}, gate, p.weight(2), p.weight(3), cell, cell + block, hidden);
            cell += block;
        }
    }

    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        through_steps<true>(p, k);
        weights_of_gates(p, k);
        if (p.dx != nullptr) k.d_input(p.kept, p.dx);
    }
    /// Leaves the gates' gradients in `kept`.
    template <class T>
    static void backward_input(backward_pass<T> const& p, kernels<T>& k) {
        through_steps<false>(p, k);
        if (p.dx != nullptr) k.d_input(p.kept, p.dx);
    }
    template <class T>
    static void backward_weights(backward_pass<T> const& p, kernels<T>& k) {
        std::int64_t const block = p.batch * Units;
        T* const d_bias = p.scratch + 2 * block;  // (4H)
        std::fill_n(d_bias, 4 * Units, T{0});
        for (std::int64_t t = p.in.extent[0] - 1; t >= 0; --t) math::column_sums_add(p.batch, std::int64_t{4 * Units}, p.kept + t * 4 * block, d_bias);
        weights_of_gates(p, k);
    }

    /// One step of a sequence: reads and writes the state that `state(in, batch)` counts; start a sequence with zeros.
    /// @par Shapes    x (1,I); y (1,H); the kernels are those of a sequence of one step
    template <class T>
    static void step(forward_pass<T> const& p, kernels<T>& k, T* state) {
        std::int64_t const block = p.batch * Units;
        T* const hidden = state;
        T* const cell   = state + block;
        k.input(p.x, p.kept);
        k.recurrent(hidden, p.kept);
        math::lstm_cell_forward(p.batch, std::int64_t{Units}, p.kept, p.weight(2), p.weight(3), cell, p.kept + 4 * block, p.y);
        std::copy_n(p.kept + 4 * block, block, cell);
        std::copy_n(p.y, block, hidden);
    }

private:
    /// From the last step to the first: activated gates become their gradients. With `Bias`, scratch receives the gates' sums while
    /// they are in the cache.
    template <bool Bias, class T>
    ESPALIER_INLINE() static void through_steps(backward_pass<T> const& p, kernels<T>& k) {
        std::int64_t const steps = p.in.extent[0], block = p.batch * Units;
        T* const gates    = p.kept;                 // (T,B,4H), becomes their gradient
        T* const d_hidden = p.scratch;              // (B,H)
        T* const d_cell   = p.scratch + block;      // (B,H)
        T* const d_bias   = p.scratch + 2 * block;  // (4H)
        std::fill_n(d_cell, block, T{0});
        if constexpr (Bias) std::fill_n(d_bias, 4 * Units, T{0});

        T* gate             = gates + (steps - 1) * 4 * block;
        T const* cell       = gates + steps * 4 * block + (steps - 1) * block;
        T const* dy         = p.dy + (steps - 1) * block;
        T const* from_later = nullptr;  // the gradient that step t + 1 sends to the hidden state
        for (std::int64_t t = steps - 1; t > 0; --t) {
            math::lstm_cell_backward(p.batch, std::int64_t{Units}, gate, cell - block, cell, dy, from_later, d_cell);
            if constexpr (Bias) math::column_sums_add(p.batch, std::int64_t{4 * Units}, gate, d_bias);
            k.d_hidden(gate, d_hidden);
            from_later = d_hidden;
            gate -= 4 * block;
            cell -= block;
            dy -= block;
        }
        math::lstm_cell_backward(p.batch, std::int64_t{Units}, gate, static_cast<T const*>(nullptr), cell, dy, from_later, d_cell);
        if constexpr (Bias) math::column_sums_add(p.batch, std::int64_t{4 * Units}, gate, d_bias);
    }

    /// Adds to the gradients, from the gates' gradients in `kept` and their sums in scratch.
    template <class T>
    ESPALIER_INLINE() static void weights_of_gates(backward_pass<T> const& p, kernels<T>& k) {
        std::int64_t const block = p.batch * Units;
        T const* const d_bias = p.scratch + 2 * block;  // (4H)
        if (p.in.extent[0] > 1) k.d_weight_hh(p.kept + 4 * block, p.y, p.gradient(1));
        k.d_weight_ih(p.kept, p.x, p.gradient(0));
        math::add_to(4 * Units, d_bias, p.gradient(2));
        math::add_to(4 * Units, d_bias, p.gradient(3));
    }
};

namespace detail {
template <int Steps, int Inputs, int Units, class Ordinals>
struct lstm_stack;
template <int Steps, int Inputs, int Units, int... I>
struct lstm_stack<Steps, Inputs, Units, std::integer_sequence<int, I...>> {
    using elements = type_list<lstm_layer<Steps, (I == 0 ? Inputs : Units), Units>...>;
};
}  // namespace detail

/// An LSTM of any number of layers; each reads the whole output of the one before it. A network sees its layers one by one, so
/// a pipeline may cut between them.
template <lstm_shape Shape>
struct lstm : detail::lstm_stack<Shape.steps, Shape.inputs, Shape.units, std::make_integer_sequence<int, Shape.layers>> {};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The LSTM layer cut across ranks by its units: each rank computes all four gates of its own, and every step the ranks exchange what the
/// units give. The layer that is not cut, and the arithmetic of its gates, are nn/lstm.hpp's and math/lstm_cell.hpp's.
#pragma once

#include <espalier/core/placement.hpp>
#include <espalier/math/elementwise.hpp>
#include <espalier/math/lstm_cell.hpp>
#include <espalier/nn/detail/lstm_kernels.hpp>
#include <espalier/nn/detail/lstm_unit_places.hpp>
#include <espalier/nn/detail/slices.hpp>
#include <espalier/nn/layer_place.hpp>
#include <espalier/nn/lstm.hpp>

#include <cstddef>
#include <vector>

namespace espalier {

/// `lstm_layer<Steps, Inputs, Units>` in K slices of U = H/K units, of which a rank has S. What it reads and gives is whole on every rank.
/// ```
///   forward    step t    gates of own units += h(t−1) W_hhᵀ     cell     gather h(t) of all units
///   backward   step t    d_gates of own units     d_gates W_hh, a summand of dh(t−1) of all units, summed; own units' part of it
/// ```
/// The gradient of x is summed over slices while the gradients of weights are computed.
/// @par Shapes    x (T,I); of each slice weight_ih (4U,I), weight_hh (4U,H), biases (4U): rows of its units of each gate; y (T,H)
/// @par Ranks     one exchange a step forward, one backward but for the first step, and one for the gradient of x
/// @par Cost      sent by a rank of P: (P−1)·B·H/P elements a step each way
/// @par Numerics  the same bits for any number of ranks with the same K; another sum than the whole layer's: in float within 1e-5 of the
///                largest value
template <int Steps, int Inputs, int Units, class Cut>
struct lstm_units {
    static constexpr tensor_cut cut = Cut::value;
    static_assert(Units % cut.slices == 0, "espalier: lstm: requires units that the slices of the tensor axis divide. Change units, or the slices. "
                                           "See docs/policies/partition.md.");
    static constexpr int own         = cut.own_slices();
    static constexpr int slice_units = Units / cut.slices;
    using takes_placement            = replicated;
    using gives_placement            = replicated;
    using whole_layer                = lstm_layer<Steps, Inputs, Units>;
    using places                     = detail::lstm_unit_places<Inputs, Units, Cut>;

    [[nodiscard]] static constexpr shape input() noexcept { return whole_layer::input(); }
    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return whole_layer::takes(in); }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return whole_layer::gives(in); }
    /// Slice after slice: of each the four parameters, in the whole layer's order.
    [[nodiscard]] static constexpr parameter_list<4 * own> parameters(shape in) noexcept {
        parameter_list<4 * own> list;
        auto const whole = whole_layer::parameters(in);
        for (int i = 0; i < 4 * own; ++i) {
            parameter& slice        = list.item[i];
            slice                   = whole.item[i % 4];
            slice.cut               = parameter_cut{.slices = cut.slices, .slice = i / 4, .along = 0, .groups = 4, .whole = slice.extents};
            slice.extents.extent[0] = 4 * slice_units;
        }
        return list;
    }
    [[nodiscard]] static constexpr std::int64_t keeps(shape in, std::int64_t batch) noexcept { return places{in, batch}.kept(); }
    [[nodiscard]] static constexpr std::int64_t scratch(shape in, std::int64_t batch) noexcept { return places{in, batch}.scratch(); }
    static constexpr void exchanges(shape in, std::int64_t batch, pass_way way, bool wants_dx, exchange_tally& tally) noexcept {
        std::int64_t const states = own * batch * slice_units, steps = in.extent[0];
        if (way == pass_way::forward) return tally.gather(states, steps);
        tally.sum_to_parts(states, steps - 1);
        if (wants_dx) tally.sum(steps * batch * Inputs);
    }

    template <class T>
    class kernels {
    public:
        using of_slice = detail::lstm_kernels<T, Inputs, Units, slice_units>;

        kernels(shape in, std::int64_t batch, direction way) {
            for (int s = 0; s < own; ++s) slice_.emplace_back(in, batch, way);
        }
        void pack(layer_weights<T> const& w) {
            for (int s = 0; s < own; ++s) slice_[static_cast<std::size_t>(s)].pack({w.base, w.offset + 4 * s});
        }
        [[nodiscard]] std::size_t workspace_bytes() const {
            std::size_t bytes = 0;
            for (auto const& k : slice_) bytes += k.workspace_bytes();
            return bytes;
        }
        [[nodiscard]] of_slice const& of(int s) const noexcept { return slice_[static_cast<std::size_t>(s)]; }

    private:
        std::vector<of_slice> slice_;
    };

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        places const at{p.in, p.batch};
        T* const states = p.scratch;                                     // (K,B,U)
        T* const mine   = states + p.exchange->rank() * own * at.block;  // (S,B,U)
        for (int s = 0; s < own; ++s) k.of(s).input(p.x, p.kept + at.gates(s, 0));
        T* y = p.y;                                                      // (B,H) of (T,B,H)
        for (std::int64_t t = 0; t < at.steps; ++t, y += at.step) {
            for (int s = 0; s < own; ++s) {
                T* const gate = p.kept + at.gates(s, t);                 // (B,4U)
                T* const cell = p.kept + at.cells(s, t);                 // (B,U)
                if (t > 0) k.of(s).recurrent(y - at.step, gate);
                math::lstm_cell_forward<T>(p.batch, slice_units, gate, p.weight(4 * s + 2), p.weight(4 * s + 3),
                                           t > 0 ? cell - at.block : nullptr, cell, mine + s * at.block);
            }
            p.exchange->gather(exchange_point::state, states, own * at.block);
            detail::join_features<T>(p.batch, slice_units, cut.slices, states, y);
        }
    }

    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        places const at{p.in, p.batch};
        through_steps(p, k, at);
        if (p.dx != nullptr) {
            auto const of_slice = [&](int s, T* into) { k.of(s).d_input(p.kept + at.gates(s, 0), into); };
            detail::sum_of_slices({0, own}, at.inputs, p.dx, p.scratch + at.after_biases(), of_slice);
            p.exchange->post_sum(exchange_point::input_gradient, p.dx, at.inputs);
        }
        for (int s = 0; s < own; ++s) weights_of_gates(p, k, at, s);
        if (p.dx != nullptr) p.exchange->wait();
    }

private:
    /// From the last step to the first: activated gates become their gradients, and scratch receives the sums of each slice's.
    template <class T>
    static void through_steps(backward_pass<T> const& p, kernels<T>& k, places const& at) {
        int const first   = p.exchange->rank() * own;
        T* const d_bias   = p.scratch;                  // (S,4U)
        T* const d_cell   = p.scratch + at.d_cell();    // (S,B,U)
        T* const dy       = p.scratch + at.dy();        // (S,B,U)
        T* const d_hidden = p.scratch + at.d_hidden();  // (S,B,U), from the step after
        T* const parts    = p.scratch + at.parts();     // (K,B,U)
        T* const sum      = p.scratch + at.sum();       // (B,H)
        math::fill_zero(own * 4 * slice_units, d_bias);
        math::fill_zero(own * at.block, d_cell);
        for (std::int64_t t = at.steps - 1; t >= 0; --t) {
            detail::take_features<T>(p.batch, slice_units, cut.slices, first, first + own, p.dy + t * at.step, dy);
            for (int s = 0; s < own; ++s) {
                T* const gate       = p.kept + at.gates(s, t);
                T const* const cell = p.kept + at.cells(s, t);
                math::lstm_cell_backward<T>(p.batch, slice_units, gate, t > 0 ? cell - at.block : nullptr, cell, dy + s * at.block,
                                            t + 1 < at.steps ? d_hidden + s * at.block : nullptr, d_cell + s * at.block);
                math::column_sums_add<T>(p.batch, 4 * slice_units, gate, d_bias + s * 4 * slice_units);
            }
            if (t == 0) break;
            auto const of_slice = [&](int s, T* into) { k.of(s).d_hidden(p.kept + at.gates(s, t), into); };
            detail::sum_of_slices({0, own}, at.step, sum, sum + at.step, of_slice);
            detail::take_features<T>(p.batch, slice_units, cut.slices, 0, cut.slices, sum, parts);
            p.exchange->sum_to_parts(exchange_point::state_gradient, parts, d_hidden, own * at.block);
        }
    }

    /// Adds to the gradients of slice s, from its gates' gradients in `kept` and their sums in scratch.
    template <class T>
    static void weights_of_gates(backward_pass<T> const& p, kernels<T>& k, places const& at, int s) {
        T const* const d_bias = p.scratch + s * 4 * slice_units;  // (4U)
        if (at.steps > 1) k.of(s).d_weight_hh(p.kept + at.gates(s, 1), p.y, p.gradient(4 * s + 1));
        k.of(s).d_weight_ih(p.kept + at.gates(s, 0), p.x, p.gradient(4 * s));
        math::add_to<T>(4 * slice_units, d_bias, p.gradient(4 * s + 2));
        math::add_to<T>(4 * slice_units, d_bias, p.gradient(4 * s + 3));
    }
};

}  // namespace espalier

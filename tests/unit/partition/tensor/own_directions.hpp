// SPDX-License-Identifier: BSL-1.0
/// @file
/// A layer of a user's own that is cut and exchanges by itself, in the middle of its work: what docs/howto/own-cut-layer.md shows second.
/// It is trained by own_cut_layers_test.cpp.
#pragma once

#include <espalier/core/placement.hpp>
#include <espalier/nn/layer.hpp>

#include <algorithm>
#include <cmath>

namespace espalier_test {
using namespace espalier;

/// y = h / |h|, h = W x. Each rank has some rows of W; the length of h needs all of them. One slice a rank.
template <int Inputs, int Outputs, class Cut = not_cut>
struct directions {
    template <class By>
    using sharded_over                = directions<Inputs, Outputs, By>;  // what a rank runs, exchanges included
    using gives_placement             = replicated;                       // y is whole on every rank
    static constexpr int units_to_cut = Outputs;
    static constexpr int slices = Cut::value.slices, own = Outputs / slices;
    static_assert(Cut::value.own_slices() == 1, "directions: requires one slice a rank. Leave exact<K> away.");

    static constexpr bool takes(shape in) { return in.rank >= 1 && in.features() == Inputs; }
    static constexpr shape gives(shape in) { return in.with_features(Outputs); }
    static constexpr parameter_list<1> parameters(shape) {
        return {{{text{"weight"}, dims(own, Inputs), initial_value::uniform(1), {.slices = slices, .whole = dims(Outputs, Inputs)}}}};
    }
    static constexpr std::int64_t keeps(shape in, std::int64_t batch) { return in.rows() * batch; }              // the length of each h
    static constexpr std::int64_t scratch(shape in, std::int64_t batch) { return in.rows() * batch * Outputs; }  // h, slice after slice
    /// The same calls as below, of as many elements.
    static constexpr void exchanges(shape in, std::int64_t batch, pass_way way, bool wants_dx, exchange_tally& tally) {
        std::int64_t const rows = in.rows() * batch;
        if (way == pass_way::forward) tally.sum(rows), tally.gather(rows * own);
        else if (wants_dx) tally.sum(rows * Inputs);
    }

    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        std::int64_t const rows = p.in.rows() * p.batch;
        T* const h              = p.scratch + first(p) * rows;
        std::fill_n(p.kept, rows, T{0});
        for (std::int64_t r = 0; r < rows; ++r)
            for (int j = 0; j < own; ++j) {
                h[r * own + j] = 0;
                for (int i = 0; i < Inputs; ++i) h[r * own + j] += p.weight(0)[j * Inputs + i] * p.x[r * Inputs + i];
                p.kept[r] += h[r * own + j] * h[r * own + j];
            }
        if (p.exchange != nullptr) p.exchange->sum(exchange_point::output, p.kept, rows);
        if (p.exchange != nullptr) p.exchange->gather(exchange_point::output, p.scratch, rows * own);
        for (std::int64_t r = 0; r < rows; ++r) p.kept[r] = std::sqrt(p.kept[r]);
        for (std::int64_t r = 0; r < rows; ++r)
            for (int j = 0; j < Outputs; ++j) p.y[r * Outputs + j] = p.scratch[(j / own * rows + r) * own + j % own] / p.kept[r];
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels) {
        std::int64_t const rows = p.in.rows() * p.batch;
        if (p.dx != nullptr) std::fill_n(p.dx, rows * Inputs, T{0});
        for (std::int64_t r = 0; r < rows; ++r) {
            T const *const y = p.y + r * Outputs, *const dy = p.dy + r * Outputs, *const x = p.x + r * Inputs;
            T along = 0;  // of all features, which are here: no exchange
            for (int j = 0; j < Outputs; ++j) along += y[j] * dy[j];
            for (int j = 0; j < own; ++j) {
                T const d = (dy[first(p) + j] - along * y[first(p) + j]) / p.kept[r];
                for (int i = 0; i < Inputs; ++i) p.gradient(0)[j * Inputs + i] += d * x[i];
                if (p.dx != nullptr)
                    for (int i = 0; i < Inputs; ++i) p.dx[r * Inputs + i] += d * p.weight(0)[j * Inputs + i];
            }
        }
        if (p.dx != nullptr && p.exchange != nullptr) p.exchange->sum(exchange_point::input_gradient, p.dx, rows * Inputs);
    }

private:
    /// Of the rank's features.
    template <class Pass>
    static std::int64_t first(Pass const& p) {
        return p.exchange == nullptr ? 0 : p.exchange->rank() * own;
    }
};

}  // namespace espalier_test

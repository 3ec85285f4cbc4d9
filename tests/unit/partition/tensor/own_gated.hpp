// SPDX-License-Identifier: BSL-1.0
/// @file
/// A layer of a user's own that offers a cut: what docs/howto/own-cut-layer.md shows first. It is trained by own_cut_layers_test.cpp.
#pragma once

#include <espalier/core/placement.hpp>
#include <espalier/nn/layer.hpp>

#include <algorithm>
#include <cmath>

namespace espalier_test {
using namespace espalier;

/// y = W x ∘ σ(V x): features, each with a gate of its own. Slice k of K has the outputs k·Outputs/K … (k+1)·Outputs/K − 1.
template <int Inputs, int Outputs, int K = 1>
struct gated {
    template <int Slices>
    using sharded                     = gated<Inputs, Outputs, Slices>;  // a layer for one slice
    using takes_placement             = replicated;                      // which reads the whole x
    using gives_placement             = espalier::sharded<dim::features>;  // and gives some of the features of y
    static constexpr int units_to_cut = Outputs;                         // what the number of slices must divide
    static constexpr int own          = Outputs / K;

    static constexpr bool takes(shape in) { return in.rank >= 1 && in.features() == Inputs; }
    static constexpr shape gives(shape in) { return in.with_features(own); }
    static constexpr parameter_list<2> parameters(shape) {
        auto const start = initial_value::uniform(1);
        parameter_cut const cut{.slices = K, .along = 0, .whole = dims(Outputs, Inputs)};  // some rows of a tensor
        return {{{text{"value"}, dims(own, Inputs), start, cut}, {text{"gate"}, dims(own, Inputs), start, cut}}};
    }
    static constexpr std::int64_t keeps(shape in, std::int64_t batch) { return 2 * in.rows() * batch * own; }

    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        for (std::int64_t r = 0; r < p.in.rows() * p.batch; ++r)
            for (int j = 0; j < own; ++j) {
                T value = 0, gate = 0;
                for (int i = 0; i < Inputs; ++i) value += p.weight(0)[j * Inputs + i] * p.x[r * Inputs + i];
                for (int i = 0; i < Inputs; ++i) gate += p.weight(1)[j * Inputs + i] * p.x[r * Inputs + i];
                T* const kept    = p.kept + 2 * (r * own + j);
                kept[0]          = value;
                kept[1]          = 1 / (1 + std::exp(-gate));
                p.y[r * own + j] = kept[0] * kept[1];
            }
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels) {
        std::int64_t const rows = p.in.rows() * p.batch;
        if (p.dx != nullptr) std::fill_n(p.dx, rows * Inputs, T{0});
        for (std::int64_t r = 0; r < rows; ++r)
            for (int j = 0; j < own; ++j) {
                T const* const kept = p.kept + 2 * (r * own + j);
                T const d_value = p.dy[r * own + j] * kept[1], d_gate = d_value * kept[0] * (1 - kept[1]);
                for (int i = 0; i < Inputs; ++i) {
                    p.gradient(0)[j * Inputs + i] += d_value * p.x[r * Inputs + i];
                    p.gradient(1)[j * Inputs + i] += d_gate * p.x[r * Inputs + i];
                    if (p.dx != nullptr) p.dx[r * Inputs + i] += d_value * p.weight(0)[j * Inputs + i] + d_gate * p.weight(1)[j * Inputs + i];
                }
            }
    }
};

}  // namespace espalier_test

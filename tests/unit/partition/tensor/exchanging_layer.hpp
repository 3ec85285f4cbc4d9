// SPDX-License-Identifier: BSL-1.0
/// @file
/// A layer that says how often it exchanges, and copies: plans of a tensor axis can be counted by hand with it.
#pragma once

#include <espalier/nn/activation.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/models/model.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/nn/uncut.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/optim/lamb.hpp>

#include <algorithm>

namespace espalier_test {

/// Forward one sum of its output; backward `Home` gathers of a sixteenth of it, and one sum more where the gradient of its input is wanted.
template <int Features, int Home>
struct exchanging {
    using shape = espalier::shape;

    [[nodiscard]] static constexpr shape input() { return espalier::dims(Features); }
    [[nodiscard]] static constexpr bool takes(shape in) { return in.features() == Features; }
    [[nodiscard]] static constexpr shape gives(shape in) { return in; }
    [[nodiscard]] static constexpr auto parameters(shape) { return espalier::parameter_list<0>{}; }
    [[nodiscard]] static constexpr std::int64_t cost(shape) { return 1; }
    static constexpr void exchanges(shape in, std::int64_t batch, espalier::pass_way way, bool wants_dx, espalier::exchange_tally& tally) {
        std::int64_t const n = in.elements() * batch;
        if (way == espalier::pass_way::forward || wants_dx) tally.sum(n);
        if (way == espalier::pass_way::backward) tally.gather(n / 16, Home);
    }
    template <class T>
    static void forward(espalier::forward_pass<T> const& p, espalier::no_kernels) {
        std::copy_n(p.x, p.in.elements() * p.batch, p.y);
    }
    template <class T>
    static void backward(espalier::backward_pass<T> const& p, espalier::no_kernels) {
        if (p.dx != nullptr) std::copy_n(p.dy, p.in.elements() * p.batch, p.dx);
    }
};

/// A loss that exchanges twice.
struct exchanging_loss : espalier::mean_squared_error {
    static constexpr void exchanges(espalier::shape out, std::int64_t batch, espalier::exchange_tally& tally) { tally.gather(out.elements() * batch, 2); }
};

/// Eight layers, none of which offers a cut: two products, and four layers that exchange.
using exchanging_net = espalier::sequence<exchanging<16, 0>, espalier::relu, espalier::uncut<espalier::linear<16, 16>>, exchanging<16, 1>, espalier::relu,
                                          exchanging<16, 2>, espalier::uncut<espalier::linear<16, 16>>, exchanging<16, 3>>;
template <class Optimizer = espalier::adamw>
using exchanging_model = espalier::model<exchanging_net, exchanging_loss, Optimizer>;

}  // namespace espalier_test

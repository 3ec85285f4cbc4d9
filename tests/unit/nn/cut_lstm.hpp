// SPDX-License-Identifier: BSL-1.0
/// @file
/// LSTM layers cut by units beside the whole ones: the same weights, inputs and gradients for both, and the parts' gradients put together.
/// What is compared, and how nearly, is the tests'.
#pragma once

#include "support/tensor_ranks.hpp"
#include "unit/nn/forward.hpp"
#include "unit/nn/passes.hpp"

#include <espalier/nn/lstm_units.hpp>

#include <cstdint>
#include <vector>

namespace espalier_test {

/// What a rank has of each layer.
template <class Layers, class Cut>
struct cut_lstm;
template <class... Ls, class Cut>
struct cut_lstm<espalier::type_list<Ls...>, Cut> {
    using type = espalier::type_list<typename Ls::template sharded_over<Cut>...>;
};
template <espalier::lstm_shape S, class Cut>
using cut_lstm_layers = typename cut_lstm<typename espalier::lstm<S>::elements, Cut>::type;

/// An LSTM's weights, input and d loss / d y, drawn; weights small enough to keep gates away from their limits.
template <class T, espalier::lstm_shape S>
struct lstm_values {
    using layers                        = typename espalier::lstm<S>::elements;
    static constexpr espalier::shape in = espalier::dims(S.steps, S.inputs);
    static constexpr auto places        = espalier::chain<layers>::places(in, 1);
    std::int64_t batch;
    std::vector<T> weights = drawn<T>(places.parameter_elements, 3);
    std::vector<T> x       = drawn<T>(in.elements() * batch, 1);
    std::vector<T> dy      = drawn<T>(S.steps * S.units * batch, 2);

    explicit lstm_values(std::int64_t b) : batch{b} {
        for (T& w : weights) w *= T(0.4);
    }
    /// What the whole layers give.
    [[nodiscard]] passes_of<T> whole() const { return both_passes<layers, T>(in, batch, weights, x, dy, nullptr); }

    /// Columns of parameter i of layer l: of its weights the input's, of its biases one.
    [[nodiscard]] static constexpr std::int64_t columns(int l, int i) { return i > 1 ? 1 : i == 1 || l > 0 ? S.units : S.inputs; }

    /// Calls f(layer, parameter, index in the whole weights, index in the part) for each element of slice k of K: in each gate the rows of the
    /// units k·U … (k+1)·U − 1.
    template <int K, class F>
    static void for_each_element(int k, F f) {
        constexpr std::int64_t u = S.units / K;
        for (int l = 0; l < S.layers; ++l)
            for (int i = 0; i < 4; ++i)
                for (std::int64_t gate = 0; gate < 4; ++gate)
                    for (std::int64_t e = 0; e < u * columns(l, i); ++e)
                        f(l, i, places.item[l].offset[i] + (gate * S.units + k * u) * columns(l, i) + e, gate * u * columns(l, i) + e);
    }
};

/// What K slices give on T ranks: y and dx as each rank has them, and on all of them the gradients put together from the parts.
template <int T, int K, class Scalar, espalier::lstm_shape S>
[[nodiscard]] std::vector<passes_of<Scalar>> cut_passes(lstm_values<Scalar, S> const& given) {
    using cut                    = espalier::cut_over<T, K, false>;
    using layers                 = cut_lstm_layers<S, cut>;
    using whole                  = lstm_values<Scalar, S>;
    constexpr int own            = cut::value.own_slices();
    static constexpr auto places = espalier::chain<layers>::places(whole::in, 1);
    auto const place_of          = [](int k, int layer, int parameter, std::int64_t part) {
        return static_cast<std::size_t>(places.item[layer].offset[k % own * 4 + parameter] + part);
    };
    auto ranks = on_tensor_ranks<Scalar>(cut::value, [&](tested_exchange<Scalar>& exchange) {
        std::vector<Scalar> weights(static_cast<std::size_t>(places.parameter_elements));
        for (int k = exchange.rank() * own; k < (exchange.rank() + 1) * own; ++k)
            whole::template for_each_element<K>(k, [&](int l, int i, std::int64_t from, std::int64_t part) {
                weights[place_of(k, l, i, part)] = given.weights[static_cast<std::size_t>(from)];
            });
        return both_passes<layers, Scalar>(whole::in, given.batch, weights, given.x, given.dy, &exchange);
    });
    std::vector<Scalar> gradients(given.weights.size());
    for (int k = 0; k < K; ++k)
        whole::template for_each_element<K>(k, [&](int l, int i, std::int64_t to, std::int64_t part) {
            gradients[static_cast<std::size_t>(to)] = ranks[static_cast<std::size_t>(k / own)].gradients[place_of(k, l, i, part)];
        });
    for (auto& r : ranks) r.gradients = gradients;
    return ranks;
}

}  // namespace espalier_test

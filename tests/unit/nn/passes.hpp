// SPDX-License-Identifier: BSL-1.0
/// @file
/// One forward and one backward through a list of layers that may be cut across ranks, in memory that holds NaN before: what a layer does
/// not write, nobody may read. Expected values are the tests'.
#pragma once

#include <espalier/nn/network.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace espalier_test {

/// What the passes gave.
template <class T>
struct passes_of {
    std::vector<T> y, dx, gradients;  ///< gradients as the parameters lie, from zeros
};

/// Runs `Layers` on a batch.
/// @param dy       d loss / d y
/// @param exchange for layers that are cut; null for others
/// @param wants_dx whether d loss / d x is computed, too
template <class Layers, class T>
[[nodiscard]] passes_of<T> both_passes(espalier::shape in, std::int64_t batch, std::vector<T> const& weights, std::vector<T> const& x,
                                       std::vector<T> const& dy, espalier::tensor_exchange<T>* exchange,
                                       bool wants_dx = true) {
    typename espalier::chain<Layers>::template bound<T> chain{in, batch, espalier::direction::forward_and_backward};
    auto const& places = chain.layout();
    auto const room    = [](std::int64_t n) { return std::vector<T>(static_cast<std::size_t>(n) + 1, std::numeric_limits<T>::quiet_NaN()); };
    auto activations = room(places.activation_elements), scratch = room(places.scratch_elements);
    auto first = room(places.signal_elements[0]), second = room(places.signal_elements[1]);
    std::uint64_t key[Layers::size];
    for (std::size_t i = 0; i < Layers::size; ++i) key[i] = 1 + i;

    passes_of<T> made;
    made.dx = std::vector<T>(wants_dx ? x.size() : 0, std::numeric_limits<T>::quiet_NaN());
    made.gradients.resize(weights.size());
    chain.pack(weights.data());
    T const* const y = chain.forward(weights.data(), x.data(), activations.data(), scratch.data(), {}, key, {}, exchange);
    made.y.assign(y, y + dy.size());
    std::copy(dy.begin(), dy.end(), first.begin());
    chain.backward(weights.data(), made.gradients.data(), x.data(), activations.data(), scratch.data(), {first.data(), second.data()},
                   wants_dx ? made.dx.data() : nullptr, {}, key, {}, exchange);
    return made;
}

}  // namespace espalier_test

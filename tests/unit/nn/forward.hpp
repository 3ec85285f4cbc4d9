// SPDX-License-Identifier: BSL-1.0
/// @file
/// Runs layers forward on a batch, in memory of their own, so that a test compares outputs with a formula.
/// Backward is checked elsewhere, against central differences (support/gradient_check.hpp).
#pragma once

#include <espalier/nn/network.hpp>

#include <cstdint>
#include <vector>

namespace espalier_test {

/// `n` normal numbers that depend on the seed.
template <class T>
[[nodiscard]] std::vector<T> drawn(std::int64_t n, std::uint64_t seed) {
    espalier::random_key const key{seed, "test values"};
    std::vector<T> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>(espalier::to_normal(key.at(i).word[0], key.at(i).word[1]));
    return v;
}

/// The layers of a description, bound to a shape and a batch, with weights and activations.
template <class Network, class T>
class forward_run {
public:
    using layers = espalier::layers_of<Network>;

    forward_run(espalier::shape in, std::int64_t batch)
        : chain_{in, batch, espalier::direction::forward_only}, elements_{espalier::chain<layers>::gives(in).elements() * batch},
          weights_(room(chain_.layout().parameter_elements)), activations_(room(chain_.layout().activation_elements)),
          scratch_(room(chain_.layout().scratch_elements)) {}

    /// The weights from parameter `i` of layer `layer` on.
    [[nodiscard]] T* weight(int layer, int i) { return weights_.data() + chain_.layout().item[layer].offset[i]; }
    /// Draws all weights, padding included.
    void draw_weights(std::uint64_t seed) { weights_ = drawn<T>(static_cast<std::int64_t>(weights_.size()), seed); }

    /// The output for a batch x.
    [[nodiscard]] std::vector<T> operator()(std::vector<T> const& x, espalier::sampling const& draw = {},
                                            std::uint64_t first_key = 1) {
        std::uint64_t key[layers::size];
        for (std::size_t i = 0; i < layers::size; ++i) key[i] = first_key + i;
        chain_.pack(weights_.data());
        T const* const y = chain_.forward(weights_.data(), x.data(), activations_.data(), scratch_.data(), draw, key);
        return {y, y + elements_};
    }

private:
    // One element more than is needed: an empty vector has no address.
    static std::vector<T> room(std::int64_t n) { return std::vector<T>(static_cast<std::size_t>(n) + 1, T{0}); }

    typename espalier::chain<layers>::template bound<T> chain_;
    std::int64_t elements_;
    std::vector<T> weights_, activations_, scratch_;
};

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A network of six small layers with data for it, so that meshes of many kinds compile and train quickly; and the trainer's headers,
/// without the umbrella. What is asserted about meshes is the tests' business.
#pragma once

#include <espalier/checkpoint/memory.hpp>
#include <espalier/checkpoint/none.hpp>
#include <espalier/comm/launch.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>
#include <espalier/core/philox.hpp>
#include <espalier/data/in_memory.hpp>
#include <espalier/nn/activation.hpp>
#include <espalier/nn/dropout.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/mesh.hpp>
#include <espalier/train/trainer.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace espalier_test {

/// Six layers of unlike sizes, none of them like a chunk of another; the widest tensor has more than one block of 4,096 elements.
using mesh_network = espalier::sequence<espalier::linear<6, 24>, espalier::relu, espalier::linear<24, 200>, espalier::tanh_activation,
                                        espalier::linear<200, 10>, espalier::linear<10, 1>>;
template <class Optimizer>
using mesh_model_with = espalier::model<mesh_network, espalier::mean_squared_error, Optimizer>;
using mesh_model      = mesh_model_with<espalier::adamw>;

/// `n` samples of 6 features from sample `first` on; the target is a product of two of them and the sum of the others.
[[nodiscard]] inline espalier::in_memory<float> mesh_problem(std::int64_t n, std::int64_t first = 0) {
    using namespace espalier;
    random_key const key{5, "mesh problem"};
    std::vector<float> x(static_cast<std::size_t>(6 * n)), y(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < y.size(); ++i) {
        float* const features = x.data() + 6 * i;
        for (std::size_t k = 0; k < 6; ++k) {
            auto const block = key.at(6 * (i + static_cast<std::size_t>(first)) + k);
            features[k]      = static_cast<float>(to_normal(block.word[0], block.word[1]));
        }
        y[i] = 0.5f * features[0] * features[1] + 0.2f * (features[2] + features[3] + features[4] + features[5]);
    }
    return {dims(6), dims(1), std::move(x), std::move(y)};
}

/// The text of the error that `f` ends with; empty where it ends without.
template <class F>
[[nodiscard]] std::string text_of_error(F&& f) {
    try {
        f();
    } catch (std::exception const& e) {
        return e.what();
    }
    return {};
}

}  // namespace espalier_test

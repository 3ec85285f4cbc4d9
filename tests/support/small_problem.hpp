// SPDX-License-Identifier: BSL-1.0
/// @file
/// A small regression that trains in milliseconds: sequences of noise and a target that depends on them.
#pragma once

#include <espalier/espalier.hpp>

#include <cstdint>
#include <vector>

namespace espalier_test {

using small_network = espalier::sequence<espalier::lstm<espalier::lstm_shape{.steps = 6, .inputs = 2, .units = 16}>, espalier::last_step,
                                         espalier::linear<16, 16>, espalier::relu, espalier::linear<16, 1>>;
using small_model_of_lstm = espalier::model<small_network, espalier::mean_squared_error, espalier::adamw>;

/// `n` sequences of 6 steps of 2 features; the target is the difference of the features' means.
[[nodiscard]] inline espalier::in_memory<float> small_problem(std::int64_t n) {
    using namespace espalier;
    random_key const key{2, "small problem"};
    std::vector<float> x(static_cast<std::size_t>(12 * n)), y(static_cast<std::size_t>(n), 0.0f);
    for (std::size_t i = 0; i < x.size(); ++i) {
        auto const block = key.at(i);
        x[i] = static_cast<float>(to_normal(block.word[0], block.word[1]));
        y[i / 12] += (i % 2 == 0 ? 1.0f : -1.0f) * x[i] / 6.0f;
    }
    return {dims(6, 2), dims(1), std::move(x), std::move(y)};
}

/// The text of the error that `f` ends with; empty where it ends without.
template <class F>
[[nodiscard]] std::string error_of(F&& f) {
    try {
        f();
    } catch (std::exception const& e) {
        return e.what();
    }
    return {};
}

}  // namespace espalier_test

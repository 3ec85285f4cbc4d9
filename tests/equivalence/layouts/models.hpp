// SPDX-License-Identifier: BSL-1.0
/// @file
/// The two models of the table of layouts, each of at least 16 layers between which a pipeline may cut, and their data.
#pragma once

#include "support/small_problem.hpp"

#include <espalier/espalier.hpp>

namespace espalier_test {

/// Lanes, micro-batches and samples of a step, with further options of the data axis.
template <class... More>
using step_of_8_lanes = espalier::data_parallel<espalier::lanes<8>, espalier::samples<2>, More...>;

/// 12 recurrent layers, the last step, and three dense ones: 18 elements, with dropout.
struct deep_lstm {
    static constexpr char const* name = "LSTM";
    template <class... Head>
    using with_head = espalier::sequence<espalier::named<espalier::text{"lstm"}, espalier::lstm<espalier::lstm_shape{.steps = 6, .inputs = 2, .units = 8, .layers = 12}>>,
                                         espalier::dropout<espalier::probability{0.1f}>, espalier::last_step, Head...>;
    using one  = espalier::named<espalier::text{"one"}, espalier::linear<8, 16>>;
    using two  = espalier::named<espalier::text{"two"}, espalier::linear<16, 1>>;
    using type = espalier::model<with_head<one, espalier::relu, two>, espalier::mean_squared_error, espalier::adamw>;
    /// The same with a head that keeps nothing.
    using recomputed = espalier::model<with_head<espalier::named<espalier::text{""}, espalier::recompute<one, espalier::relu, two>>>, espalier::mean_squared_error, espalier::adamw>;
    using one_rank   = step_of_8_lanes<>;
    using data_type  = espalier::in_memory<float>;
    static constexpr double rate = 3e-3, clip_norm = 1;
    [[nodiscard]] static data_type data() { return small_problem(600); }
};

/// Four layers over tokens: 22 elements. The class is whether token 1 comes before token 2.
struct small_bert {
    static constexpr char const* name = "BERT";
    static constexpr espalier::bert_shape shape{.vocabulary = 24, .steps = 12, .hidden = 16, .layers = 4, .heads = 2, .classes = 2};
    using type      = espalier::model<espalier::bert_classifier<shape>, espalier::cross_entropy, espalier::lamb>;
    static constexpr espalier::bert_shape recomputed_shape{.vocabulary = 24, .steps = 12, .hidden = 16, .layers = 4, .heads = 2, .classes = 2, .recompute = true};
    using recomputed = espalier::model<espalier::bert_classifier<recomputed_shape>, espalier::cross_entropy, espalier::lamb>;
    using one_rank  = step_of_8_lanes<>;
    using data_type = espalier::in_memory<float>;
    static constexpr double rate = 1e-2, clip_norm = 0;

    [[nodiscard]] static data_type data() {
        using namespace espalier;
        constexpr int steps = shape.steps, sequences = 600;
        random_key const key{4, "tokens"};
        std::vector<float> x, y;
        for (int i = 0; i < sequences; ++i) {
            auto const dice   = key.at(static_cast<std::uint64_t>(i));
            int const length  = 6 + static_cast<int>(dice.word[0] % 7), first = static_cast<int>(dice.word[1] % 5);
            bool const rising = dice.word[2] % 2 == 0;
            for (int t = 0; t < steps; ++t) {
                auto const noise = key.at(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(t + 1)).word[0];
                int const token  = t == first ? (rising ? 1 : 2) : t == first + 1 ? (rising ? 2 : 1) : 3 + static_cast<int>(noise % 21);
                for (float v : {t < length ? static_cast<float>(token) : 0.0f, t < steps / 2 ? 0.0f : 1.0f, t < length ? 1.0f : 0.0f}) x.push_back(v);
            }
            y.push_back(rising ? 1.0f : 0.0f);
        }
        return {dims(steps, 3), dims(1), std::move(x), std::move(y)};
    }
};

}  // namespace espalier_test

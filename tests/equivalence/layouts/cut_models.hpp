// SPDX-License-Identifier: BSL-1.0
/// @file
/// The two models of the table of cut layouts: four slices divide everything in them that is cut, and there are few enough layers that eight
/// ranks on two cores end soon. Also which of their tensors are cut, by name.
#pragma once

#include "equivalence/layouts/models.hpp"
#include "support/gradient_optimizer.hpp"

#include <espalier/espalier.hpp>

#include <string_view>

namespace espalier_test {

/// Lanes, micro-batches and samples of a step, with further options of the data axis.
template <class... More>
using step_of_4_lanes = espalier::data_parallel<espalier::lanes<4>, espalier::samples<2>, More...>;

/// Three recurrent layers, dropout, the last step, and a pair of dense layers: 8 elements.
struct cut_lstm {
    static constexpr char const* name = "LSTM";
    template <class... Head>
    using with_head = espalier::sequence<espalier::named<espalier::text{"lstm"}, espalier::lstm<espalier::lstm_shape{.steps = 6, .inputs = 2, .units = 8, .layers = 3}>>,
                                         espalier::dropout<espalier::probability{0.1f}>, espalier::last_step, Head...>;
    using one        = espalier::named<espalier::text{"one"}, espalier::linear<8, 16>>;
    using two        = espalier::named<espalier::text{"two"}, espalier::linear<16, 1>>;
    using optimizer  = gradients_or<espalier::adamw>;
    using type       = espalier::model<with_head<one, espalier::relu, two>, espalier::mean_squared_error, optimizer>;
    using recomputed = espalier::model<with_head<espalier::named<espalier::text{""}, espalier::recompute<one, espalier::relu, two>>>, espalier::mean_squared_error, optimizer>;
    using data_type  = espalier::in_memory<float>;
    static constexpr double rate = 3e-3, clip_norm = 1;
    [[nodiscard]] static data_type data() { return small_problem(300); }

    /// Gates by units; of the pair of dense layers the first by outputs, the second by inputs, so that its bias is whole.
    [[nodiscard]] static bool is_cut(std::string_view tensor) { return tensor != "two.bias"; }
};

/// Two layers of four heads over tokens: 14 elements.
struct cut_bert {
    static constexpr char const* name = "BERT";
    static constexpr espalier::bert_shape kept{.vocabulary = 24, .steps = 12, .hidden = 16, .layers = 2, .heads = 4, .classes = 2, .dropout = 0.1f};
    static constexpr espalier::bert_shape run_again{.vocabulary = 24, .steps = 12, .hidden = 16, .layers = 2, .heads = 4, .classes = 2, .dropout = 0.1f, .recompute = true};
    using optimizer  = gradients_or<espalier::lamb>;
    using type       = espalier::model<espalier::bert_classifier<kept>, espalier::cross_entropy, optimizer>;
    using recomputed = espalier::model<espalier::bert_classifier<run_again>, espalier::cross_entropy, optimizer>;
    using data_type  = small_bert::data_type;
    static constexpr double rate = 1e-2, clip_norm = 0;
    [[nodiscard]] static data_type data() { return small_bert::data(); }

    /// Words by vocabulary, attention by heads, the first of two dense layers by outputs and the second by inputs. The pooler's and the head's,
    /// between which is dropout, are no such pair.
    [[nodiscard]] static bool is_cut(std::string_view tensor) {
        for (std::string_view part : {"word_embeddings.weight", "query.weight", "query.bias", "key.weight", "key.bias", "value.weight", "value.bias",
                                      "attention.output.dense.weight", "intermediate.dense.weight", "intermediate.dense.bias", "output.dense.weight"})
            if (tensor.ends_with(part)) return true;
        return false;
    }
};

}  // namespace espalier_test

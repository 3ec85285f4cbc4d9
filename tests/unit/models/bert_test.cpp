// SPDX-License-Identifier: BSL-1.0
// Networks of models/bert.hpp against each other; PyTorch's numbers are in equivalence/bert_reference_test.cpp.
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/models/bert.hpp>
#include <espalier/nn/cross_entropy.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace espalier;

namespace {

constexpr bert_shape small{.vocabulary = 30, .steps = 12, .hidden = 16, .layers = 2, .heads = 2, .classes = 3};
constexpr bert_shape shorter{.vocabulary = 30, .steps = 8, .hidden = 16, .layers = 2, .heads = 2, .classes = 3};

template <class Network>
std::vector<std::string> names_of() {
    std::vector<std::string> out;
    for (auto const& t : network<Network>::tensors.item) out.emplace_back(t.name.view());
    return out;
}

/// `batch` samples of `steps` tokens, padded to `width`; the padding's ids differ.
std::vector<float> tokens(std::size_t steps, std::size_t width, std::size_t batch) {
    std::vector<float> x;
    for (std::size_t t = 0; t < width; ++t)
        for (std::size_t b = 0; b < batch; ++b) {
            bool const is_token = t < steps;
            x.push_back(static_cast<float>(is_token ? (7 * t + 3 * b * b) % 30 : (t + b) % 30));
            x.push_back(t < 3 ? 0.0f : 1.0f);
            x.push_back(is_token ? 1.0f : 0.0f);
        }
    return x;
}

/// A network with weights that depend on their names alone; networks of other lengths share all but positions.
template <class Network>
class run_of : public espalier_test::forward_run<Network, float> {
public:
    explicit run_of(std::int64_t batch) : espalier_test::forward_run<Network, float>{network<Network>::input, batch} {
        initialise<Network>(5, this->weight(0, 0));
    }
};

}  // namespace

TEST_CASE("a classifier's tensors have BERT's names, layer by layer") {
    CHECK(names_of<bert_classifier<bert_shape{.vocabulary = 30, .steps = 12, .hidden = 16, .layers = 1, .heads = 2, .classes = 3}>>() ==
          std::vector<std::string>{"bert.embeddings.word_embeddings.weight",
                                   "bert.embeddings.token_type_embeddings.weight",
                                   "bert.embeddings.position_embeddings.weight",
                                   "bert.embeddings.LayerNorm.weight",
                                   "bert.embeddings.LayerNorm.bias",
                                   "bert.encoder.layer.0.attention.self.query.weight",
                                   "bert.encoder.layer.0.attention.self.key.weight",
                                   "bert.encoder.layer.0.attention.self.value.weight",
                                   "bert.encoder.layer.0.attention.self.query.bias",
                                   "bert.encoder.layer.0.attention.self.key.bias",
                                   "bert.encoder.layer.0.attention.self.value.bias",
                                   "bert.encoder.layer.0.attention.output.dense.weight",
                                   "bert.encoder.layer.0.attention.output.dense.bias",
                                   "bert.encoder.layer.0.attention.output.LayerNorm.weight",
                                   "bert.encoder.layer.0.attention.output.LayerNorm.bias",
                                   "bert.encoder.layer.0.intermediate.dense.weight",
                                   "bert.encoder.layer.0.intermediate.dense.bias",
                                   "bert.encoder.layer.0.output.dense.weight",
                                   "bert.encoder.layer.0.output.dense.bias",
                                   "bert.encoder.layer.0.output.LayerNorm.weight",
                                   "bert.encoder.layer.0.output.LayerNorm.bias",
                                   "bert.pooler.dense.weight",
                                   "bert.pooler.dense.bias",
                                   "classifier.weight",
                                   "classifier.bias"});
}

TEST_CASE("BERT-base has the parameters that it is known for, and a pipeline can cut it at four places a layer") {
    using base = network<bert_classifier<bert_shape{.vocabulary = 30522, .steps = 512, .hidden = 768, .layers = 12, .heads = 12, .classes = 2}>>;
    STATIC_REQUIRE(base::tensors.parameters == 109'482'240 + 2 * 768 + 2);  // the encoder with its pooler, and the head
    STATIC_REQUIRE(base::tensors.count == 201);
    STATIC_REQUIRE(base::chain::size == 2 + 12 * 4 + 3 + 1);
    STATIC_REQUIRE(base::names_are_distinct);
    CHECK(base::input == dims(512, 3));
    CHECK(base::output == dims(2));
}

TEST_CASE("the heads give what they say: a regressor values, a token classifier scores a step, a span finder two") {
    using regressor = network<bert_regressor<bert_shape{.features = 5, .steps = 12, .hidden = 16, .layers = 1, .heads = 2}>>;
    CHECK(regressor::input == dims(12, 5));
    CHECK(regressor::output == dims(1));
    CHECK(std::string{regressor::tensors.item[0].name.view()} == "bert.embeddings.value_projection.weight");
    CHECK(network<bert_token_classifier<small>>::output == dims(12, 3));
    CHECK(names_of<bert_token_classifier<small>>().back() == "classifier.bias");
    CHECK(network<bert_span_finder<small>>::output == dims(12, 2));
    CHECK(names_of<bert_span_finder<small>>().back() == "qa_outputs.bias");
    CHECK(span_cross_entropy::target(network<bert_span_finder<small>>::output) == dims(2));
}

TEST_CASE("a padded batch gives what the shorter one gives, in every head") {
    auto const padded = tokens(8, 12, 3), plain = tokens(8, 8, 3);
    // Weights depend on names and element numbers alone: the first eight positions are the same rows.
    auto const same = [](std::vector<float> const& a, std::vector<float> const& b, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) REQUIRE(a[i] == Approx(b[i]).epsilon(1e-5).margin(1e-6));
    };
    auto const classes = run_of<bert_classifier<small>>{3}(padded);
    same(classes, run_of<bert_classifier<shorter>>{3}(plain), 9);
    CHECK(std::abs(classes[0] - classes[3]) > 1e-3f);  // samples are told apart
    same(run_of<bert_token_classifier<small>>{3}(padded), run_of<bert_token_classifier<shorter>>{3}(plain), 8 * 3 * 3);
    same(run_of<bert_span_finder<small>>{3}(padded), run_of<bert_span_finder<shorter>>{3}(plain), 8 * 3 * 2);
}

TEST_CASE("a regressor can take one of its features for the mask") {
    using masked = bert_regressor<bert_shape{.features = 3, .steps = 6, .hidden = 8, .layers = 2, .heads = 2, .mask_column = 1}>;
    using plain  = bert_regressor<bert_shape{.features = 3, .steps = 6, .hidden = 8, .layers = 2, .heads = 2}>;
    auto x = espalier_test::drawn<float>(18, 1);
    for (std::size_t t = 0; t < 6; ++t) x[3 * t + 1] = t < 4 ? 1.0f : 0.0f;
    auto const with = run_of<masked>{1}(x), without = run_of<plain>{1}(x);
    for (std::size_t t = 4; t < 6; ++t) x[3 * t] += 3, x[3 * t + 2] -= 2;
    CHECK(run_of<masked>{1}(x) == with);
    CHECK(run_of<plain>{1}(x) != without);
}

TEST_CASE("a sample that is nothing but padding gives numbers, not NaN") {
    auto x = tokens(0, 12, 2);
    for (float const y : run_of<bert_classifier<small>>{2}(x)) CHECK(std::isfinite(y));
}

TEST_CASE("dropout adds layers where it is asked for, and none otherwise") {
    constexpr bert_shape dropping{.vocabulary = 30, .steps = 12, .hidden = 16, .layers = 2, .heads = 2, .classes = 3, .dropout = 0.1f};
    using net = bert_classifier<dropping>;
    CHECK(network<net>::chain::size == network<bert_classifier<small>>::chain::size + 2);  // after the embeddings, before the head; the others are inside
    CHECK(names_of<net>() == names_of<bert_classifier<small>>());
    auto const x = tokens(8, 12, 2);
    run_of<net> run{2};
    auto const still = run(x);
    CHECK(still == run_of<bert_classifier<small>>{2}(x));  // outside training
    sampling const first{.seed = 1, .step = 1, .training = true}, second{.seed = 1, .step = 2, .training = true};
    auto const dropped = run(x, first);
    CHECK(dropped != still);
    CHECK(run(x, second) != dropped);
    CHECK(run(x, first) == dropped);
}

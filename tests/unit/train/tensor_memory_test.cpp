// SPDX-License-Identifier: BSL-1.0
/// @file
/// What ranks of a tensor axis hold: their parts of the tensors that are cut, listed here by name, and all of the others. That they hold nothing
/// else is shown by paint.
#include "support/catch.hpp"
#include "support/mesh_memory.hpp"

#include <espalier/models/bert.hpp>
#include <espalier/models/lstm_forecaster.hpp>
#include <espalier/nn/cross_entropy.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/optim/lamb.hpp>

#include <algorithm>
#include <map>
#include <vector>

using namespace espalier;
using espalier_test::is_of_parameters;
using espalier_test::memory_fault;

namespace {
using lanes_and_samples = data_parallel<lanes<4>, samples<2>>;

constexpr bert_shape shape{.vocabulary = 24, .steps = 8, .hidden = 16, .layers = 1, .heads = 4, .classes = 2};
using over_tokens = model<bert_classifier<shape>, cross_entropy, lamb>;
using recurrent   = model<sequence<lstm<lstm_shape{.steps = 6, .inputs = 1, .units = 8, .layers = 2}>, last_step, linear<8, 16>, relu, linear<16, 1>>,
                        mean_squared_error, adamw>;

/// 40 sequences of 8 tokens, the last two of which are padding.
in_memory<float> const& tokens() {
    static in_memory<float> const all = [] {
        std::vector<float> x, y;
        for (int i = 0; i < 40; ++i) {
            for (int t = 0; t < 8; ++t)
                for (float v : {static_cast<float>(t < 6 ? (7 * i + 5 * t) % 24 : 0), t < 4 ? 0.0f : 1.0f, t < 6 ? 1.0f : 0.0f}) x.push_back(v);
            y.push_back(static_cast<float>(i % 2));
        }
        return in_memory<float>{dims(8, 3), dims(1), std::move(x), std::move(y)};
    }();
    return all;
}
/// The samples of the mesh problem as six steps of one feature.
in_memory<float> const& series() {
    static in_memory<float> const all = [] {
        auto const flat = espalier_test::mesh_problem(60);
        std::vector<float> x(60 * 6), y(60);
        std::vector<std::int64_t> every(60);
        for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::int64_t>(i);
        flat.gather(every, x.data(), y.data());
        return in_memory<float>{dims(6, 1), dims(1), std::move(x), std::move(y)};
    }();
    return all;
}

/// Elements of each tensor of one rank of `ranks`, that hold the slices of what is cut between them.
template <class M, class Cut>
std::map<std::string, std::int64_t> held_by_a_rank() {
    std::map<std::string, std::int64_t> held;
    for (auto const& t : network<typename cut_model<M, Cut>::network_type>::tensors.item) held[std::string{t.name.view()}] += t.extents.elements();
    return held;
}
template <class M>
std::map<std::string, std::int64_t> whole_tensors() {
    std::map<std::string, std::int64_t> all;
    for (auto const& t : network<typename M::network_type>::tensors.item) all[std::string{t.name.view()}] = t.extents.elements();
    return all;
}

/// Of the tensors that are `cut` a rank of T has a T-th, of the others all; the plan of every rank has room for just that.
template <class M, int T, bool CutsSteps>
void holds_its_part(std::vector<std::string> const& cut) {
    auto const all = whole_tensors<M>();
    auto expected  = all;
    for (auto const& name : cut) {
        INFO(name);
        REQUIRE(all.contains(name));
        expected[name] /= T;
    }
    CHECK(held_by_a_rank<M, cut_over<T, 4, CutsSteps>>() == expected);

    using axis      = std::conditional_t<CutsSteps, tensor_parallel<T, exact<4>, sequence_parallel>, tensor_parallel<T, exact<4>>>;
    using partition = mesh<lanes_and_samples, axis>;
    auto const in_slots    = [](std::int64_t n) { return (n + 15) / 16 * 16; };  // every slice begins where 64 bytes do
    std::int64_t elements = 0;
    for (auto const& [name, n] : all) {
        bool const is_cut = std::find(cut.begin(), cut.end(), name) != cut.end();
        elements += is_cut ? 4 / T * in_slots(n / 4) : in_slots(n);
    }
    for (int r = 0; r < 2 * T; ++r) {
        auto const plan = partition::template plan<M>(2 * T, r);
        CHECK(plan.memory.of(region_kind::parameters).elements == elements);
        CHECK(plan.memory.of(region_kind::optimizer_state).elements == 2 * elements);
    }
}

std::vector<std::string> const cut_of_bert = {
    "bert.embeddings.word_embeddings.weight",
    "bert.encoder.layer.0.attention.self.query.weight", "bert.encoder.layer.0.attention.self.query.bias",
    "bert.encoder.layer.0.attention.self.key.weight",   "bert.encoder.layer.0.attention.self.key.bias",
    "bert.encoder.layer.0.attention.self.value.weight", "bert.encoder.layer.0.attention.self.value.bias",
    "bert.encoder.layer.0.attention.output.dense.weight",
    "bert.encoder.layer.0.intermediate.dense.weight",   "bert.encoder.layer.0.intermediate.dense.bias",
    "bert.encoder.layer.0.output.dense.weight",
    "bert.pooler.dense.weight",                         "bert.pooler.dense.bias",
    "classifier.weight"};
std::vector<std::string> const cut_of_lstm = {
    "0.weight_ih_l0", "0.weight_hh_l0", "0.bias_ih_l0", "0.bias_hh_l0", "0.weight_ih_l1", "0.weight_hh_l1", "0.bias_ih_l1", "0.bias_hh_l1",
    "2.weight", "2.bias", "4.weight"};
}  // namespace

TEST_CASE("a rank holds its part of the tensors of BERT that are cut, and all of the others") {
    holds_its_part<over_tokens, 2, false>(cut_of_bert);
    holds_its_part<over_tokens, 4, true>(cut_of_bert);
}

TEST_CASE("a rank holds its part of the gates of an LSTM and of the dense layers behind it") {
    holds_its_part<recurrent, 2, true>(cut_of_lstm);
    holds_its_part<recurrent, 4, false>(cut_of_lstm);
}

TEST_CASE("ranks that share layers touch every planned word and none beyond") {
    CHECK(memory_fault<over_tokens, mesh<lanes_and_samples, tensor_parallel<2, exact<4>, sequence_parallel>>>(2, tokens(), is_of_parameters) == "");
    CHECK(memory_fault<recurrent, mesh<lanes_and_samples, tensor_parallel<4>>>(4, series()) == "");
}

TEST_CASE("ranks that share the layers of stages, with replicas in shards, touch every planned word and none beyond") {
    using in_shards = data_parallel<lanes<4>, samples<2>, zero<3>>;
    CHECK(memory_fault<over_tokens, mesh<in_shards, pipeline<2, zb_h1>, tensor_parallel<2>>>(8, tokens(), is_of_parameters) == "");
    CHECK(memory_fault<recurrent, mesh<data_parallel<lanes<4>, samples<2>, zero<1>>, pipeline<2, one_f_one_b>, tensor_parallel<2>>>(8, series()) == "");
}

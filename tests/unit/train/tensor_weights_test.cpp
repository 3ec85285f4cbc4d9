// SPDX-License-Identifier: BSL-1.0
/// @file
/// Weights and checkpoints between runs whose layers are cut and runs whose layers are whole: the same values, and a note that sums round otherwise.
/// That bits stay where the number of slices does is tensor_checkpoint_test.cpp.
#include "support/catch.hpp"
#include "support/mesh_run.hpp"

#include <espalier/nn/last_step.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/optim/lamb.hpp>
#include <espalier/partition/tensor/tensor_parallel.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace espalier;
using checkpoint::memory;

namespace {
using layers = sequence<lstm<lstm_shape{.steps = 3, .inputs = 2, .units = 8}>, last_step, linear<8, 12>, relu, linear<12, 1>>;
using cut_model = model<layers, mean_squared_error, lamb>;
using data      = data_parallel<lanes<2>, samples<3>>;
using whole     = data;
using two       = mesh<data, tensor_parallel<2>>;
using in_shards = mesh<data_parallel<lanes<2>, samples<3>, zero<3>>, tensor_parallel<2>>;

/// Sequences of three steps made of six features each.
in_memory<float> const& training() {
    static in_memory<float> const all = [] {
        auto const flat = espalier_test::mesh_problem(24);
        std::vector<float> x(24 * 6), y(24);
        std::vector<std::int64_t> sample(24);
        for (std::size_t i = 0; i < 24; ++i) sample[i] = static_cast<std::int64_t>(i);
        flat.gather(sample, x.data(), y.data());
        return in_memory<float>{dims(3, 2), dims(1), std::move(x), std::move(y)};
    }();
    return all;
}

/// What every rank of a run has at its end.
struct ending {
    std::string weights;
    std::vector<float> values;
    std::vector<std::string> notes;  ///< of rank 0
    double loss = 0;
};
template <class P, class F>
ending run(int ranks, memory const& place, F&& steps) {
    using trainer_type = trainer<cut_model, P, threads, memory>;
    std::vector<ending> end(static_cast<std::size_t>(ranks));
    launch<trainer_type>(ranks, [&](threads& world) {
        trainer_type t{world, {.seed = 3, .learning_rate = 1e-2, .clip_norm = 1}, place};
        auto& mine = end[static_cast<std::size_t>(world.rank())];
        mine.notes = t.resume().notes;
        steps(t);
        mine.loss    = t.evaluate(training()).loss;
        mine.weights = checkpoint::weights_hash(t.weights());
        for (auto const& tensor : t.weights()) {
            auto const* const values = reinterpret_cast<float const*>(tensor.bytes.data());
            mine.values.insert(mine.values.end(), values, values + tensor.bytes.size() / sizeof(float));
        }
    });
    for (auto const& e : end)
        if (e.weights != end[0].weights || e.loss != end[0].loss) throw std::runtime_error{"ranks end with unlike results"};
    return end[0];
}
auto const to_step = [](std::int64_t steps) { return [=](auto& t) { t.fit(training(), {.epochs = 100, .steps = steps}); }; };
auto const nothing = [](auto&) {};

double largest_difference(ending const& a, ending const& b) {
    double largest = 0;
    REQUIRE(a.values.size() == b.values.size());
    for (std::size_t i = 0; i < a.values.size(); ++i) largest = std::max(largest, std::abs(static_cast<double>(a.values[i]) - static_cast<double>(b.values[i])));
    return largest;
}
}  // namespace

TEST_CASE("a network starts with the same weights, to the bit, however its layers are cut") {
    auto const start = run<whole>(1, memory{}, nothing);
    CHECK(run<two>(2, memory{}, nothing).weights == start.weights);
    CHECK(run<in_shards>(4, memory{}, nothing).weights == start.weights);
}

TEST_CASE("a checkpoint of cut layers holds the weights that a run with whole layers takes, and the other way round") {
    memory place;
    auto const saved = run<in_shards>(4, place, to_step(5));
    auto const taken = run<whole>(2, place, nothing);
    CHECK(taken.weights == saved.weights);
    CHECK(taken.notes == std::vector<std::string>{"the checkpoint was computed with layers in 2 slices, this run computes with whole layers: its "
                                                  "bits will differ from those of a run that never stopped"});
    memory other;
    auto const plain = run<whole>(2, other, to_step(5));
    auto const cut   = run<two>(4, other, nothing);
    CHECK(cut.weights == plain.weights);
    REQUIRE(cut.notes.size() == 1);
    CHECK(cut.notes[0].find("computed with whole layers, this run computes with layers in 2 slices:") != std::string::npos);
    CHECK(run<two>(2, place, nothing).notes.empty());
}

TEST_CASE("ten steps of LAMB with clipping, cut after five, stay beside those of whole layers") {
    auto const plain = run<whole>(1, memory{}, to_step(10));
    memory place;
    static_cast<void>(run<whole>(2, place, to_step(5)));
    auto const cut = run<in_shards>(4, place, to_step(10));  // moments go along
    CHECK(largest_difference(cut, plain) < 1e-5);
    CHECK(cut.loss == Approx(plain.loss).epsilon(1e-5));
    // The test could fail: ten steps move the weights a hundred times as far.
    CHECK(largest_difference(run<whole>(1, memory{}, nothing), plain) > 1e-3);
}

TEST_CASE("ranks of a tensor axis take foreign weights by name, each its part") {
    std::vector<float> given(static_cast<std::size_t>(network<layers>::tensors.elements));
    for (std::size_t i = 0; i < given.size(); ++i) given[i] = std::sin(static_cast<float>(i));
    auto const tensors = checkpoint::tensors_of<layers>(given.data());
    auto const bytes   = checkpoint::to_safetensors(tensors);
    auto const take    = [&](auto& t) { t.set_weights(checkpoint::safetensors_view::parse(bytes, "foreign weights")); };
    for (auto const& end : {run<two>(2, memory{}, take), run<in_shards>(4, memory{}, take)}) {
        CHECK(end.weights == checkpoint::weights_hash(tensors));
        CHECK(end.loss == Approx(run<whole>(1, memory{}, take).loss).epsilon(1e-6));
    }
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_run.hpp"

#include <espalier/serve/predictor.hpp>

#include <cmath>

using namespace espalier;
using espalier_test::mesh_model;
using espalier_test::mesh_problem;
using espalier_test::mesh_training;
using espalier_test::mesh_validation;

namespace {
using on_replicas = data_parallel<lanes<4>, micro_batches<2>, samples<3>>;
using on_shards   = data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<3>, buckets<3>>;
using on_stages   = mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<3>>, pipeline<2, zb_h1>>;

/// A file with other weights than any seed draws: element i of all is sin i.
struct foreign_weights {
    std::vector<float> elements;
    std::vector<std::byte> bytes;
    foreign_weights() : elements(static_cast<std::size_t>(network<espalier_test::mesh_network>::tensors.elements)) {
        for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = std::sin(static_cast<float>(i));
        bytes = checkpoint::to_safetensors(tensors());
    }
    [[nodiscard]] std::vector<checkpoint::named_tensor> tensors() const { return checkpoint::tensors_of<espalier_test::mesh_network>(elements.data()); }
    [[nodiscard]] checkpoint::safetensors_view view() const { return checkpoint::safetensors_view::parse(bytes, "foreign weights"); }
};

void need(bool holds, char const* what) {
    if (!holds) throw std::runtime_error{what};
}

/// What a trainer gave back after it took foreign weights, and where it came from there.
struct taken {
    std::string before, after;
    double loss = 0;
    friend bool operator==(taken const&, taken const&) = default;
};
template <class P>
taken after_foreign_weights(int ranks) {
    using trainer_type = trainer<mesh_model, P, threads, checkpoint::none>;
    std::vector<taken> seen(static_cast<std::size_t>(ranks));
    foreign_weights const given;
    launch<trainer_type>(ranks, [&](threads& world) {
        trainer_type t{world, {.seed = 3, .learning_rate = 1e-2}};
        t.train_step(mesh_training);
        t.set_weights(given.view());
        auto& mine = seen[static_cast<std::size_t>(world.rank())];
        mine.before = checkpoint::weights_hash(t.weights());
        mine.loss   = t.evaluate(mesh_validation).loss;
        t.train_step(mesh_training);
        mine.after = checkpoint::weights_hash(t.weights());
    });
    for (auto const& s : seen) CHECK(s == seen[0]);
    return seen[0];
}

/// Trains with validation, and looks at the best weights from all sides.
template <class P>
void best_weights_take_turns(int ranks) {
    using trainer_type = trainer<mesh_model, P, threads, checkpoint::none>;
    launch<trainer_type>(ranks, [&](threads& world) {
        trainer_type t{world, {.seed = 3, .learning_rate = 2e-2, .clip_norm = 2}};
        auto const hash   = [](auto const& tensors) { return checkpoint::weights_hash(tensors); };
        auto const result = t.fit(mesh_training, mesh_validation, {.epochs = 30, .early_stop = {.patience = 2}});
        auto const own = hash(t.weights()), best = hash(t.best_weights());
        need(result.stopped_early && own != best, "the best weights are not the last");
        need(t.evaluate(mesh_validation).loss > result.best_validation_loss, "the last weights are as good as the best");
        t.use_best_weights();
        need(hash(t.weights()) == best && hash(t.best_weights()) == best, "weights() does not speak of the best");
        need(t.evaluate(mesh_validation).loss == result.best_validation_loss, "the best weights have another loss than when they were judged");
        t.train_step(mesh_training);
        auto const next = hash(t.weights());
        trainer_type straight{world, {.seed = 3, .learning_rate = 2e-2, .clip_norm = 2}};
        for (std::int64_t s = 0; s < t.steps_done(); ++s) straight.train_step(mesh_training);
        need(hash(straight.weights()) == next, "training went on from other weights than its own");
    });
}
}  // namespace

TEST_CASE("weights from a file are what every rank of a mesh gives back, judges and trains on from") {
    auto const expected = after_foreign_weights<on_replicas>(1);
    CHECK(expected.before == checkpoint::weights_hash(foreign_weights{}.tensors()));
    CHECK(expected.after != expected.before);
    CHECK(after_foreign_weights<on_shards>(3) == expected);
    CHECK(after_foreign_weights<on_stages>(6) == expected);
}

TEST_CASE("the best weights of a mesh take the place of its own for evaluation, and the next step does not notice") {
    CHECK_NOTHROW(best_weights_take_turns<on_shards>(4));
    CHECK_NOTHROW(best_weights_take_turns<on_stages>(4));
}

TEST_CASE("a predictor of the weights of a mesh predicts what the mesh was judged by") {
    using trainer_type = trainer<mesh_model, on_stages, threads, checkpoint::none>;
    std::vector<std::byte> file;
    double loss = 0;
    launch<trainer_type>(4, [&](threads& world) {
        trainer_type t{world, {.seed = 3, .learning_rate = 1e-2}};
        t.fit(mesh_training, {.epochs = 3});
        double const judged = t.evaluate(mesh_validation).loss;
        auto const weights  = t.weights();  // collective
        if (world.rank() == 3) loss = judged, file = checkpoint::to_safetensors(weights);
    });
    predictor<mesh_model> p{checkpoint::safetensors_view::parse(file, "weights of a mesh"), 8};
    std::vector<float> x(37 * 6), y(37);
    std::vector<std::int64_t> all(37);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
    mesh_validation.gather(std::span<std::int64_t const>{all}, x.data(), y.data());
    auto const predicted = p.predict(x, 37);
    double sum           = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += std::pow(static_cast<double>(predicted[i]) - static_cast<double>(y[i]), 2);
    CHECK(sum / 37 == Approx(loss).epsilon(1e-5));
}

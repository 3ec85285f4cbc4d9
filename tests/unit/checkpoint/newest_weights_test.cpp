// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/checkpoint/memory.hpp>
#include <espalier/checkpoint/newest_weights.hpp>
#include <espalier/comm/launch.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>
#include <espalier/data/in_memory.hpp>
#include <espalier/models/model.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/serve/predictor.hpp>
#include <espalier/train/trainer.hpp>

#include <vector>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;

namespace {

using net   = sequence<linear<3, 1>>;
using small = model<net, mean_squared_error, adamw>;
template <class C>
using small_trainer = trainer<small, data_parallel<lanes<2>, samples<4>>, C, checkpoint::memory>;

in_memory<float> samples_of(std::size_t count, float noise) {
    std::vector<float> x, y;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < 3; ++k) x.push_back(static_cast<float>((i * 7 + k * 5) % 11) / 11.0f);
        y.push_back(x[3 * i] - 2.0f * x[3 * i + 1] + noise * static_cast<float>(i % 3));
    }
    return {dims(3), dims(1), x, y};
}
std::vector<float> predicted_by(checkpoint::safetensors_view const& file) {
    predictor<small> p{file};
    auto const y = p.predict(std::vector<float>{0.1f, 0.2f, 0.3f}, 1);
    return {y.begin(), y.end()};
}

} // namespace

TEST_CASE("The newest checkpoint's weights predict as the trainer's do, whatever number of ranks wrote them") {
    checkpoint::memory place;
    std::vector<float> expected;
    launch<small_trainer<threads>>(2, [&](threads& world) {
        small_trainer<threads> t{world, {.seed = 1, .learning_rate = 0.01}, place};
        t.fit(samples_of(64, 0), {.epochs = 2});
        if (world.rank() == 0) expected = predicted_by(checkpoint::safetensors_view::parse(checkpoint::to_safetensors(t.weights()), "w"));
    });
    auto const kept = checkpoint::newest_weights<net>(place);
    CHECK(kept.step == 16);
    CHECK_FALSE(kept.are_best);
    CHECK(kept.passed_over.empty());
    CHECK(predicted_by(checkpoint::safetensors_view::parse(kept.bytes, "kept")) == expected);
}

TEST_CASE("Where a run kept its best weights by validation, those are taken") {
    checkpoint::memory place;
    self world;
    small_trainer<self> t{world, {.seed = 1, .learning_rate = 0.5}, place}; // too large: the loss goes up and down
    auto const fitted = t.fit(samples_of(64, 0), samples_of(32, 0.3f), {.epochs = 12});
    REQUIRE(fitted.best_step > 0);
    REQUIRE(fitted.best_step < t.steps_done());
    auto const kept = checkpoint::newest_weights<net>(place);
    CHECK(kept.are_best);
    CHECK(kept.step == t.steps_done());
    auto const of_kept = predicted_by(checkpoint::safetensors_view::parse(kept.bytes, "kept"));
    auto const of_last = predicted_by(checkpoint::safetensors_view::parse(checkpoint::to_safetensors(t.weights()), "last"));
    t.use_best_weights();
    CHECK(of_kept == predicted_by(checkpoint::safetensors_view::parse(checkpoint::to_safetensors(t.weights()), "best")));
    CHECK(of_kept != of_last);
}

TEST_CASE("A place without a checkpoint, or with one of another network, is an error") {
    checkpoint::memory place;
    CHECK_THROWS_WITH(checkpoint::newest_weights<net>(place), ContainsSubstring("newest_weights: requires a checkpoint; got a place that holds none."));
    self world;
    small_trainer<self> t{world, {.seed = 1}, place};
    t.fit(samples_of(8, 0));
    using other = sequence<linear<4, 1>>;
    CHECK_THROWS_AS(checkpoint::newest_weights<other>(place), checkpoint::bad_checkpoint);
}

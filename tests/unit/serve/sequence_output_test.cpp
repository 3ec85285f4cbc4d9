// SPDX-License-Identifier: BSL-1.0
// Networks whose output is a sequence, and recurrent layers inside a residual.
#include "support/catch.hpp"

#include <espalier/comm/launch.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/checkpoint/none.hpp>
#include <espalier/data/in_memory.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/serve/predictor.hpp>
#include <espalier/train/trainer.hpp>

#include <cmath>
#include <vector>

using namespace espalier;

namespace {

using sequence_model = model<lstm<lstm_shape{.steps = 4, .inputs = 2, .units = 3}>, mean_squared_error, adamw>;
using nested_model = model<sequence<lstm<lstm_shape{.steps = 4, .inputs = 3, .units = 3}>, residual<lstm<lstm_shape{.steps = 4, .inputs = 3, .units = 3}>>,
                                    last_step, linear<3, 1>>,
                           mean_squared_error, adamw>;

/// Targets of rank 2, step by step, beside inputs of rank 2.
struct sequences {
    in_memory<float> x_part, y_part;
    [[nodiscard]] std::int64_t size() const { return x_part.size(); }
    [[nodiscard]] shape input() const { return dims(4, 2); }
    [[nodiscard]] shape target() const { return dims(4, 3); }
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        std::vector<T> unused(samples.size());
        x_part.gather(samples, x, unused.data());
        y_part.gather(samples, y, unused.data());
    }
};

std::vector<float> drawn(std::int64_t n) {
    std::vector<float> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = to_unit(random_key{4, "sequences"}.at(i).word[0]) - 0.5f;
    return v;
}
template <class M>
predictor<M> with_initial_weights(std::int64_t batch) {
    using net = network<typename M::network_type>;
    std::vector<float> weights(static_cast<std::size_t>(net::tensors.elements));
    initialise<typename M::network_type>(3, weights.data());
    auto const bytes = checkpoint::to_safetensors(checkpoint::tensors_of<typename M::network_type>(weights.data()), {});
    return predictor<M>{checkpoint::safetensors_view::parse(bytes, "initial"), batch};
}

}  // namespace

TEST_CASE("a network that gives a sequence predicts (T,count,O), whatever the batch") {
    auto const x = drawn(4 * 3 * 2);  // (T,count,F)
    auto one = with_initial_weights<sequence_model>(1), four = with_initial_weights<sequence_model>(4);
    auto const y = four.predict(x, 3);
    REQUIRE(y.size() == 4 * 3 * 3);
    for (std::size_t sample = 0; sample < 3; ++sample) {
        std::vector<float> alone;
        for (std::size_t t = 0; t < 4; ++t) alone.insert(alone.end(), {x[(t * 3 + sample) * 2], x[(t * 3 + sample) * 2 + 1]});
        auto const wanted = one.predict(alone, 1);
        one.reset();
        for (std::size_t t = 0; t < 4; ++t) {
            auto const stepped = one.step(std::span<float const>{alone}.subspan(2 * t, 2));
            REQUIRE(stepped.size() == 3);
            for (std::size_t f = 0; f < 3; ++f) {
                CHECK(y[(t * 3 + sample) * 3 + f] == Approx(wanted[t * 3 + f]).margin(1e-6));
                CHECK(stepped[f] == Approx(wanted[t * 3 + f]).margin(1e-6));
            }
        }
    }
}

TEST_CASE("evaluation of sequences counts the samples of an incomplete last batch, and only those") {
    auto const x = drawn(7 * 4 * 2), y = drawn(7 * 4 * 3);
    sequences const data{{dims(4, 2), dims(1), x, std::vector<float>(7)}, {dims(4, 3), dims(1), y, std::vector<float>(7)}};
    auto const loss_with = [&](auto batch) {
        using t_type = trainer<sequence_model, data_parallel<samples<decltype(batch)::value>>, self, checkpoint::none>;
        double loss  = 0;
        launch<t_type>(1, [&](self& world) {
            t_type t{world, {.seed = 2}};
            loss = t.evaluate(data).loss;
        });
        return loss;
    };
    double const wanted = loss_with(std::integral_constant<int, 1>{});
    CHECK(wanted > 0);
    CHECK(loss_with(std::integral_constant<int, 4>{}) == Approx(wanted).epsilon(1e-6));
    CHECK(loss_with(std::integral_constant<int, 5>{}) == Approx(wanted).epsilon(1e-6));
}

TEST_CASE("a recurrent layer inside a residual keeps its state from step to step") {
    auto const x = drawn(4 * 3);
    auto p       = with_initial_weights<nested_model>(1);
    float const wanted = p.predict(x, 1)[0];
    float last         = 0;
    for (std::size_t t = 0; t < 4; ++t) last = p.step(std::span<float const>{x}.subspan(3 * t, 3))[0];
    CHECK(last == Approx(wanted).margin(1e-6));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"
#include "unit/serve/served.hpp"

#include <espalier/checkpoint/none.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/data/in_memory.hpp>
#include <espalier/nn/activation.hpp>
#include <espalier/nn/dropout.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/train/trainer.hpp>

#include <cmath>

using namespace espalier;
using espalier_test::drawn;
using espalier_test::forward_run;
using espalier_test::served;

namespace {
using net = sequence<lstm<lstm_shape{.steps = 6, .inputs = 2, .units = 16}>, dropout<probability{0.5f}>, last_step, linear<16, 8>,
                     relu, linear<8, 3>>;
using net_model = model<net, mean_squared_error, adamw>;

/// Samples first … first + n − 1 of a batch (T,count,F) as a batch of 8, the rest zero.
std::vector<float> piece(std::vector<float> const& x, std::int64_t first, std::int64_t n, std::int64_t count) {
    std::vector<float> out(6 * 8 * 2, 0.0f);
    for (std::int64_t t = 0; t < 6; ++t)
        for (std::int64_t i = 0; i < 2 * n; ++i)
            out[static_cast<std::size_t>(t * 16 + i)] = x[static_cast<std::size_t>((t * count + first) * 2 + i)];
    return out;
}
}  // namespace

TEST_CASE("a prediction has the bits of the forward pass, whether or not the batch divides the windows") {
    forward_run<net, float> run{dims(6, 2), 8};
    initialise<net>(7, run.weight(0, 0));
    predictor<net_model> p{served<net>(run.weight(0, 0)).view(), 8};
    for (std::int64_t count : {1, 7, 8, 9, 16, 21}) {
        auto const x = drawn<float>(6 * count * 2, 1);
        auto const y = p.predict(x, count);
        REQUIRE(static_cast<std::int64_t>(y.size()) == count * 3);
        for (std::int64_t first = 0; first < count; first += 8) {
            std::int64_t const n = std::min<std::int64_t>(8, count - first);
            auto const expected  = run(piece(x, first, n, count));
            INFO(count << " windows, from " << first);
            CHECK(std::equal(expected.begin(), expected.begin() + n * 3, y.begin() + first * 3));
        }
    }
    CHECK(p.predict({}, 0).empty());
}

TEST_CASE("predictions in batches of any size agree with those one at a time") {
    forward_run<net, float> run{dims(6, 2), 1};
    initialise<net>(7, run.weight(0, 0));
    served<net> const file{run.weight(0, 0)};
    auto const x = drawn<float>(6 * 11 * 2, 1);
    predictor<net_model> one{file.view()};
    std::vector<float> const expected = [&] {
        auto const y = one.predict(x, 11);
        return std::vector<float>(y.begin(), y.end());
    }();
    for (std::int64_t batch : {2, 3, 11, 32}) {
        predictor<net_model> p{file.view(), batch};
        auto const y = p.predict(x, 11);
        for (std::size_t i = 0; i < expected.size(); ++i) CHECK(std::abs(y[i] - expected[i]) < 1e-6f);
    }
}

TEST_CASE("the loss of a trainer's evaluation is that of the predictions, to the bit, and a predictor needs less memory") {
    using trainer_type = trainer<net_model, data_parallel<lanes<1>, samples<8>>, self, checkpoint::none>;
    self world;
    trainer_type t{world, {.seed = 3, .learning_rate = 1e-2}};
    std::int64_t const count = 13;
    auto const x = drawn<float>(count * 6 * 2, 1), target = drawn<float>(count * 3, 2);  // sample by sample: (count,T,F)
    in_memory<float> const data{dims(6, 2), dims(3), x, target};
    for (int step = 0; step < 5; ++step) t.train_step(data);

    auto const bytes = checkpoint::to_safetensors(t.weights());
    predictor<net_model> p{checkpoint::safetensors_view::parse(bytes, "weights"), 8};
    std::vector<float> by_step(x.size());  // (T,count,F)
    for (std::size_t b = 0; b < 13; ++b)
        for (std::size_t i = 0; i < 12; ++i) by_step[(i / 2 * 13 + b) * 2 + i % 2] = x[b * 12 + i];
    auto const y     = p.predict(by_step, count);
    double sum[2]    = {0, 0};  // of the first eight samples and of the rest
    for (std::size_t i = 0; i < y.size(); ++i) {
        float const d = y[i] - target[i];
        sum[i / 24] += static_cast<double>(d * d);
    }
    CHECK(t.evaluate(data).loss == (sum[0] + sum[1]) / (13 * 3));

    auto const& memory = t.plan().memory;
    CHECK(p.bytes() < static_cast<std::size_t>(memory.bytes()));
    CHECK(p.bytes() > static_cast<std::size_t>(memory.bytes_of(region_kind::parameters)));
}

TEST_CASE("a predictor asks for whole windows, a batch of at least one, and weights of its own network") {
    forward_run<net, float> run{dims(6, 2), 1};
    served<net> const file{run.weight(0, 0)};
    predictor<net_model> p{file.view()};
    std::vector<float> const x(23);
    CHECK_THROWS_WITH(p.predict(x, 2), "espalier: predictor: requires 2 windows of 12 elements; got 23 elements. "
                                       "Pass x step by step as (T,count,F). See docs/policies/model.md.");
    CHECK_THROWS_WITH((predictor<net_model>{file.view(), 0}),
                      "espalier: predictor: requires a batch of at least 1; got 0. "
                      "Pass how many windows to compute at once. See docs/policies/model.md.");
    using wider = sequence<lstm<lstm_shape{.steps = 6, .inputs = 2, .units = 17}>, last_step, linear<17, 3>>;
    using other = sequence<named<text{"lstm"}, lstm<lstm_shape{.steps = 6, .inputs = 2, .units = 16}>>, last_step, linear<16, 3>>;
    CHECK_THROWS_AS((predictor<model<wider, huber<>, adamw>>{file.view()}), checkpoint::bad_checkpoint);
    CHECK_THROWS_AS((predictor<model<other, huber<>, adamw>>{file.view()}), checkpoint::bad_checkpoint);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/small_problem.hpp"

#include <atomic>
#include <cmath>

using namespace espalier;
using espalier_test::error_of;
using espalier_test::small_model_of_lstm;
using espalier_test::small_problem;

namespace {
template <class Place>
using small_trainer = trainer<small_model_of_lstm, data_parallel<lanes<4>, samples<8>>, threads, Place>;
using plain_trainer = small_trainer<checkpoint::none>;

/// The weights' hash after training on `ranks` ranks with these options.
template <class Place = checkpoint::none>
std::string trained(int ranks, fit_options const& options, Place place = {}, training_settings<adamw> settings = {.seed = 3, .learning_rate = 1e-2}) {
    std::string hash;
    auto const data = small_problem(100);
    launch<small_trainer<Place>>(ranks, [&](threads& world) {
        small_trainer<Place> t{world, settings, place};
        t.resume();
        t.fit(data, options);
        if (world.rank() == 0) hash = checkpoint::weights_hash(t.weights());
    });
    return hash;
}

/// Counts what it is told.
struct counter : observer {
    int starts = 0, steps = 0, finishes = 0;
    std::vector<step_report> seen;
    void on_start(step_report const&) override { ++starts; }
    void on_step(step_report const& r) override { ++steps, seen.push_back(r); }
    void on_finish(step_report const&) override { ++finishes; }
};
}  // namespace

TEST_CASE("an epoch is as many whole steps as the samples fill; the rest is dropped and counted") {
    auto const data = small_problem(100);
    launch<plain_trainer>(2, [&](threads& world) {
        plain_trainer t{world, {.learning_rate = 1e-2}};
        auto const r = t.fit(data, {.epochs = 2});
        if (r.steps != 6 || r.steps_per_epoch != 3 || r.dropped_samples != 4 || t.steps_done() != 6) throw std::runtime_error{"wrong counts"};
    });
}

TEST_CASE("training lowers the loss on every sample set, and evaluation gives the same bits on any number of ranks") {
    auto const data = small_problem(203);
    std::vector<double> losses;
    for (int ranks : {1, 2, 3, 4})
        launch<plain_trainer>(ranks, [&](threads& world) {
            plain_trainer t{world, {.seed = 5, .learning_rate = 1e-2}};
            double const before = t.evaluate(data).loss;
            t.fit(data, {.epochs = 10});
            double const after = t.evaluate(data).loss;
            if (world.rank() == 0) losses.push_back(after), losses.push_back(before);
        });
    CHECK(losses[0] < 0.2 * losses[1]);
    for (std::size_t i = 2; i < losses.size(); ++i) CHECK(losses[i] == losses[i % 2]);
}

TEST_CASE("a run that stops and resumes from memory on another number of ranks ends in the bits of one that never stopped") {
    std::string const whole = trained(1, {.epochs = 6});
    checkpoint::memory place;
    CHECK(trained(3, {.epochs = 6, .steps = 7}, place) != whole);
    CHECK(trained(2, {.epochs = 6}, place) == whole);
    CHECK(place.list().back() == 18);
    CHECK(trained(4, {.epochs = 6}, place) == whole);  // finished: nothing is done again
    checkpoint::memory often;
    CHECK(trained(2, {.epochs = 6, .checkpoint_every = 5}, often) == whole);
    CHECK(often.list() == std::vector<std::int64_t>{15, 18});
}

TEST_CASE("a checkpoint of another run is refused by the name of what differs") {
    checkpoint::memory place;
    (void)trained(1, {.epochs = 1}, place);
    auto const text = error_of([&] { (void)trained(2, {.epochs = 2}, place, {.seed = 4, .learning_rate = 1e-2}); });
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("requires a checkpoint of a run with seed 4; got one with seed 3"));
    using other_lanes = trainer<small_model_of_lstm, data_parallel<lanes<2>, samples<8>>, self, checkpoint::memory>;
    auto const lanes_text = error_of([&] {
        launch<other_lanes>(1, [&](self& world) {
            other_lanes t{world, {.seed = 3}, place};
            t.resume();
        });
    });
    CHECK_THAT(lanes_text, Catch::Matchers::ContainsSubstring("requires a checkpoint of a run with lanes 2; got one with lanes 4"));
}

TEST_CASE("a checkpoint of another network, loss or optimizer is refused by the name of what differs, its activations too") {
    checkpoint::memory place;
    (void)trained(1, {.epochs = 1}, place);
    auto const refused = [&]<class M>(M const*) {
        using other = trainer<M, data_parallel<lanes<4>, samples<8>>, self, checkpoint::memory>;
        return error_of([&] {
            launch<other>(1, [&](self& world) {
                other t{world, {.seed = 3}, place};
                t.resume();
            });
        });
    };
    using first = lstm<lstm_shape{.steps = 6, .inputs = 2, .units = 16}>;
    using wider = sequence<first, last_step, linear<16, 8>, relu, linear<8, 1>>;
    using tanhs = sequence<first, last_step, linear<16, 16>, tanh_activation, linear<16, 1>>;
    using same  = espalier_test::small_network;
    CHECK_THAT(refused(static_cast<model<wider, mean_squared_error, adamw> const*>(nullptr)),
               Catch::Matchers::ContainsSubstring("a run with network 0.weight_ih_l0(64,2)"));
    CHECK_THAT(refused(static_cast<model<tanhs, mean_squared_error, adamw> const*>(nullptr)),
               Catch::Matchers::ContainsSubstring("a run with layers lstm_layer last_step linear tanh_activation linear; got one with "
                                                  "layers lstm_layer last_step linear relu linear"));
    CHECK_THAT(refused(static_cast<model<same, huber<threshold{1.0f}>, adamw> const*>(nullptr)),
               Catch::Matchers::ContainsSubstring("a run with loss huber; got one with loss mean_squared_error"));
    CHECK_THAT(refused(static_cast<model<same, mean_squared_error, adamw, fp64> const*>(nullptr)),
               Catch::Matchers::ContainsSubstring("a run with precision fp64; got one with precision fp32"));
}

TEST_CASE("a run that is resumed goes on with as many samples as it began with, or says so") {
    checkpoint::memory place;
    (void)trained(2, {.epochs = 1}, place);
    auto const other = small_problem(132);
    auto const text  = error_of([&] {
        launch<small_trainer<checkpoint::memory>>(1, [&](threads& world) {
            small_trainer<checkpoint::memory> t{world, {.seed = 3, .learning_rate = 1e-2}, place};
            t.resume();
            t.fit(other, {.epochs = 2});
        });
    });
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("requires the 100 samples that the resumed run was trained on; got 132 samples."));
}

TEST_CASE("a run does not write among another run's checkpoints unless it resumes or starts over") {
    checkpoint::memory place;
    std::string const first = trained(2, {.epochs = 2}, place);
    auto const again        = [&](bool start_over) {
        std::string hash;
        launch<small_trainer<checkpoint::memory>>(2, [&](threads& world) {
            small_trainer<checkpoint::memory> t{world, {.seed = 4, .learning_rate = 1e-2}, place};
            if (start_over) t.start_over();
            t.fit(small_problem(100), {.epochs = 1});
            if (world.rank() == 0) hash = checkpoint::weights_hash(t.weights());
        });
        return hash;
    };
    CHECK_THAT(error_of([&] { (void)again(false); }),
               Catch::Matchers::ContainsSubstring("requires a place without checkpoints, or one whose run is resumed; got 1 checkpoints, the "
                                                  "newest of step 6. Call resume(), or start_over() to remove them."));
    CHECK(place.list() == std::vector<std::int64_t>{6});
    CHECK(again(true) != first);
    CHECK(place.list() == std::vector<std::int64_t>{3});
}

TEST_CASE("a flag on one rank stops all ranks after the same step with a checkpoint, from which the run goes on to the same bits") {
    std::string const whole = trained(1, {.epochs = 6});
    for (int ranks : {1, 2, 3, 4})
        for (int asks = 0; asks < ranks; ++asks) {
            checkpoint::memory place;
            std::vector<fit_result> results(static_cast<std::size_t>(ranks));
            std::vector<std::int64_t> done(static_cast<std::size_t>(ranks));
            auto const data = small_problem(100);
            launch<small_trainer<checkpoint::memory>>(ranks, [&](threads& world) {
                auto const me = static_cast<std::size_t>(world.rank());
                std::atomic<bool> stop{false};
                small_trainer<checkpoint::memory> t{world, {.seed = 3, .learning_rate = 1e-2}, place};
                t.fit(data, {.epochs = 6, .steps = 5, .stop = &stop});
                stop.store(world.rank() == asks);  // before step 6, on one rank
                results[me] = t.fit(data, {.epochs = 6, .stop = &stop});
                done[me]    = t.steps_done();
            });
            for (std::size_t r = 0; r < results.size(); ++r) {
                CHECK(results[r].stopped);
                CHECK(results[r].steps == 1);
                CHECK(done[r] == 6);
            }
            CHECK(place.list().back() == 6);
            CHECK(trained(2, {.epochs = 6}, place) == whole);
        }
}

TEST_CASE("a flag that is raised in the last step stops nothing: the run has come to its end") {
    auto const data = small_problem(100);
    launch<plain_trainer>(2, [&](threads& world) {
        std::atomic<bool> const stop{true};
        plain_trainer t{world, {.learning_rate = 1e-2}};
        auto const r = t.fit(data, {.epochs = 1, .steps = 1, .stop = &stop});
        if (r.stopped || r.steps != 1) throw std::runtime_error{"stopped"};
    });
}

TEST_CASE("observers hear of each checkpoint before it is written, with the step that it will have") {
    struct listener : observer {
        checkpoint::memory place{100};
        std::vector<std::int64_t> told;
        bool before_each = true;
        void on_save(step_report const& r) override {
            told.push_back(r.step);
            auto const steps = place.list();
            before_each      = before_each && (steps.empty() || steps.back() < r.step);
        }
    } on_rank[2];
    auto const data = small_problem(100);
    launch<small_trainer<checkpoint::memory>>(2, [&](threads& world) {
        small_trainer<checkpoint::memory> t{world, {.learning_rate = 1e-2}, on_rank[0].place};
        t.fit(data, {.epochs = 3, .checkpoint_every = 4, .observers = {&on_rank[world.rank()]}});
    });
    CHECK(on_rank[0].told == std::vector<std::int64_t>{4, 8, 9});
    CHECK(on_rank[0].place.list() == on_rank[0].told);
    CHECK(on_rank[0].before_each);
    CHECK(on_rank[1].told.empty());
}

TEST_CASE("observers are called on rank 0 alone, once a step") {
    counter on_rank[2];
    auto const data = small_problem(100);
    launch<plain_trainer>(2, [&](threads& world) {
        plain_trainer t{world, {.learning_rate = warm_up(1e-2, 4), .clip_norm = 100}};
        t.fit(data, {.epochs = 2, .observers = {&on_rank[world.rank()]}});
    });
    CHECK(on_rank[1].steps == 0);
    CHECK(on_rank[1].starts == 0);
    CHECK(on_rank[0].starts == 1);
    CHECK(on_rank[0].finishes == 1);
    REQUIRE(on_rank[0].steps == 6);
    for (int i = 0; i < 6; ++i) {
        auto const& r = on_rank[0].seen[static_cast<std::size_t>(i)];
        CHECK(r.step == i + 1);
        CHECK(r.epoch == i / 3 + 1);
        CHECK(r.last_step == 6);
        CHECK(r.samples == 32);
        CHECK(r.learning_rate == Approx(i < 3 ? 1e-2 * (i + 1) / 4 : 1e-2));
        CHECK(r.gradient_norm > 0);
    }
}

TEST_CASE("clipping scales the whole gradient down to the norm, with the same bits on any number of ranks") {
    using one_lane = trainer<small_model_of_lstm, data_parallel<lanes<1>, samples<8>>, self, checkpoint::none>;
    auto const data = small_problem(8);
    launch<one_lane>(1, [&](self& world) {
        // With plain gradient descent the change of the weights is rate × clipped gradient: its norm is rate × clip_norm.
        using descent = trainer<model<espalier_test::small_network, mean_squared_error, sgd>, data_parallel<lanes<1>, samples<8>>, self, checkpoint::none>;
        auto const change = [&](double clip) {
            descent t{world, {.seed = 1, .learning_rate = 0.5, .clip_norm = clip, .optimizer = {.momentum = 0}}};
            std::vector<std::vector<float>> before;
            for (auto const& w : t.weights()) before.emplace_back(reinterpret_cast<float const*>(w.bytes.data()), reinterpret_cast<float const*>(w.bytes.data() + w.bytes.size()));
            auto const outcome = t.train_step(data);
            double sum         = 0;
            for (std::size_t k = 0; k < before.size(); ++k)
                for (std::size_t i = 0; i < before[k].size(); ++i) {
                    double const d = static_cast<double>(reinterpret_cast<float const*>(t.weights()[k].bytes.data())[i]) - static_cast<double>(before[k][i]);
                    sum += d * d;
                }
            return std::pair{std::sqrt(sum), outcome.gradient_norm};
        };
        auto const free = change(0), wide = change(1e6), tight = change(1e-3);
        CHECK(free.second == 0);
        CHECK(free.first == Approx(0.5 * wide.second).epsilon(1e-4));
        CHECK(wide.first == Approx(free.first).epsilon(1e-6));
        CHECK(tight.second == wide.second);
        CHECK(tight.first == Approx(0.5e-3).epsilon(1e-4));
    });
    training_settings<adamw> const clipped{.seed = 3, .learning_rate = 1e-2, .clip_norm = 0.05};
    std::string const hash = trained(1, {.epochs = 3}, checkpoint::none{}, clipped);
    CHECK(trained(3, {.epochs = 3}, checkpoint::none{}, clipped) == hash);
    CHECK(trained(3, {.epochs = 3}) != hash);
}

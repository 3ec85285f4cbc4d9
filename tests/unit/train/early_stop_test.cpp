// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/small_problem.hpp"
#include "unit/data/temporary_folder.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::error_of;
using espalier_test::small_model_of_lstm;
using espalier_test::small_problem;

namespace {
template <class Place, class C = threads>
using judged_trainer = trainer<small_model_of_lstm, data_parallel<lanes<4>, samples<8>>, C, Place>;

constexpr training_settings<adamw> settings{.seed = 3, .learning_rate = 1e-2};
constexpr early_stop_options three_epochs{.patience = 3};

/// Samples `first` … of the small problem.
struct later_samples {
    in_memory<float> all;
    std::int64_t first;
    [[nodiscard]] std::int64_t size() const { return all.size() - first; }
    [[nodiscard]] shape input() const { return all.input(); }
    [[nodiscard]] shape target() const { return all.target(); }
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        std::vector<std::int64_t> shifted(samples.begin(), samples.end());
        for (auto& s : shifted) s += first;
        all.gather(std::span<std::int64_t const>{shifted}, x, y);
    }
};
/// 100 samples to train on, three steps an epoch, and 37 others to judge by.
auto const train = small_problem(100);
later_samples const validation{small_problem(147), 110};

/// What a run ended with.
struct ending {
    std::string weights, best;  // hashes
    std::int64_t steps = 0, best_step = 0;
    double best_loss = 0;
    bool stopped_early = false;
    friend bool operator==(ending const&, ending const&) = default;
};

/// Trains 12 epochs at most on `ranks` ranks from where the place is.
template <class Place = checkpoint::none, class C = threads>
ending trained(int ranks, fit_options options, Place place = {}) {
    ending end;
    if (options.epochs == 1) options.epochs = 12;
    launch<judged_trainer<Place, C>>(ranks, [&](C& world) {
        judged_trainer<Place, C> t{world, settings, place};
        t.resume();
        auto const r = t.fit(train, validation, options);
        if (world.rank() != 0) return;
        end = {checkpoint::weights_hash(t.weights()), r.best_step > 0 ? checkpoint::weights_hash(t.best_weights()) : "", t.steps_done(),
               r.best_step, r.best_validation_loss, r.stopped_early};
    });
    return end;
}

/// The losses and weights at the end of each of twelve epochs, from a trainer that knows nothing of validation.
struct epoch_end {
    double loss;
    std::string weights;
};
std::vector<epoch_end> const& epochs() {
    static std::vector<epoch_end> const all = [] {
        std::vector<epoch_end> out;
        using plain = judged_trainer<checkpoint::none, self>;
        launch<plain>(1, [&](self& world) {
            plain t{world, settings};
            for (std::int64_t epoch = 1; epoch <= 12; ++epoch) {
                t.fit(train, {.epochs = epoch});
                out.push_back({t.evaluate(validation).loss, checkpoint::weights_hash(t.weights())});
            }
        });
        return out;
    }();
    return all;
}
/// What must come out, by the rule as it is told in words.
ending expected(std::int64_t patience, double min_delta) {
    auto const& all = epochs();
    std::size_t best = 0, e = 0;
    for (; e + 1 < all.size(); ++e) {
        if (e > best && all[best].loss - all[e].loss > min_delta) best = e;
        if (patience > 0 && e - best == static_cast<std::size_t>(patience)) break;
    }
    bool const early = e + 1 < all.size();
    if (!early && all[best].loss - all[e].loss > min_delta) best = e;
    return {all[e].weights, all[best].weights, static_cast<std::int64_t>(3 * (e + 1)), static_cast<std::int64_t>(3 * (best + 1)), all[best].loss, early};
}
}  // namespace

TEST_CASE("training ends where the losses of a plain run say, with the weights of the best epoch, on any number of ranks") {
    // The losses fall to epoch 6, rise for three, and are lower again by 9 % at epoch 10.
    CHECK(expected(3, 0).steps == 27);
    CHECK(expected(3, 0).best_step == 18);
    CHECK(expected(4, 0).steps == 36);
    CHECK(expected(4, 0).best_step == 30);
    for (auto const& [patience, delta] : {std::pair{3, 0.0}, {4, 0.0}, {1, 0.0}, {0, 0.0}, {5, 0.005}, {2, 0.2}}) {
        fit_options const options{.early_stop = {.patience = patience, .min_delta = delta}};
        INFO("patience " << patience << ", min_delta " << delta);
        CHECK(trained<checkpoint::none, self>(1, options) == expected(patience, delta));
        for (int ranks : {1, 2, 3, 4}) CHECK(trained(ranks, options) == expected(patience, delta));
    }
}

TEST_CASE("a run that is killed at any step and resumed on another number of ranks ends as one that never stopped") {
    ending const whole = expected(3, 0);
    for (std::int64_t step = 1; step <= 27; ++step) {
        checkpoint::memory place;
        INFO("killed after step " << step);
        auto const part = trained(static_cast<int>(1 + step % 4), {.steps = step, .early_stop = three_epochs}, place);
        CHECK(part.steps == step);
        CHECK(trained(static_cast<int>(1 + step / 2 % 4), {.checkpoint_every = 4, .early_stop = three_epochs}, place) == whole);
    }
}

TEST_CASE("a run that has ended early stays ended when it is resumed, and goes on with more patience") {
    checkpoint::memory place;
    CHECK(trained(2, {.early_stop = three_epochs}, place) == expected(3, 0));
    CHECK(place.list().back() == 27);
    CHECK(trained(3, {.early_stop = three_epochs}, place) == expected(3, 0));
    CHECK(place.list().back() == 27);
    CHECK(trained(1, {.early_stop = {.patience = 4}}, place) == expected(4, 0));
}

TEST_CASE("a directory keeps the best weights and the counters from process to process") {
    espalier_test::temporary_folder const folder;
    auto const place = [&] { return checkpoint::directory{folder.path() / "run"}; };
    for (std::int64_t step : {2, 6, 20, 24}) (void)trained(1 + static_cast<int>(step % 3), {.steps = step, .early_stop = three_epochs}, place());
    CHECK(trained(2, {.early_stop = three_epochs}, place()) == expected(3, 0));
}

TEST_CASE("a checkpoint of a run with validation holds the best tensors and the counters; one without holds none of them") {
    checkpoint::memory judged, plain;
    (void)trained(2, {.steps = 22, .early_stop = three_epochs}, judged);
    launch<judged_trainer<checkpoint::memory>>(2, [&](threads& world) {
        judged_trainer<checkpoint::memory> t{world, settings, plain};
        t.fit(train, {.epochs = 12, .steps = 22});
    });
    auto const with = checkpoint::read_manifest(judged, 22), without = checkpoint::read_manifest(plain, 22);
    auto facts = without.run;
    facts.insert({{"best_step", "18"}, {"epochs_waited", "1"}, {"validation_samples", "37"}});
    char hex[40];
    std::snprintf(hex, sizeof hex, "%a", epochs()[5].loss);
    facts["best_validation_loss"] = hex;
    CHECK(with.run == facts);
    CHECK(with.tensors.size() == without.tensors.size() * 4 / 3);  // weights and two moments, and the best weights
    for (auto const& [name, tensor] : without.tensors) {
        CHECK_THAT(name, !Catch::Matchers::StartsWith("best."));
        CHECK(with.tensors.contains(name));
        if (!name.starts_with("optimizer.")) CHECK(with.tensors.contains("best." + name));
    }
}

TEST_CASE("the best weights take the place of the run's own for evaluation, and neither checkpoints nor later steps notice") {
    checkpoint::memory place;
    launch<judged_trainer<checkpoint::memory>>(2, [&](threads& world) {
        judged_trainer<checkpoint::memory> t{world, settings, place};
        auto const need = [](bool holds, char const* what) {
            if (!holds) throw std::runtime_error{what};
        };
        auto const hash = [](auto const& tensors) { return checkpoint::weights_hash(tensors); };
        t.fit(train, validation, {.epochs = 12, .early_stop = three_epochs});
        for (int twice = 0; twice < 2; ++twice) {
            t.use_best_weights();
            need(hash(t.weights()) == epochs()[5].weights && hash(t.best_weights()) == epochs()[5].weights, "not the best weights");
            need(t.evaluate(validation).loss == epochs()[5].loss, "not the loss of the best weights");
        }
        t.start_over();
        t.save();
        need(t.steps_done() == 27, "another step");
        t.fit(train, validation, {.epochs = 12});  // patience 0: to the end, from the run's own weights
        need(hash(t.weights()) == epochs()[11].weights, "training went on from other weights");
        t.use_best_weights();
        t.resume();  // the newest: step 36
        need(hash(t.weights()) == epochs()[11].weights && hash(t.best_weights()) == epochs()[9].weights, "resume left the best weights in place");
    });
    CHECK(place.list() == std::vector<std::int64_t>{27, 36});
    place.remove(36);
    CHECK(trained(1, {.early_stop = three_epochs}, place) == expected(3, 0));  // what was saved while the best were in use
}

TEST_CASE("observers hear of each validation after the epoch's last step and before a checkpoint of it") {
    struct listener : observer {
        std::string heard;
        std::vector<validation_report> reports;
        void on_step(step_report const& r) override { heard += joined(r.step, ' '); }
        void on_validate(validation_report const& r) override { heard += "v ", reports.push_back(r); }
        void on_save(step_report const&) override { heard += "s "; }
        void on_finish(step_report const& r) override { heard += joined("end ", r.step); }
    } on_rank[2];
    checkpoint::memory place;
    launch<judged_trainer<checkpoint::memory>>(2, [&](threads& world) {
        judged_trainer<checkpoint::memory> t{world, settings, place};
        t.fit(train, validation, {.epochs = 8, .steps = 23, .checkpoint_every = 6, .observers = {&on_rank[world.rank()]}});
    });
    CHECK(on_rank[0].heard == "1 2 3 v 4 5 6 v s 7 8 9 v 10 11 12 v s 13 14 15 v 16 17 18 v s 19 20 21 v 22 23 s end 23");
    CHECK(on_rank[1].heard.empty());
    REQUIRE(on_rank[0].reports.size() == 7);
    for (std::size_t e = 0; e < 7; ++e) {
        auto const& r = on_rank[0].reports[e];
        CHECK(r.step == static_cast<std::int64_t>(3 * (e + 1)));
        CHECK(r.epoch == static_cast<std::int64_t>(e + 1));
        CHECK(r.loss == epochs()[e].loss);
        CHECK(r.best_step == (e < 6 ? r.step : 18));
        CHECK(r.best_loss == epochs()[e < 6 ? e : 5].loss);
        CHECK(r.epochs_waited == (e < 6 ? 0 : 1));
    }
}

TEST_CASE("a run with validation is not resumed without, nor judged by other samples; one without may begin with it") {
    checkpoint::memory place;
    (void)trained(2, {.steps = 2, .early_stop = three_epochs}, place);  // before any validation
    auto const resumed = [&](auto const& go_on) {
        return error_of([&] {
            launch<judged_trainer<checkpoint::memory>>(2, [&](threads& world) {
                judged_trainer<checkpoint::memory> t{world, settings, place};
                t.resume();
                go_on(t);
            });
        });
    };
    CHECK(resumed([](auto& t) { t.fit(train, {.epochs = 2}); }) ==
          "espalier: trainer: requires the 37 validation samples that this run is judged by; got none. Call fit(data, validation, options), or begin "
          "a new run from these weights (set_weights). See docs/policies/model.md.");
    CHECK(resumed([](auto& t) { t.fit(train, later_samples{small_problem(147), 111}, {.epochs = 2}); }) ==
          "espalier: trainer: requires the 37 validation samples that this run is judged by; got 36 samples. Give the same data, or begin a new run "
          "from these weights (set_weights). See docs/policies/model.md.");
    checkpoint::memory plain;
    launch<judged_trainer<checkpoint::memory>>(2, [&](threads& world) {
        judged_trainer<checkpoint::memory> t{world, settings, plain};
        t.fit(train, {.epochs = 7});
    });
    auto const end = trained(3, {.early_stop = three_epochs}, plain);  // judged from epoch 8 on: falls to 10, the best is of 10
    CHECK(end.best_step == 30);
    CHECK(end.best == epochs()[9].weights);
    CHECK(end.weights == epochs()[11].weights);
}

TEST_CASE("what cannot be judged is refused with the values") {
    auto const refused = [](auto const& go) {
        return error_of([&] {
            launch<judged_trainer<checkpoint::none>>(2, [&](threads& world) {
                judged_trainer<checkpoint::none> t{world, settings};
                go(t);
            });
        });
    };
    CHECK_THAT(refused([](auto& t) { t.fit(train, {.early_stop = three_epochs}); }),
               ContainsSubstring("requires validation data for early_stop; got patience 3 and no such data. Call fit(data, validation, options)."));
    CHECK_THAT(refused([](auto& t) { t.fit(train, validation, {.early_stop = {.patience = -1}}); }),
               ContainsSubstring("requires an early_stop.patience of 0 or more; got -1."));
    for (double const delta : {-0.5, std::nan(""), std::numeric_limits<double>::infinity()})
        CHECK_THAT(refused([&](auto& t) { t.fit(train, validation, {.early_stop = {.min_delta = delta}}); }),
                   ContainsSubstring("requires a finite early_stop.min_delta of 0 or more; got "));
    CHECK_THAT(refused([](auto& t) { t.fit(train, later_samples{small_problem(5), 5}); }), ContainsSubstring("requires at least 1 validation sample; got 0."));
    in_memory<float> const wide{dims(6, 3), dims(1), std::vector<float>(18), {1}};
    CHECK_THAT(refused([&](auto& t) { t.fit(train, wide); }), ContainsSubstring("samples of input (6,2) and target (1); got input (6,3) and target (1)."));
    CHECK_THAT(refused([](auto& t) { t.use_best_weights(); }), ContainsSubstring("requires an epoch that was validated; got none. Call fit("));
    CHECK_THAT(refused([](auto& t) { (void)t.best_weights(); }), ContainsSubstring("requires an epoch that was validated; got none."));
}

TEST_CASE("a validation loss that is not a number ends the run by name, and nothing is saved of that step") {
    in_memory<float> const bad{dims(6, 2), dims(1), std::vector<float>(12, 0.5f), {std::numeric_limits<float>::quiet_NaN()}};
    for (int ranks : {1, 2, 4}) {
        checkpoint::memory place;
        std::int64_t step = 0;
        auto const text   = error_of([&] {
            launch<judged_trainer<checkpoint::memory>>(ranks, [&](threads& world) {
                judged_trainer<checkpoint::memory> t{world, settings, place};
                try {
                    t.fit(train, bad, {.epochs = 2, .checkpoint_every = 1});
                } catch (non_finite_validation const& e) {
                    if (world.rank() == 0) step = e.step();
                    throw;
                }
            });
        });
        CHECK(text == "espalier: trainer: requires a finite validation loss; got nan at step 3, the end of epoch 1. Look at the validation data, "
                      "lower the learning rate or clip gradients (clip_norm). See docs/policies/model.md.");
        CHECK(step == 3);
        CHECK(place.list() == std::vector<std::int64_t>{1, 2});
    }
}

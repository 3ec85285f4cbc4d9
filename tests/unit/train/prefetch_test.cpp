// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/small_problem.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::error_of;
using espalier_test::small_model_of_lstm;
using espalier_test::small_problem;

namespace {
constexpr training_settings<adamw> settings{.seed = 3, .learning_rate = 1e-2};

template <class... Options>
using cut = data_parallel<lanes<4>, micro_batches<3>, samples<2>, Options...>;  // 24 samples a step, 3, 6, 9 or 12 loads a rank
template <class Partition, class Place = checkpoint::none, class C = threads>
using small_trainer = trainer<small_model_of_lstm, Partition, C, Place>;

/// A data set that counts which threads gather, and may refuse a sample.
struct watched_data {
    struct notes {
        std::mutex lock;
        std::set<std::thread::id> threads;
        std::atomic<std::int64_t> gathers{0};
    };
    in_memory<float> real;
    std::int64_t refused          = -1;
    std::shared_ptr<notes> noted  = std::make_shared<notes>();

    [[nodiscard]] std::int64_t size() const { return real.size(); }
    [[nodiscard]] shape input() const { return real.input(); }
    [[nodiscard]] shape target() const { return real.target(); }
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        {
            std::lock_guard const guard{noted->lock};
            noted->threads.insert(std::this_thread::get_id());
        }
        ++noted->gathers;
        for (auto const s : samples)
            if (s == refused) throw std::runtime_error{"a sample that cannot be read"};
        real.gather(samples, x, y);
    }
};

/// The weights' hash after four epochs of four steps with validation, so that the loader is ended and begun again.
template <class Partition, class C = threads, class Place = checkpoint::none>
std::string trained(int ranks, fit_options options = {}, Place place = {}) {
    std::string hash;
    auto const data = small_problem(100), judge = small_problem(10);
    options.epochs  = 4;
    launch<small_trainer<Partition, Place, C>>(ranks, [&](C& world) {
        small_trainer<Partition, Place, C> t{world, settings, place};
        t.resume();
        t.fit(data, judge, options);
        if (world.rank() == 0) hash = checkpoint::weights_hash(t.weights());
    });
    return hash;
}
}  // namespace

TEST_CASE("loading ahead changes no bits, for any number of slots and ranks") {
    std::string const plain = trained<cut<>, self>(1);
    CHECK(trained<cut<prefetch<1>>, self>(1) == plain);
    CHECK(trained<cut<prefetch<2>>, self>(1) == plain);
    CHECK(trained<cut<prefetch<3>>, self>(1) == plain);
    for (int ranks : {1, 2, 3, 4}) {
        CHECK(trained<cut<>>(ranks) == plain);
        CHECK(trained<cut<prefetch<1>>>(ranks) == plain);
        CHECK(trained<cut<prefetch<2>>>(ranks) == plain);
        CHECK(trained<cut<prefetch<3>>>(ranks) == plain);
        CHECK(trained<cut<prefetch<16>>>(ranks) == plain);  // more slots than a step has loads
    }
}

TEST_CASE("a run goes over from one that loads ahead to one that does not, and back, at any step") {
    std::string const plain = trained<cut<>, self>(1);
    for (std::int64_t step = 1; step < 16; step += 2) {
        checkpoint::memory place;
        (void)trained<cut<prefetch<2>>>(3, {.steps = step}, place);
        (void)trained<cut<>>(2, {.steps = step + 1}, place);
        CHECK(trained<cut<prefetch<3>>>(4, {.checkpoint_every = 3}, place) == plain);
    }
}

TEST_CASE("steps that are not those of fit load their own samples, before and after, to the same bits") {
    auto const data = small_problem(100);
    std::map<bool, std::string> hash;
    auto const run = [&]<class Partition>(Partition const*, bool ahead) {
        launch<small_trainer<Partition>>(2, [&](threads& world) {
            small_trainer<Partition> t{world, settings};
            t.train_step(data);
            t.fit(data, {.epochs = 2});
            t.train_step(data);
            t.fit(data, {.epochs = 4, .steps = 11});
            if (world.rank() == 0) hash[ahead] = checkpoint::weights_hash(t.weights());
        });
    };
    run(static_cast<cut<> const*>(nullptr), false);
    run(static_cast<cut<prefetch<2>> const*>(nullptr), true);
    CHECK(hash[true] == hash[false]);
}

TEST_CASE("one thread a rank gathers beside the one that trains; without the option none does") {
    auto const gatherers = []<class Partition>(Partition const*, int ranks) {
        watched_data const data{small_problem(100)};
        std::set<std::thread::id> trainers;
        std::mutex lock;
        launch<small_trainer<Partition>>(ranks, [&](threads& world) {
            {
                std::lock_guard const guard{lock};
                trainers.insert(std::this_thread::get_id());
            }
            world.barrier();
            small_trainer<Partition> t{world, settings};
            t.fit(data, {.epochs = 2});
            world.barrier();  // the threads live until all have been seen: no id is used twice
        });
        int beside = 0;
        for (auto const id : data.noted->threads) beside += trainers.contains(id) ? 0 : 1;
        return std::pair{static_cast<int>(data.noted->threads.size()), beside};
    };
    for (int ranks : {1, 3}) {
        CHECK(gatherers(static_cast<cut<> const*>(nullptr), ranks) == std::pair{ranks, 0});
        auto const [all, beside] = gatherers(static_cast<cut<prefetch<2>> const*>(nullptr), ranks);
        CHECK(beside == ranks);
        CHECK(all == ranks);
    }
}

TEST_CASE("a fit gathers each micro-batch of its steps once and none beyond them") {
    watched_data const data{small_problem(100)};
    using ahead = small_trainer<cut<prefetch<3>>>;
    launch<ahead>(2, [&](threads& world) {
        ahead t{world, settings};
        t.fit(data, {.epochs = 2, .steps = 7});
    });
    CHECK(data.noted->gathers == 7 * 12);
}

TEST_CASE("what gathering throws ahead ends the run with its words on any rank, and the loaders with it") {
    for (int ranks : {1, 2, 4})
        for (std::int64_t sample : {0, 17, 99}) {
            watched_data const data{small_problem(100), sample};
            auto const text = error_of([&] {
                launch<small_trainer<cut<prefetch<2>>>>(ranks, [&](threads& world) {
                    small_trainer<cut<prefetch<2>>> t{world, settings};
                    t.fit(data, {.epochs = 50});
                });
            });
            CHECK_THAT(text, ContainsSubstring("a sample that cannot be read"));
        }
}

TEST_CASE("what would be gathered beyond the end of a run that stops is not thrown") {
    // A flag that is up before the first step: one step is done, while the loader is at the next ones.
    auto const data = small_problem(100);
    std::atomic<bool> const stop{true};
    using ahead = small_trainer<cut<prefetch<16>>>;
    launch<ahead>(2, [&](threads& world) {
        ahead t{world, settings};
        auto const r = t.fit(data, {.epochs = 5, .stop = &stop});
        if (!r.stopped || t.steps_done() != 1) throw std::runtime_error{"not stopped"};
        if (t.evaluate(data).samples != 100) throw std::runtime_error{"not evaluated"};
    });
}

TEST_CASE("an observer that throws, and a loss that is not finite, leave no loader behind") {
    struct thrower : observer {
        void on_step(step_report const& r) override {
            if (r.step == 2) throw std::runtime_error{"enough"};
        }
    } bad;
    auto const data = small_problem(100);
    using ahead     = small_trainer<cut<prefetch<2>>>;
    CHECK_THAT(error_of([&] {
                   launch<ahead>(2, [&](threads& world) {
                       ahead t{world, settings};
                       t.fit(data, {.epochs = 5, .observers = {&bad}});
                   });
               }),
               ContainsSubstring("enough"));
    CHECK_THAT(error_of([&] {
                   launch<ahead>(2, [&](threads& world) {
                       ahead t{world, {.seed = 3, .learning_rate = 1e30}};
                       t.fit(data, {.epochs = 50});
                   });
               }),
               ContainsSubstring("requires a finite loss"));
}

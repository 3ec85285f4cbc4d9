// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/small_problem.hpp"

#include <limits>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::error_of;
using espalier_test::small_model_of_lstm;
using espalier_test::small_problem;

namespace {
using small_trainer = trainer<small_model_of_lstm, data_parallel<lanes<4>, samples<8>>, threads, checkpoint::none>;

/// A small problem with one value that is not a number, in the sample that is the `lane`-th lane's first at step 3.
struct poisoned {
    in_memory<float> clean;
    std::int64_t bad;
    bool in_target;
    [[nodiscard]] std::int64_t size() const { return clean.size(); }
    [[nodiscard]] shape input() const { return clean.input(); }
    [[nodiscard]] shape target() const { return clean.target(); }
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        clean.gather(samples, x, y);
        for (std::size_t i = 0; i < samples.size(); ++i)
            if (samples[i] == bad) (in_target ? y : x)[i] = std::numeric_limits<T>::quiet_NaN();
    }
};
}  // namespace

TEST_CASE("more ranks than lanes is an error that gives both numbers, on every rank's behalf") {
    auto const text = error_of([] { launch<small_trainer>(5, [](threads& world) { small_trainer t{world, {}}; }); });
    CHECK(text == "espalier: data_parallel: requires 1 to 4 ranks, one lane a rank at least; got a world of 5. Start at most 4 ranks or raise "
                  "lanes<4>. See docs/policies/partition.md.");
}

TEST_CASE("data that do not fit the network, or do not fill a step, are refused with both shapes or numbers") {
    auto const with = [](auto const& data) {
        return error_of([&] {
            launch<small_trainer>(2, [&](threads& world) {
                small_trainer t{world, {}};
                t.fit(data);
            });
        });
    };
    CHECK(with(in_memory<float>{dims(6, 3), dims(1), std::vector<float>(18 * 64), std::vector<float>(64)}) ==
          "espalier: trainer: requires samples of input (6,2) and target (1); got input (6,3) and target (1). Change the network's first layer or "
          "the windows of the data. See docs/policies/model.md.");
    CHECK(with(small_problem(31)) == "espalier: trainer: requires data that fill a step: 4 lanes × 1 micro-batches × 8 samples = 32; got 31 samples. "
                                     "Give more data, or take fewer lanes, micro-batches or samples. See docs/policies/partition.md.");
}

TEST_CASE("a loss that is not a number stops every rank with step, lane and what was not finite first") {
    for (bool in_target : {false, true}) {
        std::uint64_t const seed = 9;
        permutation const order{96, random_key{seed, "order"}, 0};
        poisoned const data{small_problem(96), order(2 * 32 + 3 * 8 + 5), in_target};  // step 3 of the epoch, lane 3
        for (int ranks : {1, 2, 4}) {
            auto const text = error_of([&] {
                launch<small_trainer>(ranks, [&](threads& world) {
                    small_trainer t{world, {.seed = seed}};
                    t.fit(data);
                });
            });
            CHECK_THAT(text, ContainsSubstring("espalier: trainer: requires a finite loss; got one that is not, first in " +
                                               std::string{in_target ? "the target" : "the input"} + ", at step 3, lane 3."));
        }
    }
}

TEST_CASE("weights that overflow are reported with the layer whose output overflows first") {
    using deep = model<sequence<linear<2, 4>, relu, named<text{"head"}, linear<4, 1>>>, mean_squared_error, sgd>;
    using deep_trainer = trainer<deep, data_parallel<lanes<2>, samples<4>>, threads, checkpoint::none>;
    in_memory<float> const data{dims(2), dims(1), std::vector<float>(64, 1e30f), std::vector<float>(32, 1.0f)};
    auto const text = error_of([&] {
        launch<deep_trainer>(2, [&](threads& world) {
            deep_trainer t{world, {.seed = 1, .learning_rate = 1e30}};
            t.fit(data, {.epochs = 50});
        });
    });
    CHECK_THAT(text, ContainsSubstring("first in the output of layer ") || ContainsSubstring("first in the loss itself"));
    CHECK_THAT(text, ContainsSubstring("at step ") && ContainsSubstring(", lane "));
}

TEST_CASE("a rank that throws in the middle of training ends every rank with that error") {
    auto const data = small_problem(100);
    for (int ranks : {2, 3, 4}) {
        auto const text = error_of([&] {
            launch<small_trainer>(ranks, [&](threads& world) {
                small_trainer t{world, {}};
                for (int step = 0;; ++step) {
                    if (step == 3 && world.rank() == ranks - 1) throw std::runtime_error{"the disk of rank " + std::to_string(world.rank()) + " is gone"};
                    t.train_step(data);
                }
            });
        });
        CHECK_THAT(text, ContainsSubstring("the disk of rank " + std::to_string(ranks - 1) + " is gone"));
    }
}

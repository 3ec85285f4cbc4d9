// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/recorded_run.hpp"

#include <cmath>
#include <set>

using namespace espalier;
using espalier_test::recorded_run;
using espalier_test::run_recorded;

namespace {

using network_type = sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 32>, relu, linear<32, 1>>;
using alice         = model<network_type, mean_squared_error, adamw>;

/// The conditions that every row of the table meets, beside its hash.
void is_a_real_run(recorded_run const& run) {
    CHECK(std::isfinite(run.last_loss));
    CHECK(run.last_loss < run.first_loss);
    CHECK(run.actions_equal_plans);
    CHECK(run.elements_equal_plans);
    for (auto const& h : run.hashes) CHECK(h == run.hash);
}

template <class Partition, class Data>
void one_hash_on(std::initializer_list<int> ranks, Data const& data, std::int64_t steps) {
    std::string hash;
    for (int const n : ranks) {
        auto const run = run_recorded<alice, Partition>(n, data, 7, steps);
        INFO(n << " ranks");
        is_a_real_run(run);
        CHECK((n > 1) == (run.sent > 0));
        if (hash.empty()) hash = run.hash;
        CHECK(run.hash == hash);
    }
    auto const other_seed   = run_recorded<alice, Partition>(2, data, 8, steps);
    auto const other_length = run_recorded<alice, Partition>(2, data, 7, steps - 1);
    is_a_real_run(other_seed);
    is_a_real_run(other_length);
    CHECK(std::set{hash, other_seed.hash, other_length.hash}.size() == 3);
    std::cout << "weights xxh128 " << hash << " after " << steps << " steps on " << ranks.size() << " numbers of ranks\n";
}

auto real_windows() { return windows_of(read_bars(espalier_test::require_data("intraday_stocks_1m"))); }

}  // namespace

TEST_CASE("8 lanes give one hash on 1, 2, 3, 4, 5 and 8 ranks after 200 steps on real bars", "[data]") {
    auto const data = real_windows();
    one_hash_on<data_parallel<lanes<8>, samples<32>>>({1, 2, 3, 4, 5, 8}, data.train, 200);
}

TEST_CASE("6 lanes give one hash on 1, 2, 3 and 4 ranks after 200 steps on real bars", "[data]") {
    auto const data = real_windows();
    one_hash_on<data_parallel<lanes<6>, samples<32>>>({1, 2, 3, 4}, data.train, 200);
}

TEST_CASE("5 lanes of 2 micro-batches give one hash on 1 to 5 ranks on the built-in market") {
    auto const data = windows_of(built_in_market({.tickers = 2, .days = 10, .seed = 3}));
    one_hash_on<data_parallel<lanes<5>, micro_batches<2>, samples<8>>>({1, 2, 3, 4, 5}, data.train, 60);
}

TEST_CASE("a program on self, whose plan is compiled action by action, gives the bits of threads") {
    using partition = data_parallel<lanes<4>, samples<16>>;
    auto const data = windows_of(built_in_market({.tickers = 2, .days = 10, .seed = 3}));
    auto const on_threads = run_recorded<alice, partition>(3, data.train, 7, 40);
    using alone           = trainer<alice, partition, self, checkpoint::none>;
    std::string hash;
    launch<alone>(1, [&](self& world) {
        alone t{world, {.seed = 7, .learning_rate = 1e-3}};
        for (int s = 0; s < 40; ++s) t.train_step(data.train);
        hash = checkpoint::weights_hash(t.weights());
    });
    CHECK(hash == on_threads.hash);
}

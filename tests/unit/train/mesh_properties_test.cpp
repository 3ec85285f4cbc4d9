// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_problem.hpp"

#include <algorithm>

using namespace espalier;

namespace {
/// Five layers, one of which draws random numbers, one of which has no parameters.
using odd_network = sequence<linear<6, 24>, dropout<probability{0.3f}>, relu, linear<24, 10>, linear<10, 1>>;
using odd_model   = model<odd_network, mean_squared_error, adamw>;
auto const data   = espalier_test::mesh_problem(100);

/// Five lanes of three micro-batches of two samples, clipped: nothing here divides anything.
struct step_log {
    std::vector<double> losses, norms;
    std::string weights;
    friend bool operator==(step_log const&, step_log const&) = default;
};
template <class P, class C = threads>
step_log log_of(int ranks, std::uint64_t seed = 6) {
    using trainer_type = trainer<odd_model, P, C, checkpoint::none>;
    std::vector<step_log> logs(static_cast<std::size_t>(ranks));
    launch<trainer_type>(ranks, [&](C& world) {
        trainer_type t{world, {.seed = seed, .learning_rate = 1e-2, .clip_norm = 0.7}};
        auto& mine = logs[static_cast<std::size_t>(world.rank())];
        for (int s = 0; s < 8; ++s) {
            auto const outcome = t.train_step(data);
            mine.losses.push_back(outcome.loss);
            mine.norms.push_back(outcome.gradient_norm);
        }
        mine.weights = checkpoint::weights_hash(t.weights());
    });
    for (auto const& log : logs) CHECK(log == logs[0]);
    return logs[0];
}
template <class... Options>
using odd_steps = data_parallel<lanes<5>, micro_batches<3>, samples<2>, Options...>;
step_log const& on_one_rank() {
    static step_log const log = log_of<odd_steps<>, self>(1);
    return log;
}
}  // namespace

TEST_CASE("the steps that others are measured by are clipped, some of them, and depend on the seed") {
    auto const clipped = std::count_if(on_one_rank().norms.begin(), on_one_rank().norms.end(), [](double n) { return n > 0.7; });
    CHECK(clipped > 0);
    CHECK(clipped < 8);
    CHECK(on_one_rank() != log_of<odd_steps<>, self>(1, 7));
}

TEST_CASE("two stages of five layers on two and three uneven replicas take the steps of one rank, dropout and clipping included") {
    using P = mesh<odd_steps<zero<2>>, pipeline<2, zb_h1>>;
    CHECK(log_of<P>(4) == on_one_rank());
    CHECK(log_of<P>(6) == on_one_rank());
}

TEST_CASE("three stages that do not divide five layers take the steps of one rank") {
    using P = mesh<odd_steps<zero<3>>, pipeline<3, one_f_one_b>>;
    CHECK(log_of<P>(3) == on_one_rank());
    CHECK(log_of<P>(9) == on_one_rank());
}

TEST_CASE("stages of one layer each, also of one without parameters, take the steps of one rank") {
    using P = mesh<odd_steps<zero<1>>, pipeline<5, gpipe>>;
    CHECK(log_of<P>(5) == on_one_rank());
    CHECK(log_of<P>(10) == on_one_rank());
}

TEST_CASE("buckets of one layer each, also of one without parameters, take the steps of one rank") {
    using P = odd_steps<zero<2>, buckets<5>>;
    CHECK(log_of<P>(1) == on_one_rank());
    CHECK(log_of<P>(3) == on_one_rank());
    CHECK(log_of<P>(5) == on_one_rank());
}

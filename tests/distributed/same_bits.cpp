// SPDX-License-Identifier: BSL-1.0
// Ranks that are processes against one rank alone: the rows of tests/equivalence/same_bits_test.cpp, under mpirun. The world is what
// mpirun has started; a row that has fewer lanes than that trains on as many of its processes.
#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/processes.hpp"
#include "support/recorded_run.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <boost/mpi/collectives.hpp>

using namespace espalier;
using espalier_test::merged;
using espalier_test::record_rank;
using espalier_test::recorded_run;

namespace {

using network_type = sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 32>, relu, linear<32, 1>>;
using alice         = model<network_type, mean_squared_error, adamw>;

template <class Partition, class Data>
recorded_run over_processes(Data const& data, std::uint64_t seed, std::int64_t steps) {
    using world_type   = espalier_test::counting<mpi>;
    int const ranks    = std::min(boost::mpi::communicator{}.size(), Partition::max_ranks);
    auto const records = espalier_test::on_ranks<world_type>(
        ranks, [&](world_type& world) { return record_rank<alice, Partition>(world, data, seed, steps); });
    for (int r = 0; r < ranks; ++r) INFO(records.text(r));
    REQUIRE(records.all_returned());
    return merged(std::vector(records.value.begin(), records.value.end()));
}

/// The hash that one rank without a communicator gives. The first process computes it for all.
template <class Partition, class Data>
std::string alone(Data const& data, std::uint64_t seed, std::int64_t steps) {
    std::string hash;
    if (boost::mpi::communicator{}.rank() == 0) {
        self world;
        trainer<alice, Partition, self, checkpoint::none> t{world, {.seed = seed, .learning_rate = 1e-3}};
        for (std::int64_t s = 0; s < steps; ++s) t.train_step(data);
        hash = checkpoint::weights_hash(t.weights());
    }
    boost::mpi::broadcast(boost::mpi::communicator{}, hash, 0);
    return hash;
}

void is_a_real_run(recorded_run const& run) {
    CHECK(std::isfinite(run.last_loss));
    CHECK(run.last_loss < run.first_loss);
    CHECK(run.actions_equal_plans);
    CHECK(run.elements_equal_plans);
    CHECK((run.hashes.size() > 1) == (run.sent > 0));
    for (auto const& h : run.hashes) CHECK(h == run.hash);
}

template <class Partition, class Data>
void one_hash(Data const& data, std::int64_t steps) {
    auto const run          = over_processes<Partition>(data, 7, steps);
    auto const other_seed   = over_processes<Partition>(data, 8, steps);
    auto const other_length = over_processes<Partition>(data, 7, steps - 1);
    for (auto const* r : {&run, &other_seed, &other_length}) is_a_real_run(*r);
    CHECK(run.hash == alone<Partition>(data, 7, steps));
    CHECK(std::set{run.hash, other_seed.hash, other_length.hash}.size() == 3);
    std::cout << "weights xxh128 " << run.hash << " after " << steps << " steps on " << run.hashes.size() << " processes\n";
}

}  // namespace

TEST_CASE("8 lanes on processes give the hash of one rank after 200 steps on real bars", "[data]") {
    auto const data = windows_of(read_bars(espalier_test::require_data("intraday_stocks_1m")));
    one_hash<data_parallel<lanes<8>, samples<32>>>(data.train, 200);
}

TEST_CASE("6 lanes on processes give the hash of one rank after 200 steps on real bars", "[data]") {
    auto const data = windows_of(read_bars(espalier_test::require_data("intraday_stocks_1m")));
    one_hash<data_parallel<lanes<6>, samples<32>>>(data.train, 200);
}

TEST_CASE("5 lanes of 2 micro-batches on processes give the hash of one rank on the built-in market") {
    auto const data = windows_of(built_in_market({.tickers = 2, .days = 10, .seed = 3}));
    one_hash<data_parallel<lanes<5>, micro_batches<2>, samples<8>>>(data.train, 60);
}

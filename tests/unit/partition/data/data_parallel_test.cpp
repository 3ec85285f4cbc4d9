// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/partition/small_lstm_model.hpp"

#include <espalier/partition/data/data_parallel.hpp>

#include <utility>

using namespace espalier;
using espalier_test::tiny_model;

namespace {
template <class P, int Lanes, int MicroBatches, int Samples>
constexpr bool has = P::sizes.lanes == Lanes && P::sizes.micro_batches == MicroBatches && P::sizes.samples == Samples &&
                     P::max_ranks == Lanes && P::batch == Samples;
}  // namespace

TEST_CASE("options stand in any order, and lanes and micro-batches default to one") {
    STATIC_REQUIRE(has<data_parallel<lanes<8>, micro_batches<2>, samples<32>>, 8, 2, 32>);
    STATIC_REQUIRE(has<data_parallel<samples<32>, micro_batches<2>, lanes<8>>, 8, 2, 32>);
    STATIC_REQUIRE(has<data_parallel<micro_batches<2>, samples<32>, lanes<8>>, 8, 2, 32>);
    STATIC_REQUIRE(has<data_parallel<samples<32>, lanes<8>>, 8, 1, 32>);
    STATIC_REQUIRE(has<data_parallel<micro_batches<3>, samples<1>>, 1, 3, 1>);
    STATIC_REQUIRE(has<data_parallel<samples<7>>, 1, 1, 7>);
}

TEST_CASE("prefetch gives the plan its slots, and is none by default") {
    STATIC_REQUIRE(data_parallel<lanes<2>, samples<7>>::prefetched_slots == 0);
    STATIC_REQUIRE(data_parallel<prefetch<3>, lanes<2>, samples<7>>::prefetched_slots == 3);
    STATIC_REQUIRE(prefetched_slots<data_parallel<samples<7>, prefetch<3>>> == 3);
    STATIC_REQUIRE(prefetched_slots<int> == 0);  // a type that does not say
    using one = data_parallel<lanes<2>, samples<5>>;
    using two = data_parallel<lanes<2>, samples<5>, prefetch<2>>;
    auto const a = one::plan<tiny_model<>>(2, 1), b = two::plan<tiny_model<>>(2, 1);
    CHECK(b.prefetched_slots == 2);
    CHECK(b.count == a.count);
    CHECK(b.memory.bytes() - a.memory.bytes() == 128 + 64);  // one more input of 30 elements and target of 5, each padded to 16s
}

TEST_CASE("a plan carries the sizes of the step, which has as many samples on any number of ranks") {
    using partition = data_parallel<lanes<6>, micro_batches<2>, samples<5>>;
    for (int ranks = 1; ranks <= 6; ++ranks)
        for (int rank = 0; rank < ranks; ++rank) {
            auto const plan = partition::plan<tiny_model<>>(ranks, rank);
            CHECK(plan.ranks == ranks);
            CHECK(plan.rank == rank);
            CHECK(plan.samples_per_step() == 60);
            CHECK(plan.reduced_elements == 176);
        }
}

TEST_CASE("a rank that computes k lanes of a power of two keeps 1 + log2 k gradient buffers, and its memory says so") {
    using partition = data_parallel<lanes<16>, samples<5>>;
    std::int64_t const without = memory_of<tiny_model<>>(5, 0).bytes();
    for (auto [ranks, buffers] : {std::pair{1, 5}, {2, 4}, {4, 3}, {8, 2}, {16, 1}})
        for (int rank = 0; rank < ranks; ++rank) {
            auto const plan = partition::plan<tiny_model<>>(ranks, rank);
            CHECK(plan.gradient_buffers == buffers);
            CHECK(plan.memory.bytes() == without + buffers * 4 * 176);
        }
    // The published cost of same bits: 28 bytes a parameter for Adam with 8 lanes on one rank, 16 with a rank a lane.
    auto const bytes_a_parameter = [](auto const& plan) {
        auto const tails = plan.gradient_buffers * gradient_tail_elements * 4;
        return (plan.memory.bytes_of(region_kind::parameters) + plan.memory.bytes_of(region_kind::optimizer_state) +
                plan.memory.bytes_of(region_kind::gradients) - tails) / 160;
    };
    using eight = data_parallel<lanes<8>, samples<5>>;
    CHECK(bytes_a_parameter(eight::plan<tiny_model<>>(1, 0)) == 28);
    CHECK(bytes_a_parameter(eight::plan<tiny_model<>>(8, 3)) == 16);
}

TEST_CASE("a world of no ranks or of more ranks than lanes is refused with the numbers") {
    using partition = data_parallel<lanes<4>, samples<5>>;
    for (int ranks : {1, 2, 3, 4}) CHECK_NOTHROW(partition::check_ranks(ranks));
    CHECK_THROWS_AS(partition::check_ranks(0), invalid_setting);
    CHECK_THROWS_AS(partition::check_ranks(-1), invalid_setting);
    CHECK_THROWS_WITH(partition::check_ranks(5),
                      "espalier: data_parallel: requires 1 to 4 ranks, one lane a rank at least; got a world of 5. "
                      "Start at most 4 ranks or raise lanes<4>. See docs/policies/partition.md.");
}

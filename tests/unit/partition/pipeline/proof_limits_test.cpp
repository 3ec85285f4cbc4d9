// SPDX-License-Identifier: BSL-1.0
/// @file
/// Proofs at compile time, up to 16 stages and 64 micro-batches, and 32 ranks of a pipeline with a tensor axis. tests/static compiles this file with clang++ and a limit of one
/// million evaluation steps, of the 1,048,576 that it has where nobody asks for more; what a proof is worth: ../plan/mutants_test.cpp.
#include "support/catch.hpp"
#include "support/stage_plans.hpp"

#include <utility>

using namespace espalier;

namespace {

// A variable for each phase, plans and proof: the limit is one for each evaluation.
template <class S, int Stages, int MicroBatches, int Rank, int TensorRanks>
constexpr auto plan_of = espalier_test::stage_plan_of<S, MicroBatches, TensorRanks>({.stages = Stages, .micro_batches = MicroBatches}, Rank);

template <class Plan, int Ranks>
struct every_rank {
    Plan const* plan[Ranks];

    constexpr Plan const& operator()(int rank) const { return *plan[rank]; }
};
template <class S, int Stages, int MicroBatches, int TensorRanks = 1>
constexpr auto plans_of = []<int... Rank>(std::integer_sequence<int, Rank...>) {
    return every_rank<espalier_test::stage_plan<S, MicroBatches, TensorRanks>, Stages * TensorRanks>{{&plan_of<S, Stages, MicroBatches, Rank, TensorRanks>...}};
}(std::make_integer_sequence<int, Stages * TensorRanks>{});

template <class S, int Stages, int MicroBatches, int TensorRanks = 1>
constexpr verdict proof = prove(Stages * TensorRanks, plans_of<S, Stages, MicroBatches, TensorRanks>);

/// The verdict on three stages of 1F1B, of which the middle one leaves out its action `At`.
template <int At>
constexpr verdict without = prove(3, [](int rank) {
    auto plan = plans_of<one_f_one_b, 3, 4>(rank);
    for (int i = At; rank == 1 && i + 1 < plan.count; ++i) plan.item[i] = plan.item[i + 1];
    if (rank == 1) --plan.count;
    return plan;
});
template <int... At>
constexpr int refused_of(std::integer_sequence<int, At...>) {
    return (0 + ... + (without<At>.holds() ? 0 : 1));
}

}  // namespace

TEST_CASE("plans of every schedule are proved at compile time") {
    STATIC_REQUIRE((proof<gpipe, 2, 1>.holds() && proof<gpipe, 4, 7>.holds() && proof<gpipe, 8, 32>.holds()));
    STATIC_REQUIRE((proof<one_f_one_b, 2, 2>.holds() && proof<one_f_one_b, 5, 3>.holds() && proof<one_f_one_b, 8, 32>.holds()));
    STATIC_REQUIRE((proof<interleaved<2>, 2, 4>.holds() && proof<interleaved<3>, 4, 8>.holds() && proof<interleaved<2>, 8, 24>.holds()));
    STATIC_REQUIRE((proof<zb_h1, 2, 3>.holds() && proof<zb_h1, 6, 5>.holds() && proof<zb_h1, 8, 32>.holds()));
}

TEST_CASE("16 stages and 64 micro-batches are proved at compile time") {
    STATIC_REQUIRE(proof<one_f_one_b, 16, 64>.holds());
    STATIC_REQUIRE(proof<zb_h1, 16, 64>.holds());
    STATIC_REQUIRE(proof<interleaved<2>, 16, 64>.holds());
}

TEST_CASE("8 stages of 4 tensor ranks and 16 micro-batches are proved at compile time") {
    STATIC_REQUIRE(proof<one_f_one_b, 8, 16, 4>.holds());
}

TEST_CASE("at compile time too the proof refuses a stage that leaves out any of its actions") {
    constexpr int actions = plans_of<one_f_one_b, 3, 4>(1).count;
    STATIC_REQUIRE(actions == 3 + 8 + 16 + 16);  // clear, share, update; computations; posts and waits of sends, and of receives
    STATIC_REQUIRE(refused_of(std::make_integer_sequence<int, actions>{}) == actions);
}

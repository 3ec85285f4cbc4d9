// SPDX-License-Identifier: BSL-1.0
/// @file
/// Plans of ranks that share layers, judged by running them: thousands of plans with one fault each. The proof must accept those that compute
/// what ranks compute that wait for nobody, under the rules that rendezvous_run.hpp states, and refuse all others.
#include "support/catch.hpp"
#include "support/rendezvous_exchange_faults.hpp"
#include "support/rendezvous_run.hpp"

#include <array>
#include <iterator>

using namespace espalier;
using namespace espalier_test;

namespace {

constexpr pipeline_sizes layouts[] = {
    {.lanes = 2, .micro_batches = 2},
    {.stages = 2, .lanes = 2, .micro_batches = 2},
    {.replicas = 2, .lanes = 3, .zero = zero_stage::optimizer_state},
    {.stages = 2, .replicas = 2, .lanes = 2},
    {.stages = 3, .lanes = 1, .micro_batches = 3},
    {.stages = 2, .replicas = 2, .lanes = 3, .zero = zero_stage::parameters},
};
/// Those of a pipeline.
constexpr pipeline_sizes staged[] = {layouts[1], layouts[3], layouts[4], layouts[5]};

struct tally {
    int accepted = 0, refused = 0;
};

template <class Fault, class S, int TensorRanks, std::size_t Layouts>
void judge(pipeline_sizes const (&all)[Layouts], int mutants, tally& counted) {
    for (int n = 0; n < mutants; ++n) {
        mutant x{stage_plans_of<S, 8, TensorRanks>(all[static_cast<std::size_t>(n) % Layouts]), dice{Fault::name, static_cast<std::uint64_t>(n)}};
        Fault::apply(x);
        x.restate();
        auto const run  = rendezvous_run(x.plans);
        verdict const v = prove_all(x.plans);
        INFO(Fault::name << ", " << S::name << ", " << TensorRanks << " tensor ranks, mutant " << n << ": the proof says " << name_of(v.what) << " at rank " << v.rank
                         << ", action " << v.action << "; running says: " << (run.is_good() ? "good" : run.failure));
        REQUIRE(v.holds() == run.is_good());
        ++(run.is_good() ? counted.accepted : counted.refused);
    }
}
template <class Fault, std::size_t Layouts>
tally judge_all(pipeline_sizes const (&all)[Layouts]) {
    INFO(Fault::name);
    tally counted;
    judge<Fault, gpipe, 2>(all, 60, counted);
    judge<Fault, one_f_one_b, 2>(all, 60, counted);
    judge<Fault, interleaved<2>, 2>(all, 120, counted);
    judge<Fault, interleaved<2>, 4>(all, 30, counted);
    judge<Fault, zb_h1, 2>(all, 60, counted);
    return counted;
}
template <class Fault>
void is_judged_rightly() {
    INFO(Fault::name);
    auto const [accepted, refused] = judge_all<Fault>(layouts);
    CHECK(accepted > 30);
    CHECK(refused > 30);
}
template <class Fault, std::size_t Layouts>
void is_always_refused(pipeline_sizes const (&all)[Layouts]) {
    INFO(Fault::name);
    CHECK(judge_all<Fault>(all).accepted == 0);
}

/// Rank 0 and 1 share one stage of one chunk: 0 clear, 1 load, 2 exchange, 3 forward, 4 exchange, 5 backward, 6 share, 7 update.
using one_stage_of_two = mutant<stage_plan<gpipe, 8, 2>>;
one_stage_of_two one_stage() { return one_stage_of_two{stage_plans_of<gpipe, 8, 2>({})}; }

}  // namespace

TEST_CASE("an exchange stands right before the computation that makes it, on every rank of a tensor axis") {
    for (auto const& plan : one_stage().plans) {
        REQUIRE(plan.count == 8);
        CHECK(plan.item[2] == action{.kind = action_kind::exchange, .lane = 0, .micro_batch = 0, .direction = way::forward, .repeat = 1});
        CHECK(plan.item[3].kind == action_kind::forward);
        CHECK(plan.item[4] == action{.kind = action_kind::exchange, .lane = 0, .micro_batch = 0, .direction = way::backward, .repeat = 1});
        CHECK(plan.item[5].kind == action_kind::backward);
        CHECK(plan.item[6].kind == action_kind::share);
    }
}

TEST_CASE("a backward in two parts exchanges in the first, and a chunk that exchanges nothing one way has no action there") {
    // Chunk 2 exchanges on the way home alone.
    auto const plans = stage_plans_of<zb_h1, 8, 2>({.stages = 3, .micro_batches = 2});
    auto const count = [](auto const& p, auto wanted) { return std::count_if(p.item, p.item + p.count, wanted); };
    auto const goes  = [](way direction) { return [direction](action const& a) { return a.kind == action_kind::exchange && a.direction == direction; }; };
    for (auto const& p : plans) {
        CHECK(count(p, goes(way::forward)) == (p.stage() == 2 ? 0 : 2));
        CHECK(count(p, goes(way::backward)) == 2);
        for (int i = 1; i < p.count; ++i)
            if (p.item[i].kind == action_kind::backward_input) CHECK(p.item[i - 1].kind == action_kind::exchange);
            else if (p.item[i].kind == action_kind::backward_weights) CHECK(p.item[i - 1].kind != action_kind::exchange);
    }
}

TEST_CASE("what is wrong with an exchange has a name, and the runner agrees") {
    auto const broken = [](std::string const& by_running, flaw by_proof, int rank, int at, auto change) {
        auto x = one_stage();
        change(x);
        x.restate();
        verdict const v = prove_all(x.plans);
        CHECK(rendezvous_run(x.plans).failure == by_running);
        CHECK(name_of(v.what) == name_of(by_proof));
        CHECK(v.rank == rank);
        CHECK(v.action == at);
    };
    broken("", flaw::none, -1, -1, [](auto&) {});
    broken("a computation that exchanges more or less often than it may", flaw::missing_exchange, 0, 2, [](auto& x) { x.drop({0, 2}), x.drop({1, 2}); });
    broken("a computation that exchanges more or less often than it may", flaw::missing_exchange, 0, 2, [](auto& x) { ++x.item({0, 2}).repeat, ++x.item({1, 2}).repeat; });
    broken("an exchange without its computation", flaw::exchange_without_computation, 0, 1, [](auto& x) { x.swap({0, 1}, {0, 2}), x.swap({1, 1}, {1, 2}); });
    broken("an exchange without its computation", flaw::exchange_without_computation, 0, 8, [](auto& x) {
        for (std::size_t r : {0, 1}) x.insert({r, 8}, x.item({r, 2}));
    });
}

TEST_CASE("ranks that exchange for different micro-batches are refused") {
    mutant x{stage_plans_of<gpipe, 8, 2>({.stages = 2, .micro_batches = 2})};
    auto const forwards = x.all([](action const& a) { return a.kind == action_kind::exchange && a.direction == way::forward; });
    REQUIRE(forwards.size() == 8);
    // Rank 0 computes the second micro-batch first, rank 1 does not.
    for (int i : {0, 1}) x.swap({0, forwards[0].at + i}, {0, forwards[1].at + i});
    CHECK(!rendezvous_run(x.plans).is_good());
    CHECK(!prove_all(x.plans).holds());
}

TEST_CASE("sound plans with a tensor axis are proved, and compute what ranks that wait for nobody compute") {
    auto const sound = [](auto const& plans) {
        INFO(plans.size() << " ranks: " << rendezvous_run(plans).failure << ", " << name_of(prove_all(plans).what));
        CHECK(rendezvous_run(plans).is_good());
        CHECK(prove_all(plans).holds());
    };
    for (pipeline_sizes const& sizes : layouts) {
        sound(stage_plans_of<gpipe, 8, 2>(sizes));
        sound(stage_plans_of<one_f_one_b, 8, 2>(sizes));
        sound(stage_plans_of<interleaved<2>, 8, 2>(sizes));
        sound(stage_plans_of<interleaved<3>, 8, 4>(sizes));
        sound(stage_plans_of<zb_h1, 8, 2>(sizes));
    }
}

TEST_CASE("of plans whose exchanges are mixed up, the proof accepts exactly those that compute the right thing") {
    is_always_refused<exchange_dropped>(layouts);
    is_always_refused<exchange_doubled>(layouts);
    is_always_refused<exchanges_swapped>(layouts);
    is_always_refused<exchange_moved>(layouts);
    is_always_refused<exchange_altered>(layouts);
    is_always_refused<peers_crossed>(staged);
    is_judged_rightly<computations_in_another_order>();
}

TEST_CASE("of plans with a tensor axis in which any action is changed, the proof accepts exactly those that compute the right thing") {
    is_judged_rightly<two_actions_swapped>();
    is_judged_rightly<action_doubled>();
    is_judged_rightly<field_changed>();
    is_always_refused<action_dropped>(layouts);
}

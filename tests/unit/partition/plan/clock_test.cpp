// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "support/stage_plans.hpp"
#include "unit/partition/small_lstm_model.hpp"

#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/partition/pipeline/simulate.hpp>
#include <espalier/partition/plan/clock.hpp>

#include <algorithm>

using namespace espalier;
using espalier_test::pipeline_sizes;
using espalier_test::stage_plan_of;

namespace {
constexpr int most_micro_batches = 8;

template <class S>
auto plans_of(pipeline_sizes const& sizes) {
    std::vector<espalier_test::stage_plan<S, most_micro_batches>> plans;
    for (int r = 0; r < sizes.stages * sizes.replicas; ++r) plans.push_back(stage_plan_of<S, most_micro_batches>(sizes, r));
    return plans;
}

/// Two ranks of an empty step that exchange one message.
std::vector<rank_plan<8>> two_ranks() {
    std::vector<rank_plan<8>> plans(2);
    for (int r : {0, 1}) plans[static_cast<std::size_t>(r)].rank = r, plans[static_cast<std::size_t>(r)].ranks = 2;
    return plans;
}
} // namespace

TEST_CASE("plans of a pipeline take the time that their schedule takes where messages take none") {
    work_cost const schedule_cost{.forward = 3, .backward_input = 4, .backward_weights = 2};
    auto const check = [&]<class S>(S) {
        for (int stages : {2, 3, 4})
            for (int m : {1, 2, 3, 5, 8}) {
                simulation const expected = simulate<S>(stages, m, schedule_cost);
                timed_step const run = on_clock(plans_of<S>({.stages = stages, .lanes = m, .micro_batches = 1}), {.forward = 3, .backward_input = 4, .backward_weights = 2});
                INFO(S::name << ", " << stages << " stages, " << m << " micro-batches");
                CHECK(run.finishes);
                CHECK(run.makespan == expected.makespan);
                CHECK(run.idle_share() == Approx(expected.idle_share()));
                CHECK(run.rank[1].busy == m * S::chunks * 9);
            }
    };
    check(gpipe{}), check(one_f_one_b{}), check(interleaved<2>{}), check(zb_h1{});
}

TEST_CASE("the idle share of a pipeline on two replicas is that of the closed form") {
    // (P − 1)/(M + P − 1), with half of the lanes as micro-batches of each replica
    timed_step const run = on_clock(plans_of<one_f_one_b>({.stages = 4, .replicas = 2, .lanes = 8}));
    CHECK(run.idle_share() == Approx(3.0 / 7));
    for (std::size_t r = 0; r < 8; ++r) CHECK(run.idle_share(r) == Approx(3.0 / 7));
    CHECK(run.meetings.size() == 4 + 1); // a reduction a stage, and what all ranks share
    CHECK(std::count_if(run.meetings.begin(), run.meetings.end(), [](timed_meeting const& m) { return m.ranks.size() == 8; }) == 1);
    CHECK(std::count_if(run.meetings.begin(), run.meetings.end(), [](timed_meeting const& m) { return m.ranks.size() == 2 && m.ranks[1] - m.ranks[0] == 4; }) == 4);
    // A message ahead and one home over each of 3 borders, for each of 4 micro-batches, in both replicas.
    CHECK(run.messages.size() == 3 * 4 * 2 * 2);
    for (timed_message const& m : run.messages) {
        CHECK(m.comes >= m.leaves);
        CHECK(std::abs(m.from - m.to) == 1);
    }
}

TEST_CASE("a wait ends when both ends are posted, whoever is first") {
    for (bool const sender_is_late : {false, true}) {
        auto plans = two_ranks();
        action const computes{.kind = action_kind::forward, .lane = 0, .micro_batch = 0};
        if (sender_is_late) plans[0].add(computes);
        else plans[1].add(computes);
        plans[0].add({.kind = action_kind::post_send, .peer = 1});
        plans[0].add({.kind = action_kind::wait_send, .peer = 1});
        plans[1].add({.kind = action_kind::post_recv, .peer = 0});
        plans[1].add({.kind = action_kind::wait_recv, .peer = 0});
        timed_step const run = on_clock(plans, {.forward = 7});
        CHECK(run.finishes);
        CHECK(run.makespan == 7);
        CHECK(run.rank[0].actions.back().ends == 7);
        CHECK(run.rank[1].actions.back().ends == 7);
        REQUIRE(run.messages.size() == 1);
        CHECK(run.messages[0].leaves == (sender_is_late ? 7 : 0));
        CHECK(run.messages[0].comes == 7);
        CHECK(run.idle_share(sender_is_late ? 0 : 1) == 0);
        CHECK(run.idle_share(sender_is_late ? 1 : 0) == 1);
    }
}

TEST_CASE("a collective begins when its last rank has come") {
    using partition = data_parallel<lanes<3>, samples<5>>; // rank 0 has one lane, rank 1 two
    std::vector<partition::plan_type> plans;
    for (int r : {0, 1}) plans.push_back(partition::plan<espalier_test::tiny_model<>>(2, r));
    timed_step const run = on_clock(plans, {.forward = 2, .backward_input = 2, .backward_weights = 2, .other = 1});
    // Rank 1: clear, load, forward 2, backward 4, twice; its lanes are no siblings.
    REQUIRE(run.meetings.size() == 1);
    CHECK(run.meetings[0].at == 16);
    CHECK(run.meetings[0].ranks == std::vector<int>{0, 1});
    CHECK(run.makespan == 16 + 1 + 1); // the reduction, the update
    CHECK(run.rank[0].busy == 6);
    CHECK(run.rank[1].busy == 12);
}

TEST_CASE("a reduction that is posted begins when its last rank has posted it, and holds up nobody before the wait") {
    auto plans = two_ranks();
    action const computes{.kind = action_kind::forward, .lane = 0, .micro_batch = 0}, post{.kind = action_kind::post_all_reduce, .buffer = 0}, wait{.kind = action_kind::wait_reduce};
    for (action const& a : {post, computes, wait}) plans[0].add(a);
    for (action const& a : {computes, computes, post, wait}) plans[1].add(a);
    timed_step const run = on_clock(plans, {.forward = 10, .other = 3});
    CHECK(run.finishes);
    REQUIRE(run.meetings.size() == 1);
    CHECK(run.meetings[0].at == 20);
    CHECK(run.meetings[0].ranks == std::vector<int>{0, 1});
    CHECK(run.rank[0].actions[1].ends == 13); // the computation, right behind the post
    CHECK(run.rank[0].actions[2].begins == 13);
    CHECK(run.rank[0].actions[2].ends == 23); // the wait
    CHECK(run.rank[1].actions[3].ends == 23);
    CHECK(run.makespan == 23);

    plans[1].count = 2; // nobody to reduce with
    CHECK_FALSE(on_clock(plans).finishes);
    CHECK(on_clock(plans).rank[0].actions.size() == 2);
    CHECK(on_clock(plans).meetings.empty());
}

TEST_CASE("ranks that wait for ever are run as far as they come") {
    auto plans      = plans_of<one_f_one_b>({.stages = 2, .lanes = 2});
    auto& first     = plans[0];
    auto* const end = first.item + first.count;
    auto* const at  = std::find_if(first.item, end, [](action const& a) { return a.kind == action_kind::post_send; });
    std::copy(at + 1, end, at);
    --first.count;
    timed_step const run = on_clock(plans);
    CHECK_FALSE(run.finishes);
    // Rank 1 posts a receive, loads, and stands before what it never gets.
    CHECK(plans[1].item[run.rank[1].actions.size()].kind == action_kind::wait_recv);
    CHECK(run.rank[1].busy == 0);

    auto alone = two_ranks(); // a peer that there is not, and a wait without a post
    alone[0].add({.kind = action_kind::post_send, .peer = 5});
    alone[0].add({.kind = action_kind::wait_send, .peer = 5});
    alone[1].add({.kind = action_kind::wait_recv, .peer = 0});
    CHECK_FALSE(on_clock(alone).finishes);
    CHECK(on_clock(alone).rank[0].actions.size() == 1);
    CHECK(on_clock(alone).rank[1].actions.empty());
}

TEST_CASE("a clock of no ranks stands at 0, and costs below 0 are refused") {
    CHECK(on_clock(std::vector<rank_plan<8>>{}).makespan == 0);
    CHECK(on_clock(std::vector<rank_plan<8>>{}).idle_share() == 0);
    CHECK(on_clock(two_ranks()).idle_share() == 0);
    CHECK_THROWS_WITH(on_clock(two_ranks(), {.other = -1}),
                      Catch::Matchers::Contains("espalier: on_clock: requires costs of 0 or more; got one below 0. Give times or counts of operations. See docs/explanation/plans.md."));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/error.hpp>
#include <espalier/partition/data/make_plan.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace espalier;

namespace {
template <int Lanes, int MicroBatches>
constexpr auto plan_of(int ranks, int rank) {
    return detail::make_data_parallel_plan<detail::plan_capacity(Lanes, MicroBatches)>(Lanes, MicroBatches, 4, ranks, rank);
}

/// A plan in short: "c0 l2.1 f2.1 b2.1>0 0+=1 r0 u0".
template <int Capacity>
std::string drawn(rank_plan<Capacity> const& plan) {
    std::string out;
    for (int i = 0; i < plan.count; ++i) {
        auto const& a = plan.item[i];
        switch (a.kind) {
        case action_kind::clear: out += joined("c", a.buffer); break;
        case action_kind::load: out += joined("l", a.lane, ".", a.micro_batch); break;
        case action_kind::forward: out += joined("f", a.lane, ".", a.micro_batch); break;
        case action_kind::backward: out += joined("b", a.lane, ".", a.micro_batch, ">", a.buffer); break;
        case action_kind::fold: out += joined(a.buffer, "+=", a.other); break;
        case action_kind::all_reduce: out += joined("r", a.buffer); break;
        case action_kind::update: out += joined("u", a.buffer); break;
        default: out += name_of(a.kind);
        }
        out += i + 1 < plan.count ? " " : "";
    }
    return out;
}
}  // namespace

TEST_CASE("four lanes on one rank are summed as the tree is drawn, in three buffers") {
    CHECK(drawn(plan_of<4, 1>(1, 0)) == "c0 l0.0 f0.0 b0.0>0 "
                                        "c1 l1.0 f1.0 b1.0>1 0+=1 "
                                        "c1 l2.0 f2.0 b2.0>1 "
                                        "c2 l3.0 f3.0 b3.0>2 1+=2 0+=1 u0");
    CHECK(plan_of<4, 1>(1, 0).gradient_buffers == 3);
}

TEST_CASE("micro-batches of a lane follow one another and add to one buffer, and more than one rank reduces before the update") {
    CHECK(drawn(plan_of<2, 2>(2, 1)) == "c0 l1.0 f1.0 b1.0>0 l1.1 f1.1 b1.1>0 r0 u0");
}

TEST_CASE("a rank whose lanes are no node computes its largest subtree first and reduces several partial sums") {
    auto const plan = plan_of<8, 1>(3, 1);  // lanes 2, 3, 4: the node (2 3) and the leaf 4
    CHECK(drawn(plan) == "c0 l2.0 f2.0 b2.0>0 c1 l3.0 f3.0 b3.0>1 0+=1 c1 l4.0 f4.0 b4.0>1 r0 u0");
    REQUIRE(plan.partials == 2);
    CHECK(plan.partial[0].lanes == lane_range{2, 4});
    CHECK(plan.partial[0].buffer == 0);
    CHECK(plan.partial[1].lanes == lane_range{4, 5});
    CHECK(plan.partial[1].buffer == 1);
    auto const last_first = plan_of<8, 1>(5, 1);  // lanes 1, 2: two leaves, in the order of lanes
    CHECK(drawn(last_first) == "c0 l1.0 f1.0 b1.0>0 c1 l2.0 f2.0 b2.0>1 r0 u0");
}

TEST_CASE("slots that are filled ahead are used in turn, within a step and from step to step") {
    auto const plan = detail::make_data_parallel_plan<detail::plan_capacity(4, 2)>(4, 2, 4, 1, 0, 3);
    REQUIRE(plan.loads == 8);
    REQUIRE(plan.slots() == 3);
    std::vector<int> loaded, at_work;
    for (int i = 0; i < plan.count; ++i) {
        auto const& a = plan.item[i];
        if (a.kind == action_kind::load) loaded.push_back(a.slot);
        if (a.kind == action_kind::forward || a.kind == action_kind::backward) at_work.push_back(a.slot);
    }
    CHECK(loaded == std::vector<int>{0, 1, 2, 0, 1, 2, 0, 1});
    CHECK(at_work == std::vector<int>{0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 0, 0, 1, 1});
    std::vector<int> first;
    for (std::int64_t step = 1; step <= 4; ++step) first.push_back(plan.first_slot(step));
    CHECK(first == std::vector<int>{0, 2, 1, 0});  // 8, 16 and 24 loads on
    CHECK(plan.slot_of({.kind = action_kind::load, .slot = 2}, 2) == 1);
    CHECK(plan.first_slot(1'000'000'000'001) == 2);  // 8 · 10^12 = 2 mod 3
}

TEST_CASE("a plan without slots that are filled ahead has one, and names it everywhere") {
    auto const plan = plan_of<4, 2>(2, 1);
    CHECK(plan.prefetched_slots == 0);
    CHECK(plan.slots() == 1);
    CHECK(plan.loads == 4);
    for (int i = 0; i < plan.count; ++i) CHECK(plan.item[i].slot == 0);
    CHECK(plan.first_slot(77) == 0);
}

TEST_CASE("with lanes and ranks that are powers of two a rank with k lanes keeps 1 + log2 k buffers") {
    for (int ranks = 1, expected = 6; ranks <= 32; ranks *= 2, --expected)
        for (int rank = 0; rank < ranks; ++rank) CHECK(plan_of<32, 1>(ranks, rank).gradient_buffers == expected);
}

TEST_CASE("the buffers of a plan are exactly those that its actions name, and the longest plan fills its array") {
    for (int ranks = 1; ranks <= 13; ++ranks)
        for (int rank = 0; rank < ranks; ++rank) {
            auto const plan = plan_of<13, 2>(ranks, rank);
            int largest     = -1;
            for (int i = 0; i < plan.count; ++i) largest = std::max({largest, plan.item[i].buffer, plan.item[i].other});
            CHECK(plan.gradient_buffers == largest + 1);
            CHECK(plan.count <= detail::plan_capacity(13, 2));
        }
    CHECK(plan_of<13, 2>(1, 0).count == 13 * 7 + 12 + 1);  // a clear and 2 × 3 actions a lane, a fold less than lanes, an update
}

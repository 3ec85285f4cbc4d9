// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/stage_plans.hpp"

#include <espalier/partition/plan/slots.hpp>

using namespace espalier;

namespace {
/// Stage 0 of two with two chunks, of 30 and 80 elements of activations, that take 10 and 20.
template <int MicroBatches>
auto plan_of_two_chunks(int stage = 0) {
    auto plan = espalier_test::stage_plan_of<interleaved<2>, MicroBatches>({.stages = 2, .lanes = MicroBatches}, stage);
    plan.chunk[0].activations = 30, plan.chunk[1].activations = 80;
    plan.chunk[0].takes = 10, plan.chunk[1].takes = 20;
    return plan;
}
std::vector<std::int64_t> borders(auto const& places) { return {places.first, places.first + places.count + 1}; }
}  // namespace

TEST_CASE("a slot is as large as the largest chunk that uses it") {
    // Two micro-batches pass both chunks before the first comes home: slots 0 and 1 are the first chunk's alone.
    auto const plan = plan_of_two_chunks<2>();
    REQUIRE(plan.activation_slots == 4);
    CHECK(borders(activation_places(plan)) == std::vector<std::int64_t>{0, 30, 60, 140, 220});
    // The first chunk of all receives nothing: boxes are the second's.
    CHECK(borders(box_places(plan)) == std::vector<std::int64_t>{0, 32, 64});
    // On the second stage both chunks receive, two inputs each before the first is used up, in boxes that begin at multiples of 16 elements.
    CHECK(borders(box_places(plan_of_two_chunks<2>(1))) == std::vector<std::int64_t>{0, 16, 32, 64, 96});
}

TEST_CASE("every action finds room in the slot that it names, and no slot is larger than what goes into it") {
    auto const plan = plan_of_two_chunks<7>(1);
    for (auto const& [places, kind] : {std::pair{activation_places(plan), action_kind::forward}, {box_places(plan), action_kind::post_recv}}) {
        for (int k = 0; k < places.count; ++k) {
            std::int64_t largest = 0;
            for (int i = 0; i < plan.count; ++i) {
                action const& a = plan.item[i];
                if (a.kind != kind || a.direction == way::backward || (kind == action_kind::forward ? a.activations : a.box) != k) continue;
                largest = std::max(largest, kind == action_kind::forward ? plan.chunk[a.chunk].activations : std::int64_t{a.chunk == 0 ? 16 : 32});
            }
            CHECK(largest > 0);
            CHECK(places.first[k + 1] - places.first[k] == largest);
        }
    }
}

TEST_CASE("the slots of a stage with one chunk are of one size") {
    auto plan = espalier_test::stage_plan_of<one_f_one_b, 6>({.stages = 3, .lanes = 6}, 1);
    plan.chunk[0].activations = 48, plan.chunk[0].takes = 33;
    REQUIRE(plan.activation_slots == 2);
    CHECK(borders(activation_places(plan)) == std::vector<std::int64_t>{0, 48, 96});
    CHECK(box_places(plan).elements() == 48 * plan.received_boxes);
}

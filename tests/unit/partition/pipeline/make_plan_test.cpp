// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/stage_plans.hpp"

using namespace espalier;
using espalier_test::pipeline_sizes;
using espalier_test::prove_stages;
using espalier_test::stage_plan_of;

namespace {

template <class S>
void every_size_is_proved() {
    int proved = 0;
    for (int stages = 1; stages <= 8; ++stages)
        for (int m = 1; m <= 32; ++m) {
            verdict const v = prove_stages<S, 32>({.stages = stages, .micro_batches = m});
            INFO(S::name << ", " << stages << " stages, " << m << " micro-batches: " << name_of(v.what) << " at rank " << v.rank << ", action " << v.action);
            REQUIRE(v.holds());
            ++proved;
        }
    CHECK(proved == 8 * 32);
}

template <class S>
void every_layout_is_proved() {
    for (int stages : {2, 3, 4})
        for (int lanes : {1, 3, 5, 8})
            for (int m : {1, 2, 3})
                for (int replicas = 1; replicas <= lanes; ++replicas)
                    for (zero_stage const zero : {zero_stage::none, zero_stage::optimizer_state, zero_stage::gradients, zero_stage::parameters}) {
                        verdict const v = prove_stages<S, 24>({stages, replicas, lanes, m, zero});
                        INFO(S::name << ", " << stages << " stages, " << replicas << " replicas, " << lanes << " lanes of " << m << ", ZeRO " << static_cast<int>(zero) << ": "
                                     << name_of(v.what) << " at rank " << v.rank << ", action " << v.action);
                        REQUIRE(v.holds());
                    }
}

}  // namespace

TEST_CASE("every schedule's plan is proved for 1 to 8 stages, 1 to 32 micro-batches and 1 to 4 chunks a stage") {
    every_size_is_proved<gpipe>();
    every_size_is_proved<one_f_one_b>();
    every_size_is_proved<interleaved<2>>();
    every_size_is_proved<interleaved<3>>();
    every_size_is_proved<interleaved<4>>();
    every_size_is_proved<zb_h1>();
}

TEST_CASE("replicas of pipelines are proved, with every stage of ZeRO and lanes that do not divide") {
    every_layout_is_proved<gpipe>();
    every_layout_is_proved<one_f_one_b>();
    every_layout_is_proved<interleaved<2>>();
    every_layout_is_proved<zb_h1>();
}

TEST_CASE("a stage holds as many micro-batches as published, and one received ahead") {
    auto const held = [](auto plan_of, auto of) {
        std::vector<int> all;
        for (int stage = 0; stage < 4; ++stage) all.push_back(of(plan_of(stage)));
        return all;
    };
    pipeline_sizes const sizes{.stages = 4, .micro_batches = 16};
    auto const slots = [](auto const& p) { return p.activation_slots; };
    auto const boxes = [](auto const& p) { return p.received_boxes; };
    auto const one   = [&](int r) { return stage_plan_of<one_f_one_b, 16>(sizes, r); };
    auto const zero  = [&](int r) { return stage_plan_of<zb_h1, 16>(sizes, r); };
    CHECK(held(one, slots) == std::vector{4, 3, 2, 1});
    CHECK(held(one, boxes) == std::vector{0, 4, 3, 2});
    CHECK(held(zero, slots) == std::vector{4, 4, 4, 4});
    CHECK(held(zero, boxes) == std::vector{0, 5, 5, 5});
    auto const inter = [&](int r) { return stage_plan_of<interleaved<2>, 16>(sizes, r); };
    CHECK(held(inter, slots) == std::vector{11, 9, 7, 5});
    CHECK(held(inter, boxes) == std::vector{5, 10, 8, 6});
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Plans of a tensor axis in words, on a clock and as a picture. What there is without such an axis: ../plan/.
#include "support/catch.hpp"
#include "unit/observe/report/markup.hpp"
#include "unit/partition/tensor/exchanging_layer.hpp"

#include <espalier/partition/mesh.hpp>
#include <espalier/partition/plan/draw.hpp>
#include <espalier/partition/plan/explain.hpp>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::exchanging_model;

namespace {
/// Two replicas of two stages of two ranks. The first stage has the layers 0 to 4, of which 0 and 3 exchange; the second 5 to 7 and the loss.
using all_axes = mesh<data_parallel<lanes<2>, samples<4>>, pipeline<2, one_f_one_b, cut_at<5>>, tensor_parallel<2, exact<4>>>;
using shared   = mesh<data_parallel<lanes<2>, samples<4>>, tensor_parallel<2>>;

template <class P>
std::vector<typename P::plan_type> plans_on(int ranks) {
    std::vector<typename P::plan_type> all;
    for (int r = 0; r < ranks; ++r) all.push_back(P::template plan<exchanging_model<>>(ranks, r));
    return all;
}
}  // namespace

TEST_CASE("a plan in words says where a rank stands on the tensor axis, which slices it has and what they exchange") {
    auto const text = explain(plans_on<all_axes>(8)[7], {.actions = true});
    CHECK_THAT(text, ContainsSubstring("  place               stage 1 of 2, replica 1 of 2, tensor rank 1 of 2\n"));
    CHECK_THAT(text, ContainsSubstring("  layers              cut in 4 slices, slices 2-3 of this rank\n"
                                       "    chunk 0           2 exchanges forward, 128 elements sent; 9 exchanges backward, 276 elements sent\n"));
    // A micro-batch: 128 + 276 elements of four bytes.
    CHECK_THAT(text, ContainsSubstring("    exchange                       404 elements           1,616 B\n"));
    CHECK_THAT(text, ContainsSubstring("  exchange    lane 1  micro-batch 0  forward  2 times\n"
                                       "  forward     lane 1  micro-batch 0  box 0\n"));
    CHECK_THAT(text, ContainsSubstring("  exchange    lane 1  micro-batch 0  backward  9 times\n"
                                       "  backward    lane 1  micro-batch 0  buffer 0  box 0\n"));
    CHECK_THAT(explain(plans_on<shared>(2)[0]), ContainsSubstring("  place               replica 0 of 1, tensor rank 0 of 2\n"));
    CHECK_THAT(explain(plans_on<shared>(2)[0]), ContainsSubstring("cut in 2 slices, slice 0 of this rank\n"));
    using alone = mesh<data_parallel<lanes<2>, samples<4>>, tensor_parallel<1, exact<4>>>;
    auto const one = explain(plans_on<alone>(1)[0]);
    CHECK_THAT(one, ContainsSubstring("cut in 4 slices, slices 0-3 of this rank\n  actions"));
    CHECK_THAT(one, !ContainsSubstring("place"));
}

TEST_CASE("all ranks side by side have a column for the tensor axis where there is one") {
    CHECK_THAT(explain_all(plans_on<all_axes>(8)), ContainsSubstring("  rank  stage  replica  tensor  lanes  chunks  "));
    CHECK_THAT(explain_all(plans_on<all_axes>(8)), ContainsSubstring("     5      0        1       1  1      0  "));
    CHECK_THAT(explain_all(plans_on<shared>(2)), ContainsSubstring("     1      0        0       1  0-1    0  "));
    CHECK_THAT(explain_all(plans_on<mesh<data_parallel<lanes<2>, samples<4>>, pipeline<2>>>(2)), !ContainsSubstring("tensor"));
}

TEST_CASE("on the clock ranks of a tensor axis exchange when the last of them has come, and others go on") {
    auto plans           = plans_on<shared>(4);
    timed_step const run = on_clock(plans, {.forward = 10, .backward_input = 10, .backward_weights = 10, .other = 1});
    CHECK(run.finishes);
    auto const exchanges = std::count_if(run.meetings.begin(), run.meetings.end(), [](timed_meeting const& m) { return m.kind == action_kind::exchange; });
    CHECK(exchanges == 2 * 2);  // of each replica, for one lane each way
    for (timed_meeting const& m : run.meetings)
        if (m.kind == action_kind::exchange) CHECK((m.ranks == std::vector{0, 1} || m.ranks == std::vector{2, 3}));
    // Clear, load, exchange, forward, exchange, backward, reduce, share, update.
    CHECK(run.makespan == 1 + 1 + 1 + 10 + 1 + 20 + 1 + 1 + 1);
    // Rank 0 leaves out its first exchange: its neighbour waits for ever, and so do the replicas.
    auto* const at = std::find_if(plans[0].item, plans[0].item + plans[0].count, [](action const& a) { return a.kind == action_kind::exchange; });
    std::copy(at + 1, plans[0].item + plans[0].count, at);
    --plans[0].count;
    timed_step const stands = on_clock(plans);
    CHECK(!stands.finishes);
    CHECK(plans[1].item[stands.rank[1].actions.size()].kind == action_kind::exchange);
    CHECK_THAT(explain_all(plans), ContainsSubstring("waits for ever at action 2, exchange lane 0, micro-batch 0, forward, 4 times\n"));
}

TEST_CASE("a picture shows exchanges in a colour of their own, between the ranks of the axis") {
    auto const plans = plans_on<all_axes>(8);
    timeline const t = timeline_of(std::span{plans});
    CHECK(t.title == joined("A step on 8 ranks: 2 stages, 2 tensor ranks, 2 replicas, ", detail::in_percent(on_clock(plans).idle_share()), " idle"));
    CHECK(t.kinds.back() == "exchange");
    CHECK(t.rows[5].note == "stage 0, tensor rank 1, lanes 1");
    CHECK(std::any_of(t.meetings.begin(), t.meetings.end(), [](timeline_meeting const& m) { return m.rows == std::vector{4, 5}; }));
    auto const svg = draw(plans);
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK(espalier_test::count_in(svg, "<title>exchange lane 0, micro-batch 0, forward, 2 times<") == 4);
    auto const small = plans_on<shared>(2);
    CHECK(timeline_of(std::span{small}).rows[1].note == "tensor rank 1");
}

TEST_CASE("what a rank of a tensor axis holds at most is what its plan makes room for, region by region") {
    using cut_net = sequence<linear<16, 32>, relu, linear<32, 16>, relu, linear<16, 8>>;
    using wide    = model<cut_net, mean_squared_error, adamw>;
    using balanced_axes = mesh<data_parallel<lanes<2>, samples<4>>, pipeline<2>, tensor_parallel<2, exact<4>>>;
    std::vector<balanced_axes::plan_type> plans;
    for (int r = 0; r < 4; ++r) plans.push_back(balanced_axes::plan<wide>(4, r));
    timeline const t = timeline_of(std::span{std::as_const(plans)});
    for (std::size_t r = 0; r < plans.size(); ++r)
        for (memory_region const& region : plans[r].memory.item) {
            std::int64_t most = 0;
            for (timeline_level const& l : t.rows[r].levels)
                if (t.layers[static_cast<std::size_t>(l.layer)] == name_of(region.kind)) most = std::max(most, l.value);
            INFO("rank " << r << ", " << name_of(region.kind));
            CHECK(most == plans[r].memory.bytes_of(region.kind));
        }
    // The first product's 512 weights and 32 biases are cut in four, the second's 512 weights too: two slices of each are a rank's.
    std::int64_t held = 0;
    for (int r : {0, 2})
        for (int c = 0; c < plans[static_cast<std::size_t>(r)].chunks; ++c) held += plans[static_cast<std::size_t>(r)].chunk[c].parameters;
    CHECK(held == 2 * (128 + 16) + 2 * 128 + 16 + 128 + 16);  // and whole: the second's bias, the third product; padded to 16
}

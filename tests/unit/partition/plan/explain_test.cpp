// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/partition/small_lstm_model.hpp"

#include <espalier/partition/mesh.hpp>
#include <espalier/partition/plan/explain.hpp>

#include <algorithm>

using namespace espalier;
using espalier_test::tiny_model;
using Catch::Matchers::ContainsSubstring;

namespace {
/// Two pipelines of two stages: the LSTM and what takes its last step, then the head. Four lanes of one micro-batch of five samples.
using two_pipelines = mesh<data_parallel<lanes<4>, samples<5>, zero<1>>, pipeline<2>>;

std::vector<two_pipelines::plan_type> plans_of_two_pipelines() {
    std::vector<two_pipelines::plan_type> plans;
    for (int r = 0; r < 4; ++r) plans.push_back(two_pipelines::plan<tiny_model<>>(4, r));
    return plans;
}
}  // namespace

TEST_CASE("a plan in words: ranks, lanes, partial sums, traffic and memory by kind") {
    using partition = data_parallel<lanes<2>, samples<5>>;
    CHECK(explain(partition::plan<tiny_model<>>(1, 0)) ==
          "plan of rank 0 of 1\n"
          "  step                2 lanes x 1 micro-batches x 5 samples = 10 samples\n"
          "  lanes of this rank  0-1 (2 of 2)\n"
          "  partial sums        {0-1} in 2 gradient buffers\n"
          "  actions             10 a step\n"
          "  sent                0 elements a step (0 B)\n"
          "  memory              5,824 B, of these\n"
          "    parameters                     640 B\n"
          "    optimizer state              1,280 B\n"
          "    input                          128 B\n"
          "    target                          64 B\n"
          "    activations                  1,664 B\n"
          "    signals                        384 B\n"
          "    scratch                        256 B\n"
          "    gradients                    1,408 B\n");
}

TEST_CASE("what a rank sends is shown in elements and in bytes") {
    // 176 elements are 11 grains of 16; rank 0 owns 5 of them, sends the other 6 and then its own 5.
    using partition = data_parallel<lanes<2>, samples<5>>;
    CHECK_THAT(explain(partition::plan<tiny_model<>>(2, 0)), ContainsSubstring("  sent                176 elements a step (704 B)\n"));
    CHECK_THAT(explain(partition::plan<tiny_model<fp64>>(2, 1)), ContainsSubstring("  sent                176 elements a step (1,408 B)\n"));
}

TEST_CASE("a rank with several subtrees names the lanes of each partial sum") {
    using partition = data_parallel<lanes<8>, micro_batches<3>, samples<1000>>;
    auto const text = explain(partition::plan<tiny_model<>>(3, 1));  // lanes 2, 3, 4
    CHECK_THAT(text, ContainsSubstring("plan of rank 1 of 3\n"));
    CHECK_THAT(text, ContainsSubstring("8 lanes x 3 micro-batches x 1000 samples = 24,000 samples\n"));
    CHECK_THAT(text, ContainsSubstring("  lanes of this rank  2-4 (3 of 8)\n"));
    CHECK_THAT(text, ContainsSubstring("  partial sums        {2-3} {4} in 2 gradient buffers\n"));
}

TEST_CASE("slots that are filled ahead have a line, and actions name theirs where there is more than one") {
    using one = data_parallel<lanes<2>, samples<5>, prefetch<1>>;
    using two = data_parallel<lanes<2>, samples<5>, prefetch<2>>;
    CHECK_THAT(explain(one::plan<tiny_model<>>(2, 1)), ContainsSubstring("  actions             6 a step\n"
                                                                         "  prefetch            1 slot, filled ahead\n"));
    auto const text = explain(two::plan<tiny_model<>>(1, 0), {.actions = true});
    CHECK_THAT(text, ContainsSubstring("  prefetch            2 slots, filled ahead\n"));
    CHECK_THAT(text, ContainsSubstring("    input                          256 B\n"
                                       "    target                         128 B\n"));
    CHECK_THAT(text, ContainsSubstring("  clear       buffer 1\n"
                                       "  load        lane 1  micro-batch 0  slot 1\n"
                                       "  forward     lane 1  micro-batch 0  slot 1\n"
                                       "  backward    lane 1  micro-batch 0  buffer 1  slot 1\n"
                                       "  fold        buffer 0 += buffer 1\n"));
}

TEST_CASE("actions are listed when asked for, and what libraries hold has a line of its own") {
    using partition = data_parallel<lanes<2>, samples<5>>;
    auto const plan = partition::plan<tiny_model<>>(2, 1);
    auto const text = explain(plan, {.actions = true, .workspace_bytes = 1234567});
    CHECK_THAT(text, ContainsSubstring("  workspace           1,234,567 B beside the plan, held by libraries\n"
                                       "  clear       buffer 0\n"
                                       "  load        lane 1  micro-batch 0\n"
                                       "  forward     lane 1  micro-batch 0\n"
                                       "  backward    lane 1  micro-batch 0  buffer 0\n"
                                       "  all_reduce  buffer 0\n"
                                       "  update      buffer 0\n"));
    CHECK_THAT(explain(partition::plan<tiny_model<>>(1, 0), {.actions = true}), ContainsSubstring("  fold        buffer 0 += buffer 1\n"));
    CHECK_THAT(explain(plan), !ContainsSubstring("workspace"));
}

TEST_CASE("a stage of a pipeline in words: place, chunk, slots, shards, traffic by kind and messages") {
    // The head: 5 · 4 = 20 elements in, 5 out; weight and bias of 16 elements with padding, of which replica 0 owns the first. Two
    // messages home of 20; 48 elements of gradients and tail but for 16 of its own; 16 parameters to the other; 3 facts and the sums of 6
    // blocks in double precision, which another rank adds up. Boxes and the gradient that leaves take 32 elements each.
    CHECK(explain(plans_of_two_pipelines()[1], {.actions = true}) ==
          "plan of rank 1 of 4\n"
          "  place               stage 1 of 2, replica 0 of 2\n"
          "  step                4 lanes x 1 micro-batches x 5 samples = 20 samples\n"
          "  lanes of this rank  0-1 (2 of 4)\n"
          "  partial sums        {0-1} in 2 gradient buffers\n"
          "  chunks              1 of the network's 2\n"
          "    chunk 0           the network's 1: layer 2, 32 parameters, 20 elements in, 5 out\n"
          "  actions             21 a step\n"
          "  slots               1 of activations, 2 boxes for what is received, 1 of samples\n"
          "  ZeRO                stage 1: shards of optimizer state on 2 replicas\n"
          "    owned             16 of 32 parameters\n"
          "  sent                97 elements a step (424 B), of these\n"
          "    sends home                      40 elements             160 B\n"
          "    reduce                          32 elements             128 B\n"
          "    gather                          16 elements              64 B\n"
          "    share                            9 elements              72 B\n"
          "  memory              1,216 B, of these\n"
          "    parameters                     128 B\n"
          "    optimizer state                128 B\n"
          "    target                          64 B\n"
          "    activations                     64 B\n"
          "    signals                         64 B\n"
          "    gradients                      384 B\n"
          "    received                       384 B\n"
          "  post_recv       forward from rank 0  box 0\n"
          "  load            lane 0  micro-batch 0\n"
          "  wait_recv       forward from rank 0\n"
          "  forward         lane 0  micro-batch 0  box 0\n"
          "  post_recv       forward from rank 0  box 1\n"
          "  clear           buffer 0\n"
          "  backward        lane 0  micro-batch 0  buffer 0  box 0\n"
          "  post_send       backward to rank 0\n"
          "  load            lane 1  micro-batch 0\n"
          "  wait_recv       forward from rank 0\n"
          "  forward         lane 1  micro-batch 0  box 1\n"
          "  wait_send       backward to rank 0\n"
          "  clear           buffer 1\n"
          "  backward        lane 1  micro-batch 0  buffer 1  box 1\n"
          "  fold            buffer 0 += buffer 1\n"
          "  post_send       backward to rank 0\n"
          "  wait_send       backward to rank 0\n"
          "  reduce_scatter  buffer 0\n"
          "  share\n"
          "  update          buffer 0\n"
          "  gather\n");
}

TEST_CASE("actions name chunks and activations where a rank has several") {
    auto const first = explain(plans_of_two_pipelines()[0], {.actions = true});
    CHECK_THAT(first, ContainsSubstring("  slots               2 of activations, 2 of samples\n")); // nothing is received ahead
    CHECK_THAT(first, ContainsSubstring("  forward         lane 1  micro-batch 0  slot 1  activations 1\n"
                                        "  post_send       forward to rank 1  activations 1\n"));
    using gathers   = data_parallel<lanes<2>, samples<5>, zero<3>, buckets<2>>;
    auto const text = explain(gathers::plan<tiny_model<>>(2, 1), {.actions = true});
    CHECK_THAT(text, ContainsSubstring("  chunks              2 buckets\n"
                                       "    chunk 0           layers 0-1, 128 parameters, 30 elements in, 20 out\n"
                                       "    chunk 1           layer 2, 32 parameters, 20 elements in, 5 out\n"));
    CHECK_THAT(text, ContainsSubstring("  ZeRO                stage 3: shards of optimizer state, gradients and parameters on 2 replicas\n"
                                       "    owned             112 of 160 parameters\n"));
    // Of 128 parameters the last tensors that begin in the second half, 96, and one of two in the head: each gathered but for the last time.
    CHECK_THAT(text, ContainsSubstring("    gather                         208 elements             832 B\n")); // 96 + 16 + 96
    CHECK_THAT(text, ContainsSubstring("  gather               chunk 0\n"
                                       "  load                 lane 1  micro-batch 0\n"
                                       "  forward              lane 1  micro-batch 0  chunk 0\n"
                                       "  gather               chunk 1\n"));
    CHECK_THAT(text, ContainsSubstring("  post_reduce_scatter  buffer 0  chunk 1\n"
                                       "  gather               chunk 0\n"));
    CHECK_THAT(text, ContainsSubstring("  wait_reduce          chunk 1\n"
                                       "  wait_reduce          chunk 0\n"
                                       "  share\n"));
    using keeps = data_parallel<lanes<4>, samples<5>, zero<2>, buckets<2>>;  // two lanes a rank: a lane waits for its sibling whole
    CHECK_THAT(explain(keeps::plan<tiny_model<>>(2, 1)), ContainsSubstring(" of 160 parameters; whole gradients until they are reduced\n"));
}

TEST_CASE("all ranks of a step side by side: place, memory, traffic and idle time") {
    // Two stages and two micro-batches a replica: idle for 1/(2 + 1). Replica 1 owns 96 of the first stage's 128 parameters, replica 0 32.
    CHECK(explain_all(plans_of_two_pipelines()) == "  rank  stage  replica  lanes  chunks  bytes  sent     idle\n"
                                                   "     0      0        0  0-1    0       5,888   177  33.33 %\n"
                                                   "     1      1        0  0-1    1       1,216    97  33.33 %\n"
                                                   "     2      0        1  2-3    0       6,400   177  33.33 %\n"
                                                   "     3      1        1  2-3    1       1,216    99  33.33 %\n");
    using uneven = data_parallel<lanes<3>, samples<5>>;  // one lane and two
    std::vector<uneven::plan_type> plans;
    for (int r = 0; r < 2; ++r) plans.push_back(uneven::plan<tiny_model<>>(2, r));
    CHECK_THAT(explain_all(plans), ContainsSubstring("  50.00 %\n"));
    CHECK_THAT(explain_all(plans), ContainsSubstring("   0.00 %\n"));
    CHECK(explain_all(std::vector<uneven::plan_type>{}) == "  rank  stage  replica  lanes  chunks  bytes  sent  idle\n");
}

TEST_CASE("a rank that waits for ever is named with its action") {
    auto plans      = plans_of_two_pipelines();
    auto& first     = plans[0];
    auto* const end = first.item + first.count;
    auto* const at  = std::find_if(first.item, end, [](action const& a) { return a.kind == action_kind::post_send; });
    std::copy(at + 1, end, at);
    --first.count;
    auto const text = explain_all(plans);
    CHECK_THAT(text, ContainsSubstring("  waits for ever at action 4, wait_send forward to rank 1\n"));
    CHECK_THAT(text, ContainsSubstring("  waits for ever at action 2, wait_recv forward from rank 0\n"));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/partition/small_lstm_model.hpp"

#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/partition/plan/explain.hpp>


using namespace espalier;
using espalier_test::tiny_model;
using Catch::Matchers::ContainsSubstring;

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

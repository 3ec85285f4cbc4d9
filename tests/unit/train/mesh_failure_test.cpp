// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_traps.hpp"

using namespace espalier;
using espalier_test::backward_trap;
using espalier_test::forward_trap;
using espalier_test::loss_trap;
using espalier_test::trapped_model;

namespace {
template <class P>
void one_error_ends_all(int ranks, std::string const& words, int reader = -1, int read = 0) {
    espalier_test::one_error_ends_all<trapped_model, P>(ranks, words, reader, read);
}

/// Each trap, at the first micro-batch, in the middle, at the last of a step, and in the second step.
template <class P>
void every_trap_ends_all(int ranks) {
    for (int call : {1, 2, 5, 8, 13})
        for (std::size_t i = 0; i < 3; ++i) {
            INFO("call " << call << " of trap " << i);
            forward_trap[i].arm(call);
            one_error_ends_all<P>(ranks, "a trap on the way forward");
            backward_trap[i].arm(call);
            one_error_ends_all<P>(ranks, "a trap on the way back");
        }
    for (int call : {1, 4, 8, 11}) {
        INFO("call " << call << " of the loss");
        loss_trap.arm(call);
        one_error_ends_all<P>(ranks, "a trap in the loss");
    }
    int const last_stage = P::stages - 1;
    for (int read : {1, 3, 6})
        for (int reader : {0, last_stage, P::stages, P::stages + last_stage}) {
            INFO("read " << read << " of rank " << reader);
            one_error_ends_all<P>(ranks, "a trap in the data", reader, read);
        }
}
template <class Pipeline, int Zero>
using trapped_mesh = mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<Zero>>, Pipeline>;
}  // namespace

TEST_CASE("an error at any place of a step of gpipe ends every rank with it") {
    every_trap_ends_all<trapped_mesh<pipeline<3, gpipe, cut_at<2, 4>>, 0>>(6);
}
TEST_CASE("an error at any place of a step of 1F1B ends every rank with it") {
    every_trap_ends_all<trapped_mesh<pipeline<2, one_f_one_b>, 3>>(4);
}
TEST_CASE("an error at any place of a step of interleaved 1F1B ends every rank with it") {
    every_trap_ends_all<trapped_mesh<pipeline<2, interleaved<2>, cut_at<1, 3, 5>>, 1>>(4);
}
TEST_CASE("an error at any place of a step of ZB-H1 ends every rank with it") {
    every_trap_ends_all<trapped_mesh<pipeline<3, zb_h1, cut_at<2, 4>>, 2>>(6);
}
TEST_CASE("an error at any place of a step whose buckets are reduced during backward ends every rank with it") {
    every_trap_ends_all<data_parallel<lanes<4>, micro_batches<2>, samples<3>, buckets<3>>>(3);
}
TEST_CASE("the same where shards share the room for whole gradients") {
    every_trap_ends_all<data_parallel<lanes<4>, samples<3>, zero<3>, buckets<4>>>(4);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/layout_checks.hpp"

#include <espalier/partition/tensor/tensor_parallel.hpp>

#include <cmath>

using namespace espalier;
using espalier_test::layout_of;
using espalier_test::run_ending;
using checkpoint::memory;

namespace {
constexpr fit_options judged{.epochs = 30, .early_stop = {.patience = 3}};

/// Two pairs of layers that four slices divide; a slice of the widest tensor has more than one block of 4,096 elements.
using cut_model = model<sequence<linear<6, 24>, relu, linear<24, 800>, tanh_activation, linear<800, 12>, relu, linear<12, 1>>, mean_squared_error, adamw>;

using data       = data_parallel<lanes<4>, micro_batches<2>, samples<3>>;
using in_shards  = data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<3>>;
using one_rank   = mesh<data, tensor_parallel<1, exact<4>>>;
using two_ranks  = mesh<data, tensor_parallel<2, exact<4>>>;
using four_ranks = mesh<data, tensor_parallel<4>>;

std::vector<espalier_test::mesh_layout<memory>> const layouts = {
    layout_of<cut_model, one_rank, memory>("one rank with four slices", 1),
    layout_of<cut_model, four_ranks, memory>("tensor 4", 4),
    layout_of<cut_model, mesh<in_shards, tensor_parallel<2, exact<4>>>, memory>("tensor 2, data 3 in shards of everything", 6),
    layout_of<cut_model, mesh<in_shards, pipeline<2, zb_h1>, tensor_parallel<2, exact<4>>>, memory>("tensor 2, two stages, data 2 in shards", 8),
};

/// What must come out: the run of one rank that never stopped.
run_ending const& whole() {
    static run_ending const end = layouts[0].run(1, memory{}, judged);
    return end;
}
}  // namespace

TEST_CASE("the run that tensor axes are measured by learns, and ends early with the weights of an epoch before its last") {
    CHECK(whole().stopped_early);
    CHECK(whole().best_step > 5);
    CHECK(whole().best != whole().weights);
}

TEST_CASE("a judged run in four slices ends alike on every tensor axis") {
    espalier_test::check_all_end_alike(layouts, judged, whole());
}

TEST_CASE("a run that one tensor axis saves goes on under any other, and ends as if it never stopped") {
    espalier_test::check_each_goes_on_under_each(layouts, judged, whole());
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/layout_checks.hpp"

using namespace espalier;
using espalier_test::layout_of;
using espalier_test::mesh_model;
using espalier_test::run_ending;
using checkpoint::memory;

namespace {
constexpr fit_options judged{.epochs = 30, .early_stop = {.patience = 3}};

std::vector<espalier_test::mesh_layout<memory>> const layouts = {
    layout_of<mesh_model, data_parallel<lanes<4>, micro_batches<2>, samples<3>>, memory>("replicas", 3),
    layout_of<mesh_model, data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<3>, buckets<3>>, memory>("shards of everything", 4),
    layout_of<mesh_model, mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<1>>, pipeline<3, zb_h1>>, memory>("zb_h1 with shards of state", 6),
    layout_of<mesh_model, mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<3>>, pipeline<2, interleaved<2>>>, memory>("interleaved with shards", 4),
};

/// What must come out: the run of one rank that never stopped.
run_ending const& whole() {
    static run_ending const end = layouts[0].run(1, memory{}, judged);
    return end;
}
}  // namespace

TEST_CASE("the run that others are measured by learns, and ends early with the weights of an epoch before its last") {
    CHECK(whole().stopped_early);
    CHECK(whole().steps < 150);
    CHECK(whole().best_step == whole().steps - 15);
    CHECK(whole().best_step > 5);
    CHECK(whole().best != whole().weights);
}

TEST_CASE("a judged run ends alike on every layout") {
    espalier_test::check_all_end_alike(layouts, judged, whole());
}

TEST_CASE("a run that one layout saves goes on under any other, and ends as if it never stopped") {
    espalier_test::check_each_goes_on_under_each(layouts, judged, whole());
}

TEST_CASE("a run that changes its layout at every checkpoint ends as one that never stopped") {
    memory place;
    for (std::int64_t step = 1, turn = 0; step < whole().steps; step += 3, ++turn) {
        auto options       = judged;
        options.steps      = step;
        auto const& layout = layouts[static_cast<std::size_t>(turn) % layouts.size()];
        INFO("to step " << step << " with " << layout.name);
        CHECK(layout.run(layout.ranks, place, options).steps == step);
    }
    CHECK(layouts[3].run(2, place, judged) == whole());
}

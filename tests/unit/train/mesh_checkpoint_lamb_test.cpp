// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_run.hpp"

#include <espalier/optim/lamb.hpp>

using namespace espalier;
using espalier_test::layout_of;
using espalier_test::run_ending;
using checkpoint::memory;

namespace {
/// Its steps depend on norms of whole tensors, which no rank has.
using with_norms = espalier_test::mesh_model_with<lamb>;

std::vector<espalier_test::mesh_layout<memory>> const layouts = {
    layout_of<with_norms, data_parallel<lanes<4>, micro_batches<2>, samples<3>>, memory>("replicas", 2),
    layout_of<with_norms, data_parallel<lanes<4>, micro_batches<2>, samples<3>, buckets<3>>, memory>("buckets", 3),
    layout_of<with_norms, data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<2>, buckets<2>>, memory>("shards of gradients", 3),
    layout_of<with_norms, mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<2>>, pipeline<2, gpipe>>, memory>("gpipe with shards of gradients", 4),
};
}  // namespace

TEST_CASE("LAMB with its norms goes from layout to layout and ends as on one rank that never stopped") {
    fit_options const options{.epochs = 4};
    run_ending const whole = layouts[0].run(1, memory{}, options);
    CHECK(whole.best_step > 0);
    for (auto const& first : layouts)
        for (auto const& second : layouts) {
            INFO(first.name << ", then " << second.name);
            memory place;
            CHECK(first.run(first.ranks, place, {.epochs = 4, .steps = 12}).steps == 12);
            CHECK(second.run(second.ranks, place, options) == whole);
        }
}

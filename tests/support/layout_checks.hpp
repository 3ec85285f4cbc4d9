// SPDX-License-Identifier: BSL-1.0
/// @file
/// What must hold of judged runs on any set of layouts that promise the same bits. The layouts, and what must come out, are the tests'.
#pragma once

#include "support/catch.hpp"
#include "support/mesh_run.hpp"

#include <vector>

namespace espalier_test {

/// A run on each layout ends as `whole` did.
inline void check_all_end_alike(std::vector<mesh_layout<espalier::checkpoint::memory>> const& layouts, espalier::fit_options const& options,
                                run_ending const& whole) {
    for (auto const& layout : layouts) {
        INFO(layout.name);
        CHECK(layout.run(layout.ranks, espalier::checkpoint::memory{}, options) == whole);
    }
}

/// A run that each layout saves two steps behind its best, so that best weights and moments are part of the checkpoint, goes on under each,
/// and ends as `whole`, which never stopped.
inline void check_each_goes_on_under_each(std::vector<mesh_layout<espalier::checkpoint::memory>> const& layouts, espalier::fit_options const& options,
                                          run_ending const& whole) {
    auto until  = options;
    until.steps = whole.best_step + 2;
    for (auto const& first : layouts)
        for (auto const& second : layouts) {
            INFO(first.name << ", then " << second.name);
            espalier::checkpoint::memory const place;
            CHECK(first.run(first.ranks, place, until).steps == until.steps);
            CHECK(second.run(second.ranks, place, options) == whole);
        }
}

}  // namespace espalier_test

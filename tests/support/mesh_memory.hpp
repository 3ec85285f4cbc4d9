// SPDX-License-Identifier: BSL-1.0
/// @file
/// Whether ranks touch what their plans give them, and nothing else: painted arenas, in which what is left of the paint may only be the
/// padding that alignment asks for. It knows no region's layout.
#pragma once

#include "support/mesh_problem.hpp"
#include "support/painted.hpp"

#include <string>
#include <vector>

namespace espalier_test {

/// The first word of a region that was planned and never touched, or −1. Regions, tensors and slots begin at multiples of 16 elements, so
/// that a run of fewer than 16 words up to such a multiple is padding.
[[nodiscard]] inline std::int64_t first_untouched(std::vector<bool> const& touched, espalier::memory_region const& region) {
    std::int64_t run = 0;
    for (std::int64_t i = 0; i <= region.elements; ++i) {
        if (i < region.elements && !touched[static_cast<std::size_t>(region.first + i)]) {
            ++run;
            continue;
        }
        if (run >= 16 || (run > 0 && i % 16 != 0)) return i - run;
        run = 0;
    }
    return -1;
}

/// Regions of parameters and of what belongs to them. Attention plans tiles for longer sequences than those of small tests, so that
/// paint is left where it works.
[[nodiscard]] inline bool is_of_parameters(espalier::region_kind kind) {
    using enum espalier::region_kind;
    return kind == parameters || kind == optimizer_state || kind == gradients || kind == gathered || kind == bucket;
}

/// Trains two steps and evaluates on `ranks` ranks with painted memory.
/// @param looks_at (region_kind) whether every word of a region must be touched; all must where nothing is said
/// @return what is wrong: the region with the first planned word of fp32 that was not touched, or memory beyond an arena that was; empty
///         where nothing is
template <class M, class P, class Data>
[[nodiscard]] std::string memory_fault(int ranks, Data const& data, bool (*looks_at)(espalier::region_kind) = nullptr) {
    using namespace espalier;
    using world_type   = painted<threads>;
    using trainer_type = trainer<M, P, world_type, checkpoint::none>;
    painted_space::reset();
    std::vector<std::string> fault(static_cast<std::size_t>(ranks));
    launch<trainer_type>(ranks, [&](world_type& world) {
        trainer_type t{world, {.seed = 2, .clip_norm = 1}};
        t.train_step(data);
        t.train_step(data);
        (void)t.evaluate(data);
        auto const touched = world.touched_words();
        auto& mine         = fault[static_cast<std::size_t>(world.rank())];
        if (static_cast<std::int64_t>(touched.size()) != t.plan().memory.elements) mine = joined("an arena of ", touched.size(), " words");
        for (auto const& r : t.plan().memory.item) {
            if (looks_at != nullptr && !looks_at(r.kind)) continue;
            if (std::int64_t const word = first_untouched(touched, r); word >= 0)
                mine = joined("rank ", world.rank(), ": word ", word, " of ", r.elements, " in region ", name_of(r.kind), " is never touched");
        }
    });
    for (auto const& text : fault)
        if (!text.empty()) return text;
    if (painted_space::broken_guards() > 0) return "memory beyond an arena was written";
    if (painted_space::freed() != ranks) return joined(painted_space::freed(), " arenas on ", ranks, " ranks");
    return {};
}

}  // namespace espalier_test

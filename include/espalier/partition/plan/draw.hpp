// SPDX-License-Identifier: BSL-1.0
/// @file
/// A step as a picture: who does what when, for whom it waits, and what its memory holds meanwhile.
/// Time is counted in costs of computations, not measured; a plan in words is in explain.hpp.
#pragma once

#include <espalier/partition/plan/draw_timeline.hpp>
#include <espalier/partition/plan/plan.hpp>

#include <span>
#include <string>
#include <vector>

namespace espalier {

/// The timeline of a step: the plans of ranks 0, 1, … under rendezvous, and the bytes in use of each region of their arenas.
/// Forward through all chunks of a rank takes one unit of time, backward two; everything else is thin, messages take no time.
/// Plans need not be proved: ranks that wait for ever are shown as far as they come, and the title says where they stand.
[[nodiscard]] timeline timeline_of(std::span<plan_view const> plans);

/// The same of plans of any capacity.
template <int Capacity, int Chunks>
[[nodiscard]] timeline timeline_of(std::span<rank_plan<Capacity, Chunks> const> plans) {
    return timeline_of(std::span<plan_view const>{views_of(plans)});
}

/// Draws the plans of all ranks of a step as one SVG, which needs no other file and follows the reader's light or dark scheme.
///
/// A row is a rank, a box an action, coloured by its kind; boxes that belong to a lane bear its number, and that of the
/// micro-batch where a lane has several. Lines between rows are messages, dashed ones collectives, where ranks wait for one another. Below
/// it the bytes in use of each rank over the step, to one scale, with the room that the plan makes as a line above them.
///
///     rank 0   │ f0 │ f1 │    │ b0  │    │ b1  │   │Σ│u│
///     rank 1        │ f0 │ b0 │ f1 │ b1  │         │Σ│u│
///     rank 0   ▄▄▄▄▄██████████████████▄▄▄▄▄▄▄▄▄▄▄▄       at most 2,934,016 of 3,038,336
///
/// @param plans  of ranks 0, 1, …; none gives an empty picture
/// @return       text that begins with "<svg"; the same plans give the same bytes
template <int Capacity, int Chunks>
[[nodiscard]] std::string draw(std::span<rank_plan<Capacity, Chunks> const> plans) {
    return draw(timeline_of(plans));
}

/// The same of a vector of plans.
template <int Capacity, int Chunks>
[[nodiscard]] std::string draw(std::vector<rank_plan<Capacity, Chunks>> const& plans) {
    return draw(std::span<rank_plan<Capacity, Chunks> const>{plans});
}

} // namespace espalier

#include <espalier/partition/plan/detail/plan_timeline.hpp>

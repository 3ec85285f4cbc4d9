// SPDX-License-Identifier: BSL-1.0
/// @file
/// A step as a picture: what each rank does one after the other, and what its memory is for.
/// Time is counted in actions, not measured; a plan in words is in explain.hpp.
#pragma once

#include <espalier/partition/plan/plan.hpp>

#include <span>
#include <string>
#include <vector>

namespace espalier {

/// Draws the plans of all ranks of a step as one SVG, which needs no other file and follows the reader's light or dark scheme.
///
/// A row is a rank, a box an action, coloured by its kind; boxes that belong to a lane bear its number, and that of the
/// micro-batch where a lane has several. An action takes one slot of time, forward and backward take two. Ranks wait for one
/// another where they meet in a collective. Beside it the rank's memory by kind, to scale between ranks.
///
///     rank 0   │c│l│ f0 │ b0 │c│l│ f1 │ b1 │+│        │Σ│u│     ████████▒▒░
///     rank 1   │c│l│ f2 │ b2 │c│l│ f3 │ b3 │+│ ...    │Σ│u│     ████████▒▒░
///
/// @param plans  of ranks 0, 1, …; none gives an empty picture
/// @return       text that begins with "<svg"
template <int Capacity>
[[nodiscard]] std::string draw(std::span<rank_plan<Capacity> const> plans);

/// The same of a vector of plans.
template <int Capacity>
[[nodiscard]] std::string draw(std::vector<rank_plan<Capacity>> const& plans) {
    return draw(std::span<rank_plan<Capacity> const>{plans});
}

} // namespace espalier

#include <espalier/partition/plan/detail/draw.hpp>

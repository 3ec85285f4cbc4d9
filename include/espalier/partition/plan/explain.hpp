// SPDX-License-Identifier: BSL-1.0
/// @file
/// Plans in words and numbers for people: what one rank does, holds and sends, and all ranks of a step side by side.
/// When they do it is clock.hpp's business, a picture of it draw.hpp's.
#pragma once

#include <espalier/partition/plan/plan.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace espalier {

/// How much of a plan is shown.
struct explain_options {
    bool actions                = false;  ///< list every action
    std::size_t workspace_bytes = 0;      ///< what libraries hold beyond the plan, shown on a line of its own where above 0
};

/// The plan of one rank as a table: its place and its lanes, its chunks of the network, its slices of layers and what they exchange for a
/// micro-batch, the slots that it fills, which shards it owns, what it sends by kind of action, and its memory by region. What a plan does not
/// have has no line.
/// @par Units     memory in bytes, traffic in elements a step sent by this rank; parameters in elements, padding included;
///                what a loss exchanges in double precision counts as numbers of the model's scalar
[[nodiscard]] std::string explain(plan_view const& plan, explain_options const& show = {});

/// All ranks of a step as a table, a line each: place in the mesh (with a column `tensor` where there is such an axis), lanes, chunks, bytes of memory, elements sent, and the share of the step
/// in which the rank computes nothing, where a part of backward costs as much as forward and everything else nothing. A rank that waits for
/// ever has the action instead.
/// ```
///   rank  stage  replica  lanes  chunks       bytes      sent     idle
///      0      0        0  0-3    0       19,894,080   503,584  42.86 %
/// ```
/// @param plans  of ranks 0, 1, …
[[nodiscard]] std::string explain_all(std::span<plan_view const> plans);

/// The same of plans of any capacity.
template <int Capacity, int Chunks>
[[nodiscard]] std::string explain_all(std::span<rank_plan<Capacity, Chunks> const> plans) {
    return explain_all(std::span<plan_view const>{views_of(plans)});
}
template <int Capacity, int Chunks>
[[nodiscard]] std::string explain_all(std::vector<rank_plan<Capacity, Chunks>> const& plans) {
    return explain_all(std::span<rank_plan<Capacity, Chunks> const>{plans});
}

}  // namespace espalier

#include <espalier/partition/plan/detail/explain.hpp>
#include <espalier/partition/plan/detail/explain_all.hpp>

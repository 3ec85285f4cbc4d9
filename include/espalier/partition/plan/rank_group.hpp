// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which ranks take part in a collective of a plan. What they do there is the action's business.
#pragma once

#include <espalier/partition/plan/plan.hpp>

namespace espalier {

/// Ranks first, first + step, … below `end`.
struct rank_group {
    int first = 0;
    int step  = 1;
    int end   = 1;

    [[nodiscard]] constexpr int size() const noexcept { return (end - first + step - 1) / step; }
};

/// The ranks that a collective of rank `rank` is among: to share and measure all, to exchange those that compute the same stage of the same replica,
/// for sums of gradients and whole parameters the replicas of what the rank holds.
/// ```
///   8 ranks, 2 stages of 2 tensor ranks, rank 5      exchange 4 5     reduce, gather 1 5     share 0 … 7
/// ```
[[nodiscard]] constexpr rank_group group_of(plan_facts const& plan, int rank, action_kind kind) noexcept {
    if (kind == action_kind::share || kind == action_kind::measure) return {0, 1, plan.ranks};
    if (kind == action_kind::exchange) return {rank - rank % plan.tensor_ranks, 1, rank - rank % plan.tensor_ranks + plan.tensor_ranks};
    int const step = plan.stages * plan.tensor_ranks;
    return {rank % step, step, plan.ranks};
}

}  // namespace espalier

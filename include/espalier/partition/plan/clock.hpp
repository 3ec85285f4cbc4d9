// SPDX-License-Identifier: BSL-1.0
/// @file
/// The plans of a step on a clock: when each rank does what, for whom it waits, how long it is idle. Times are costs that are given, not
/// measured; whether the plans are right is prove.hpp's business.
#pragma once

#include <espalier/partition/plan/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace espalier {

/// What actions cost, in any unit; computations through one chunk. Posts of messages and waits cost nothing, messages and what is left of a
/// reduction once all have posted it take no time.
struct action_costs {
    std::int64_t forward          = 1;
    std::int64_t backward_input   = 1; ///< `backward` costs both of its parts
    std::int64_t backward_weights = 1;
    std::int64_t other            = 0; ///< load, clear, fold, update, the post of a reduction, and what collectives take when all have come

    [[nodiscard]] constexpr std::int64_t of(action_kind kind) const noexcept;
};

/// When an action runs; a wait from when the rank comes to it until it passes.
struct timed_action {
    std::int64_t begins = 0;
    std::int64_t ends   = 0;
};

/// One rank on the clock.
struct timed_rank {
    std::vector<timed_action> actions; ///< those that run: where that is not all, the rank stands at the next one for ever
    std::int64_t busy = 0;             ///< in computations
};

/// A message from its post to the end of the wait for it.
struct timed_message {
    int from            = 0;
    int to              = 0;
    std::int64_t leaves = 0;
    std::int64_t comes  = 0;
    way direction       = way::forward;
};

/// A collective, when all of its ranks have come; of a reduction that was posted, when all have posted it.
struct timed_meeting {
    action_kind kind = action_kind::all_reduce;
    std::int64_t at  = 0;
    std::vector<int> ranks;
};

/// A step on the clock.
struct timed_step {
    std::vector<timed_rank> rank;
    std::vector<timed_message> messages;
    std::vector<timed_meeting> meetings;
    bool finishes         = false; ///< no rank waits for ever
    std::int64_t makespan = 0;

    /// The share of the step in which rank r computes nothing.
    [[nodiscard]] double idle_share(std::size_t r) const noexcept {
        return makespan > 0 ? 1 - static_cast<double>(rank[r].busy) / static_cast<double>(makespan) : 0.0;
    }
    /// The same over all ranks.
    [[nodiscard]] double idle_share() const noexcept {
        double sum = 0;
        for (std::size_t r = 0; r < rank.size(); ++r) sum += idle_share(r);
        return rank.empty() ? 0.0 : sum / static_cast<double>(rank.size());
    }
};

/// Runs the plans of ranks 0, 1, … under rendezvous: a post never waits, a wait ends when both ends are posted, a collective begins when
/// its last rank has come, a reduction that is posted when the last rank posts it. Plans need not be proved: what can never run is left out.
/// @par Cost      linear in the number of actions, times the ranks that wait for one another
/// @throws invalid_setting for a cost below 0
[[nodiscard]] timed_step on_clock(std::span<plan_view const> plans, action_costs const& costs = {});

/// The same of plans of any capacity.
template <int Capacity, int Chunks>
[[nodiscard]] timed_step on_clock(std::span<rank_plan<Capacity, Chunks> const> plans, action_costs const& costs = {}) {
    return on_clock(std::span<plan_view const>{views_of(plans)}, costs);
}
template <int Capacity, int Chunks>
[[nodiscard]] timed_step on_clock(std::vector<rank_plan<Capacity, Chunks>> const& plans, action_costs const& costs = {}) {
    return on_clock(std::span<rank_plan<Capacity, Chunks> const>{plans}, costs);
}

} // namespace espalier

#include <espalier/partition/plan/detail/clock.hpp>

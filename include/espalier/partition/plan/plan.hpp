// SPDX-License-Identifier: BSL-1.0
/// @file
/// The plan of one rank for one step: a value that is made, proved, explained and run. Memory and traffic are part of it.
#pragma once

#include <espalier/core/lane_tree.hpp>
#include <espalier/partition/plan/action.hpp>
#include <espalier/partition/plan/memory.hpp>

#include <cstdint>

namespace espalier {

/// The most slots that a plan's micro-batches can be loaded into.
inline constexpr int max_slots = 16;

/// How many slots of the plans of partition P are filled ahead by a thread beside the rank's own; 0, where P does not say: none.
template <class P>
inline constexpr int prefetched_slots = 0;
template <class P>
    requires requires { P::prefetched_slots; }
inline constexpr int prefetched_slots<P> = P::prefetched_slots;

/// A partial sum that a rank contributes: which lanes it covers and in which gradient buffer it stands.
struct partial_sum {
    lane_range lanes;
    int buffer = -1;
};

/// What one rank does in one step.
/// A C array and plain numbers, so that the whole value is cheap to make at compile time.
template <int Capacity>
struct rank_plan {
    int ranks         = 1;
    int rank          = 0;
    int lanes         = 1;  ///< of the whole step
    int micro_batches = 1;  ///< a lane
    int samples       = 1;  ///< a micro-batch
    lane_range mine;

    action item[Capacity] = {};
    int count             = 0;

    partial_sum partial[max_subtrees] = {};
    int partials                      = 0;
    int gradient_buffers              = 1;

    int prefetched_slots = 0;  ///< filled ahead, in the order of the loads and in turn; 0: one slot, filled by the load action
    int loads            = 0;  ///< of a step

    memory_plan memory;
    std::int64_t reduced_elements = 0;  ///< of a gradient buffer, tail included
    std::int64_t sent_elements    = 0;  ///< by this rank in a step

    constexpr void add(action a) {
        item[count++] = a;
        if (a.kind == action_kind::load) ++loads;
    }
    [[nodiscard]] constexpr int slots() const noexcept { return prefetched_slots > 0 ? prefetched_slots : 1; }
    /// Where slot 0 of the plan lies in a step: slots are used in turn, over the borders of steps.
    /// ```
    ///   3 loads a step, 2 slots      step 1   0 1 0   step 2   1 0 1   step 3   0 1 0
    /// ```
    /// @param step from 1
    [[nodiscard]] constexpr int first_slot(std::int64_t step) const noexcept { return static_cast<int>((step - 1) * loads % slots()); }
    /// The slot of an action in a step.
    [[nodiscard]] constexpr int slot_of(action const& a, std::int64_t step) const noexcept { return (first_slot(step) + a.slot) % slots(); }

    /// Samples that one step consumes, over all ranks.
    [[nodiscard]] constexpr std::int64_t samples_per_step() const noexcept {
        return std::int64_t{lanes} * micro_batches * samples;
    }
};

}  // namespace espalier

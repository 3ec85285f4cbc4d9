// SPDX-License-Identifier: BSL-1.0
/// @file
/// The plan of one rank for one step: a value that is made, proved, explained and run. Memory and traffic are part of it.
#pragma once

#include <espalier/core/lane_tree.hpp>
#include <espalier/partition/plan/action.hpp>
#include <espalier/partition/plan/memory.hpp>

#include <cstdint>

namespace espalier {

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

    memory_plan memory;
    std::int64_t reduced_elements = 0;  ///< of a gradient buffer, tail included
    std::int64_t sent_elements    = 0;  ///< by this rank in a step

    constexpr void add(action a) { item[count++] = a; }

    /// Samples that one step consumes, over all ranks.
    [[nodiscard]] constexpr std::int64_t samples_per_step() const noexcept {
        return std::int64_t{lanes} * micro_batches * samples;
    }
};

}  // namespace espalier

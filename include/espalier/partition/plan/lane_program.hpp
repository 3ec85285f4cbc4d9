// SPDX-License-Identifier: BSL-1.0
/// @file
/// In which order a rank takes its lanes, into which gradient buffer each goes, and which buffers are folded after it: the part of a plan
/// that is the same for every schedule.
#pragma once

#include <espalier/core/lane_tree.hpp>
#include <espalier/partition/plan/plan.hpp>

namespace espalier::detail {

/// A buffer into which another is folded.
struct buffer_fold {
    int into = 0, from = 0;
};

/// The lanes of a rank in the order in which they are computed: maximal subtrees, the largest first, so that the fewest buffers are alive.
/// ```
///   lanes 3 … 6 of 7:   subtrees {4,5} {3} {6}   order 4 5 3 6   buffers 0 1 1 2   after the second: 0 += 1
/// ```
template <int MaxLanes>
struct lane_program {
    int lane[MaxLanes]   = {};
    int buffer[MaxLanes] = {};
    int folds[MaxLanes]  = {};  ///< how many after this lane
    buffer_fold fold[2 * MaxLanes] = {};
    int count            = 0;
    int buffers          = 0;
    partial_sum partial[max_subtrees] = {};
    int partials         = 0;

    /// @param overlap how many lanes are begun before the last work of a lane has ended: 0 where lanes come one after the other
    constexpr lane_program(int lanes, lane_range mine, int overlap) {
        auto const trees = maximal_subtrees(lanes, mine);
        partials         = trees.count;
        for (int i = 0; i < partials; ++i) partial[i] = {trees.node[i], -1};
        bool taken[max_subtrees] = {};
        for (int n = 0; n < partials; ++n) {
            int largest = -1;
            for (int i = 0; i < partials; ++i)
                if (!taken[i] && (largest < 0 || trees.node[i].size() > trees.node[largest].size())) largest = i;
            taken[largest] = true;
            for (int l = trees.node[largest].first; l < trees.node[largest].last; ++l) lane[count++] = l;
        }
        assign_buffers(lanes, overlap);
    }

private:
    struct held {
        lane_range node;
        int buffer = 0;
    };

    /// Plays the order: lane k is begun when lane k − overlap − 1 has ended, and a lane that has ended is folded with its sibling.
    constexpr void assign_buffers(int lanes, int overlap) {
        bool in_use[MaxLanes + 1] = {};
        held stack[MaxLanes + 1]  = {};
        int height = 0, folded = 0;
        auto const end_lane = [&](int k) {
            stack[height++] = {{lane[k], lane[k] + 1}, buffer[k]};
            while (height > 1 && are_siblings(lanes, stack[height - 2].node, stack[height - 1].node)) {
                held const right = stack[--height];
                held& left       = stack[height - 1];
                fold[folded++]   = {left.buffer, right.buffer};
                ++folds[k];
                in_use[right.buffer] = false;
                left.node.last       = right.node.last;
            }
        };
        for (int k = 0; k < count + overlap + 1; ++k) {
            if (int const ended = k - overlap - 1; ended >= 0) end_lane(ended);
            if (k >= count) continue;
            int free = 0;
            while (in_use[free]) ++free;
            in_use[free] = true;
            buffer[k]    = free;
            if (free + 1 > buffers) buffers = free + 1;
        }
        for (int i = 0; i < height; ++i)
            for (int p = 0; p < partials; ++p)
                if (partial[p].lanes == stack[i].node) partial[p].buffer = stack[i].buffer;
    }
    [[nodiscard]] static constexpr bool are_siblings(int lanes, lane_range left, lane_range right) {
        if (left.last != right.first) return false;
        lane_range const both{left.first, right.last};
        return is_node_of({0, lanes}, both) && split_of(both) == left.last;
    }
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The maker of data-parallel plans: a pure function from (lanes, micro-batches, ranks, rank) to a rank's list of actions.
/// Nothing here knows a network; memory and traffic are filled in by data_parallel.hpp.
#pragma once

#include <espalier/partition/plan/plan.hpp>

namespace espalier::detail {

/// Actions of the longest plan: one rank that computes every lane.
[[nodiscard]] constexpr int plan_capacity(int lanes, int micro_batches) noexcept {
    return lanes * (1 + 3 * micro_batches) + (lanes - 1) + 2;
}

/// Sums the gradients of the lanes of a node of the tree into `buffer`, using the buffers behind it on the way.
/// ```
///   node of 4 lanes, buffer 0:   lane 0 -> 0   lane 1 -> 1   fold 0 += 1   lane 2 -> 1   lane 3 -> 2   fold 1 += 2   fold 0 += 1
/// ```
template <int Capacity>
constexpr void add_node(rank_plan<Capacity>& plan, lane_range node, int buffer) {
    if (buffer + 1 > plan.gradient_buffers) plan.gradient_buffers = buffer + 1;
    if (node.size() == 1) {
        plan.add({.kind = action_kind::clear, .buffer = buffer});
        for (int j = 0; j < plan.micro_batches; ++j) {
            int const slot = plan.loads % plan.slots();
            plan.add({.kind = action_kind::load, .lane = node.first, .micro_batch = j, .slot = slot});
            plan.add({.kind = action_kind::forward, .lane = node.first, .micro_batch = j, .buffer = buffer, .slot = slot});
            plan.add({.kind = action_kind::backward, .lane = node.first, .micro_batch = j, .buffer = buffer, .slot = slot});
        }
        return;
    }
    int const middle = split_of(node);
    add_node(plan, {node.first, middle}, buffer);
    add_node(plan, {middle, node.last}, buffer + 1);
    plan.add({.kind = action_kind::fold, .buffer = buffer, .other = buffer + 1});
}

/// The actions of rank `rank` of `ranks`. A rank sums its maximal subtrees, the largest first so that the fewest buffers are
/// alive, and hands their sums to one ordered reduction.
/// @param prefetched_slots 0: micro-batches are not loaded ahead
template <int Capacity>
[[nodiscard]] constexpr rank_plan<Capacity> make_data_parallel_plan(int lanes, int micro_batches, int samples, int ranks, int rank,
                                                                    int prefetched_slots = 0) {
    rank_plan<Capacity> plan;
    plan.prefetched_slots = prefetched_slots;
    plan.ranks         = ranks;
    plan.rank          = rank;
    plan.lanes         = lanes;
    plan.micro_batches = micro_batches;
    plan.samples       = samples;
    plan.mine          = lanes_of(lanes, ranks, rank);

    subtree_list const trees = maximal_subtrees(lanes, plan.mine);
    plan.partials            = trees.count;
    for (int i = 0; i < trees.count; ++i) plan.partial[i] = {trees.node[i], -1};
    for (int buffer = 0; buffer < trees.count; ++buffer) {
        int largest = -1;
        for (int i = 0; i < trees.count; ++i) {
            bool const waits = plan.partial[i].buffer == -1;
            if (waits && (largest == -1 || trees.node[i].size() > trees.node[largest].size())) largest = i;
        }
        plan.partial[largest].buffer = buffer;
        add_node(plan, trees.node[largest], buffer);
    }
    if (ranks > 1) plan.add({.kind = action_kind::all_reduce, .buffer = 0});
    plan.add({.kind = action_kind::update, .buffer = 0});
    return plan;
}

}  // namespace espalier::detail

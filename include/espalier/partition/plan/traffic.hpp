// SPDX-License-Identifier: BSL-1.0
/// @file
/// How many elements a rank sends in a step: what its plan states, from its actions and the sizes of its chunks.
#pragma once

#include <espalier/core/chunks.hpp>
#include <espalier/partition/plan/plan.hpp>

namespace espalier {

/// Elements that one action sends; elements of `share` and `measure` are double precision numbers, the others of the model's scalar.
template <class Plan>
[[nodiscard]] constexpr std::int64_t elements_sent(Plan const& plan, action const& a) {
    chunk_plan const& c = plan.chunk[a.chunk];
    switch (a.kind) {
    case action_kind::post_send: return a.direction == way::forward ? c.gives : c.takes;
    case action_kind::all_reduce:
    case action_kind::post_all_reduce:
        return elements_sent_all_reduce(plan.chunks == 1 ? plan.reduced_elements : c.gradients, plan.replicas(), plan.replica(), plan.partials);
    case action_kind::reduce_scatter:
    case action_kind::post_reduce_scatter:
        return elements_sent_reduce_scatter(plan.chunks == 1 ? plan.reduced_elements : c.gradients, c.shard_last - c.shard_first, plan.partials);
    case action_kind::gather: return elements_sent_all_gather(c.owned_parameters(), plan.replicas());
    case action_kind::exchange: return c.exchanged[static_cast<int>(a.direction)];
    case action_kind::share: return elements_sent_all_reduce(plan.shared_elements, plan.ranks, plan.rank, 1);
    case action_kind::measure: return elements_sent_all_reduce(plan.measured_elements, plan.ranks, plan.rank, 1);
    default: return 0;
    }
}

/// Elements that all actions of a plan send.
template <class Plan>
[[nodiscard]] constexpr std::int64_t elements_sent(Plan const& plan) {
    std::int64_t sum = 0;
    for (int i = 0; i < plan.count; ++i) sum += elements_sent(plan, plan.item[i]);
    return sum;
}

}  // namespace espalier

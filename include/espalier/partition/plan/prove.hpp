// SPDX-License-Identifier: BSL-1.0
/// @file
/// The proof of a step: a symbolic run of all ranks' plans under rendezvous, that accepts them only if no rank hangs and every rank ends
/// with the gradients of all lanes, summed along the tree. A constexpr function: the trainer asserts it, tools call it.
#pragma once

#include <espalier/partition/plan/detail/world_run.hpp>

#include <type_traits>
#include <vector>

namespace espalier {

namespace detail {

/// What a plan says of itself, beside its actions.
template <int Capacity, int Chunks>
[[nodiscard]] constexpr flaw statements_of(rank_plan<Capacity, Chunks> const& plan, rank_run<Capacity, Chunks> const& run) {
    if (run.updates != 1) return flaw::no_update;
    for (auto const& direction : run.end)
        for (channel_end const& e : direction)
            if (e.now != channel_end::state::idle) return flaw::message_left;
    for (int c = 0; c < plan.chunks; ++c)
        if (run.is_in_flight(c)) return flaw::message_left;
    for (int c = 0; c < plan.chunks && plan.gathered_chunks == 0; ++c)
        if (!run.whole[c]) return flaw::parameters_not_whole;
    if (run.loads != run.releases) return flaw::slot_in_use;
    if (plan.prefetched_slots > 0 && (run.loads != plan.loads || plan.loads != plan.mine.size() * plan.micro_batches)) return flaw::slot_order;
    if (plan.memory.of(region_kind::input).elements % plan.slots() != 0 || plan.memory.of(region_kind::target).elements % plan.slots() != 0)
        return flaw::memory_misstated;
    if (run.highest_buffer + 1 != plan.gradient_buffers || run.highest_box + 1 != plan.received_boxes) return flaw::memory_misstated;
    if (plan.prefetched_slots == 0 && run.highest_slot + 1 > plan.load_slots) return flaw::memory_misstated;
    std::int64_t shards = 0;
    if (run.highest_activation + 1 != plan.activation_slots) return flaw::memory_misstated;
    for (int c = 0; c < plan.chunks; ++c) shards += plan.chunk[c].shard_last - plan.chunk[c].shard_first;
    std::int64_t const gradients = plan.shards_gradients ? shards : plan.gradient_buffers * plan.reduced_elements;
    if (plan.memory.of(region_kind::gradients).elements != gradients) return flaw::memory_misstated;
    if (plan.shards_gradients && plan.memory.of(region_kind::bucket).elements != bucket_elements(plan)) return flaw::memory_misstated;
    return run.sent == plan.sent_elements ? flaw::none : flaw::traffic_misstated;
}

}  // namespace detail

/// Proves a whole step: `plan_of(rank)` gives each rank's plan.
/// It holds if the ranks agree on the sizes; no wait is for ever and no collective is missed; nothing is read or written while it is in
/// flight; ranks of a tensor axis exchange before each computation that needs it, the same one on each; every micro-batch passes every chunk once each way, in rising order; the replicas' partial sums tile the lanes; each rank
/// updates once with the sum over all lanes, after the reductions that were posted are over; and each holds in memory, and sends, what it states.
/// @par Cost      linear in the number of actions; at compile time about 40 evaluation steps an action
template <class PlanOf>
[[nodiscard]] constexpr verdict prove(int ranks, PlanOf plan_of) {
    using plan_type = std::remove_cvref_t<decltype(plan_of(0))>;
    std::vector<plan_type> plans;
    for (int r = 0; r < ranks; ++r) {
        plans.push_back(plan_of(r));
        plan_type const &plan = plans.back(), &first = plans.front();
        if (plan.rank != r || plan.ranks != ranks || plan.lanes != first.lanes || plan.micro_batches != first.micro_batches || plan.samples != first.samples ||
            plan.stages != first.stages || plan.stages < 1 || plan.tensor_ranks != first.tensor_ranks || plan.tensor_ranks < 1 || plan.slices != first.slices ||
            ranks % (plan.stages * plan.tensor_ranks) != 0 || plan.all_chunks != first.all_chunks || plan.zero != first.zero)
            return {flaw::sizes_disagree, r, -1};
        if (plan.slots() > plan.max_load_slots()) return {flaw::slot_out_of_range, r, -1};
    }
    detail::world_run run{plans};
    if (verdict const v = run.to_the_end(); !v.holds()) return v;
    for (int r = 0; r < ranks; ++r)
        if (flaw const f = detail::statements_of(plans[static_cast<std::size_t>(r)], run.of(r)); f != flaw::none)
            return {f, r, f == flaw::no_update || f == flaw::message_left ? plans[static_cast<std::size_t>(r)].count : -1};
    return {};
}

}  // namespace espalier

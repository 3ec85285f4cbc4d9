// SPDX-License-Identifier: BSL-1.0
/// @file
/// The proof of a step: a symbolic run of every rank's plan that accepts it only if it ends with the gradient of all lanes, summed
/// along the tree, on every rank. A constexpr function: the trainer asserts it, tools call it.
#pragma once

#include <espalier/comm/chunks.hpp>
#include <espalier/partition/plan/plan.hpp>

#include <string_view>

namespace espalier {

/// What is wrong with a step.
enum class flaw : unsigned char {
    none,
    unknown_action,        ///< a kind that does not exist
    buffer_out_of_range,   ///< a buffer that the memory plan does not have
    dirty_buffer,          ///< accumulation into a buffer that was not cleared, or holds another lane
    foreign_lane,          ///< a lane that is not this rank's
    micro_batch_order,     ///< micro-batches must come in rising order, each once
    not_loaded,            ///< forward without its micro-batch in the input slot
    no_forward,            ///< backward without the forward of the same micro-batch before it
    incomplete_sum,        ///< a lane or node is used before all its micro-batches are in
    not_siblings,          ///< fold joins two nodes that are not the two halves of a node of the tree, or in the wrong order
    missing_partial,       ///< a partial sum that the reduction names is not in its buffer
    lanes_not_covered,     ///< the ranks' partial sums do not tile all lanes
    collective_mismatch,   ///< the ranks do not meet in the same collectives with the same sizes: one of them would wait for ever
    update_without_sum,    ///< the update reads a buffer that does not hold the sum over all lanes
    no_update,             ///< the plan ends without exactly one update
    sizes_disagree,        ///< lanes, micro-batches or samples differ between ranks
    memory_misstated,      ///< the memory plan's gradient region does not hold the buffers, or buffers are planned and never used
    traffic_misstated,     ///< the stated number of elements sent is not what the reduction sends
    slot_out_of_range,     ///< a slot that the plan does not have
    slot_order,            ///< slots that are filled ahead must be loaded and left in turn, each micro-batch once
    slot_in_use,           ///< a slot is loaded ahead while its micro-batch still waits for its backward, or is left waiting at the end
};

[[nodiscard]] constexpr std::string_view name_of(flaw f) noexcept {
    constexpr std::string_view names[] = {"none", "unknown_action", "buffer_out_of_range", "dirty_buffer", "foreign_lane", "micro_batch_order",
                                          "not_loaded", "no_forward", "incomplete_sum", "not_siblings", "missing_partial",
                                          "lanes_not_covered", "collective_mismatch", "update_without_sum", "no_update", "sizes_disagree",
                                          "memory_misstated", "traffic_misstated", "slot_out_of_range", "slot_order", "slot_in_use"};
    return names[static_cast<int>(f)];
}

/// The outcome of a proof: `what` is `flaw::none`, or the first flaw with the rank and the position of the action that shows it.
struct verdict {
    flaw what  = flaw::none;
    int rank   = -1;
    int action = -1;

    [[nodiscard]] constexpr bool holds() const noexcept { return what == flaw::none; }
    friend constexpr bool operator==(verdict const&, verdict const&) noexcept = default;
};

namespace detail {

/// What a gradient buffer holds during the symbolic run.
struct buffer_state {
    bool used = false;
    bool clear = false;
    lane_range lanes;      ///< of the sum it holds
    int micro_batches = 0; ///< of an unfinished lane
};

/// What a slot holds during the symbolic run.
struct slot_state {
    int lane = -1, micro_batch = -1;
    friend constexpr bool operator==(slot_state const&, slot_state const&) noexcept = default;
};

[[nodiscard]] constexpr bool is_node(lane_range wanted, lane_range node) noexcept {
    while (node.size() > wanted.size()) {
        int const middle = split_of(node);
        if (wanted.first >= middle) node.first = middle;
        else node.last = middle;
    }
    return node == wanted;
}

/// The part of a rank's run that needs no other rank: returns the position of the first flaw, and the state at its reduction.
template <int Capacity, int Buffers>
struct rank_run {
    rank_plan<Capacity> const& plan;
    buffer_state buffer[Buffers] = {};
    slot_state slot[max_slots]   = {};
    int forward_lane = -1, forward_micro = -1, forward_buffer = -1, forward_slot = -1;
    int loads = 0, releases = 0;  ///< of slots that are filled ahead
    int reductions = 0, updates = 0;

    constexpr explicit rank_run(rank_plan<Capacity> const& p) : plan{p} {}

    [[nodiscard]] constexpr bool finished(buffer_state const& b) const {
        return b.used && !b.clear && (b.lanes.size() > 1 || b.micro_batches == plan.micro_batches);
    }
    [[nodiscard]] constexpr bool in_range(int i) const { return i >= 0 && i < plan.gradient_buffers && i < Buffers; }

    constexpr flaw run(action const& a) {
        switch (a.kind) {
        case action_kind::clear:
            if (!in_range(a.buffer)) return flaw::buffer_out_of_range;
            if (forward_lane >= 0 && forward_buffer == a.buffer) forward_lane = -1;  // its loss is gone
            buffer[a.buffer] = {true, true, {}, 0};
            return flaw::none;
        case action_kind::load:
            if (a.lane < plan.mine.first || a.lane >= plan.mine.last) return flaw::foreign_lane;
            if (a.micro_batch < 0 || a.micro_batch >= plan.micro_batches) return flaw::micro_batch_order;
            return load(a);
        case action_kind::forward:
            if (!in_range(a.buffer)) return flaw::buffer_out_of_range;
            if (!has_slot(a)) return flaw::slot_out_of_range;
            if (slot[a.slot] != slot_state{a.lane, a.micro_batch} || forward_lane >= 0) return flaw::not_loaded;
            if (flaw const f = accepts(a); f != flaw::none) return f;
            forward_lane = a.lane, forward_micro = a.micro_batch, forward_buffer = a.buffer, forward_slot = a.slot;
            return flaw::none;
        case action_kind::backward:
            if (!in_range(a.buffer)) return flaw::buffer_out_of_range;
            if (a.lane != forward_lane || a.micro_batch != forward_micro || a.buffer != forward_buffer || a.slot != forward_slot)
                return flaw::no_forward;
            if (flaw const f = accepts(a); f != flaw::none) return f;
            buffer[a.buffer] = {true, false, {a.lane, a.lane + 1}, a.micro_batch + 1};
            forward_lane = -1;
            return release(a);
        case action_kind::fold: return fold(a);
        case action_kind::all_reduce: return reduce(a);
        case action_kind::update:
            if (!in_range(a.buffer)) return flaw::buffer_out_of_range;
            if (!finished(buffer[a.buffer]) || buffer[a.buffer].lanes != lane_range{0, plan.lanes}) return flaw::update_without_sum;
            return ++updates == 1 ? flaw::none : flaw::no_update;
        }
        return flaw::unknown_action;
    }

private:
    [[nodiscard]] constexpr bool has_slot(action const& a) const { return a.slot >= 0 && a.slot < plan.slots(); }
    constexpr flaw load(action const& a) {
        if (!has_slot(a)) return flaw::slot_out_of_range;
        if (plan.prefetched_slots > 0) {
            if (a.slot != loads % plan.slots()) return flaw::slot_order;
            if (loads - releases == plan.slots()) return flaw::slot_in_use;
            ++loads;
        } else if (slot[a.slot] == slot_state{a.lane, a.micro_batch}) {
            return flaw::none;
        }
        slot[a.slot] = {a.lane, a.micro_batch};
        if (forward_slot == a.slot) forward_lane = -1;
        return flaw::none;
    }
    /// After its backward a slot that is filled ahead may hold anything.
    constexpr flaw release(action const& a) {
        if (plan.prefetched_slots == 0) return flaw::none;
        if (a.slot != releases % plan.slots()) return flaw::slot_order;
        ++releases;
        slot[a.slot] = {};
        return flaw::none;
    }
    /// Whether a buffer can take this micro-batch next.
    [[nodiscard]] constexpr flaw accepts(action const& a) const {
        buffer_state const& b = buffer[a.buffer];
        if (!b.used) return flaw::dirty_buffer;
        if (!b.clear && (b.lanes != lane_range{a.lane, a.lane + 1})) return flaw::dirty_buffer;
        return a.micro_batch == (b.clear ? 0 : b.micro_batches) ? flaw::none : flaw::micro_batch_order;
    }
    constexpr flaw fold(action const& a) {
        if (!in_range(a.buffer) || !in_range(a.other)) return flaw::buffer_out_of_range;
        buffer_state &into = buffer[a.buffer], &from = buffer[a.other];
        if (a.buffer == a.other || !finished(into) || !finished(from)) return flaw::incomplete_sum;
        lane_range const both{into.lanes.first, from.lanes.last};
        if (into.lanes.last != from.lanes.first || !is_node(both, {0, plan.lanes}) || split_of(both) != into.lanes.last)
            return flaw::not_siblings;
        into = {true, false, both, plan.micro_batches};
        from = {};
        return flaw::none;
    }
    constexpr flaw reduce(action const& a) {
        if (!in_range(a.buffer)) return flaw::buffer_out_of_range;
        for (int i = 0; i < plan.partials; ++i) {
            int const at = plan.partial[i].buffer;
            if (!in_range(at)) return flaw::buffer_out_of_range;
            if (!finished(buffer[at]) || buffer[at].lanes != plan.partial[i].lanes) return flaw::missing_partial;
        }
        for (auto& b : buffer) b = {};
        buffer[a.buffer] = {true, false, {0, plan.lanes}, plan.micro_batches};
        ++reductions;
        return flaw::none;
    }
};

}  // namespace detail

/// Proves the part of a step that concerns one rank: its own order of actions and what it states about memory.
/// @param reductions set to the number of collectives that the rank takes part in
template <int Capacity>
[[nodiscard]] constexpr verdict prove_rank(rank_plan<Capacity> const& plan, int& reductions) {
    constexpr int buffers = 64;
    if (plan.slots() > max_slots) return {flaw::slot_out_of_range, plan.rank, -1};
    detail::rank_run<Capacity, buffers> run{plan};
    int highest = -1;
    for (int i = 0; i < plan.count; ++i) {
        action const& a = plan.item[i];
        if (a.kind != action_kind::load && a.buffer > highest) highest = a.buffer;
        if (flaw const f = run.run(a); f != flaw::none) return {f, plan.rank, i};
    }
    if (run.updates != 1) return {flaw::no_update, plan.rank, plan.count};
    memory_region const& region = plan.memory.of(region_kind::gradients);
    if (run.loads != run.releases) return {flaw::slot_in_use, plan.rank, plan.count};
    if (plan.prefetched_slots > 0 && (run.loads != plan.loads || plan.loads != plan.mine.size() * plan.micro_batches))
        return {flaw::slot_order, plan.rank, plan.count};
    if (plan.memory.of(region_kind::input).elements % plan.slots() != 0 || plan.memory.of(region_kind::target).elements % plan.slots() != 0)
        return {flaw::memory_misstated, plan.rank, -1};
    if (highest + 1 != plan.gradient_buffers || region.elements != plan.gradient_buffers * plan.reduced_elements)
        return {flaw::memory_misstated, plan.rank, -1};
    reductions = run.reductions;
    return {};
}

/// Proves a whole step: `plan_of(rank)` gives each rank's plan.
/// It holds if every rank's own order is right, the ranks agree on the sizes, meet in the same collectives, their partial sums
/// tile the lanes, and each sends what it states.
/// @par Cost      linear in the number of actions; at compile time about 30 evaluation steps an action
template <class PlanOf>
[[nodiscard]] constexpr verdict prove(int ranks, PlanOf plan_of) {
    int covered = 0, reductions_of_first = 0;
    auto const first = plan_of(0);
    for (int r = 0; r < ranks; ++r) {
        auto const plan = plan_of(r);
        int reductions  = 0;
        if (plan.rank != r || plan.ranks != ranks || plan.lanes != first.lanes || plan.micro_batches != first.micro_batches ||
            plan.samples != first.samples)
            return {flaw::sizes_disagree, r, -1};
        if (verdict const v = prove_rank(plan, reductions); !v.holds()) return v;
        if (r == 0) reductions_of_first = reductions;
        if (reductions != reductions_of_first || plan.reduced_elements != first.reduced_elements || (ranks > 1 && reductions != 1))
            return {flaw::collective_mismatch, r, -1};
        std::int64_t sends = 0;
        for (int i = 0; i < plan.partials; ++i) {
            if (plan.partial[i].lanes.first != covered) return {flaw::lanes_not_covered, r, -1};
            covered = plan.partial[i].lanes.last;
        }
        if (ranks > 1) sends = elements_sent_all_reduce(plan.reduced_elements, ranks, r, plan.partials);
        if (plan.sent_elements != sends) return {flaw::traffic_misstated, r, -1};
    }
    if (covered != first.lanes) return {flaw::lanes_not_covered, ranks - 1, -1};
    return {};
}

}  // namespace espalier

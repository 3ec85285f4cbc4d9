// SPDX-License-Identifier: BSL-1.0
/// @file
/// How much of each region of a rank's arena holds something that is still needed, action by action. How large the regions are is the
/// plan's business, when actions run the clock's.
#pragma once

#include <espalier/partition/plan/plan.hpp>
#include <espalier/partition/plan/slots.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace espalier::detail {

/// A change of what a region holds, when an action begins (or, with a number below 0, when it ends).
struct memory_change {
    region_kind region    = region_kind::parameters;
    std::int64_t elements = 0;
};

/// What a rank comes to hold with each of its actions, and no longer holds after it.
class memory_use {
public:
    std::vector<std::vector<memory_change>> begins, ends; ///< by action

    explicit memory_use(plan_view const& plan)
        : begins(static_cast<std::size_t>(plan.count)), ends(static_cast<std::size_t>(plan.count)), plan_{plan}, places_{plan} {
        for (auto const region : {region_kind::parameters, region_kind::optimizer_state, region_kind::gradients}) hold(region, all_of(region), 0, plan.count - 1);
        if (plan.prefetched_slots > 0)
            for (auto const region : {region_kind::input, region_kind::target}) hold(region, all_of(region), 0, plan.count - 1);
        for (int i = 0; i < plan.count; ++i) hold_with(i, plan.item[i]);
    }

private:
    /// Sizes of what a stage of a pipeline takes from pools, and of the gradients that come to it and leave it.
    struct stage_places {
        std::vector<std::int64_t> activations, boxes;
        std::int64_t arrives = 0, leaves = 0;

        static void fill(std::vector<std::int64_t>& slots, int i, std::int64_t elements) {
            if (i < 0 || static_cast<std::size_t>(i) >= slots.size()) return;
            auto& slot = slots[static_cast<std::size_t>(i)];
            slot       = std::max(slot, elements);
        }
        explicit stage_places(plan_view const& p) {
            if (p.stages == 1) return;
            activations.resize(static_cast<std::size_t>(p.activation_slots)), boxes.resize(static_cast<std::size_t>(p.received_boxes));
            for (int k = 0; k < p.count; ++k) {
                action const& a     = p.item[k];
                chunk_plan const& c = p.chunk[a.chunk];
                if (a.kind == action_kind::forward) fill(activations, a.activations, c.activations);
                if (a.kind == action_kind::post_recv && a.direction == way::forward) fill(boxes, a.box, aligned_elements(c.takes));
            }
            for (int c = 0; c < p.chunks; ++c) {
                if (p.chunk[c].number > 0) leaves = std::max(leaves, aligned_elements(p.chunk[c].takes));
                if (p.chunk[c].number < p.all_chunks - 1) arrives = std::max(arrives, aligned_elements(p.chunk[c].gives));
            }
        }
    };
    [[nodiscard]] static std::int64_t size_of(std::vector<std::int64_t> const& slots, int i) {
        return i >= 0 && static_cast<std::size_t>(i) < slots.size() ? slots[static_cast<std::size_t>(i)] : 0;
    }

    [[nodiscard]] std::int64_t all_of(region_kind region) const { return plan_.memory.of(region).elements; }
    [[nodiscard]] chunk_plan const& chunk(action const& a) const { return plan_.chunk[std::clamp(a.chunk, 0, plan_.chunks - 1)]; }

    void hold(region_kind region, std::int64_t elements, int from, int to) {
        if (elements == 0 || from > to) return;
        begins[static_cast<std::size_t>(from)].push_back({region, elements});
        ends[static_cast<std::size_t>(to)].push_back({region, -elements});
    }

    /// The first action behind i of which something holds; the last action of all where there is none.
    template <class Predicate>
    [[nodiscard]] int next(int i, Predicate is) const {
        for (++i; i < plan_.count; ++i)
            if (is(plan_.item[i])) return i;
        return plan_.count - 1;
    }
    /// The last computation with the micro-batch of `a`, through its chunk or through any.
    [[nodiscard]] int last_use(int i, action const& a, bool of_chunk) const {
        int last = i;
        for (++i; i < plan_.count; ++i) {
            action const& b = plan_.item[i];
            if (computes(b.kind) && b.lane == a.lane && b.micro_batch == a.micro_batch && (!of_chunk || b.chunk == a.chunk)) last = i;
        }
        return last;
    }

    void hold_with(int i, action const& a) {
        bool const pipelined = plan_.stages > 1;
        if (computes(a.kind)) hold(region_kind::scratch, all_of(region_kind::scratch), i, i);
        switch (a.kind) {
        case action_kind::load:
            if (plan_.prefetched_slots > 0) return;
            for (auto const region : {region_kind::input, region_kind::target}) hold(region, all_of(region) / plan_.slots(), i, last_use(i, a, pipelined));
            return;
        case action_kind::forward: return hold(region_kind::activations, slot_of(a), i, last_use(i, a, true));
        case action_kind::backward:
        case action_kind::backward_input: return hold_signals(i, a);
        case action_kind::post_recv: return hold_received(i, a);
        case action_kind::gather:
            if (plan_.gathered_chunks == 0) return;
            return hold(region_kind::gathered, chunk(a).parameters, i, last_with_gathered(i, a));
        case action_kind::clear:
            if (!plan_.shards_gradients) return;
            return hold(region_kind::bucket, chunk(a).gradients, i,
                        next(i, [&](action const& b) { return (b.kind == action_kind::reduce_scatter || b.kind == action_kind::wait_reduce) && b.chunk == a.chunk; }));
        default: return;
        }
    }
    /// Elements of activations of a micro-batch: a pipeline's chunks take slots from one pool, else each has its own place.
    [[nodiscard]] std::int64_t slot_of(action const& a) const {
        if (plan_.stages > 1) return size_of(places_.activations, a.activations);
        return plan_.chunks == 1 ? all_of(region_kind::activations) : chunk(a).activations;
    }
    void hold_signals(int i, action const& a) {
        if (plan_.stages == 1) { // from the loss home through all chunks
            if (chunk(a).number == plan_.all_chunks - 1) hold(region_kind::signals, all_of(region_kind::signals), i, last_use(i, a, false));
            return;
        }
        hold(region_kind::signals, all_of(region_kind::signals), i, i);
        if (chunk(a).number > 0)
            hold(region_kind::received, places_.leaves, i, next(i, [](action const& b) { return b.kind == action_kind::wait_send && b.direction == way::backward; }));
    }
    void hold_received(int i, action const& a) {
        if (a.direction == way::backward) {
            auto const uses = [&](action const& b) { return b.chunk == a.chunk && (b.kind == action_kind::backward || b.kind == action_kind::backward_input); };
            return hold(region_kind::received, places_.arrives, i, next(i, uses));
        }
        int const reads = next(i, [&](action const& b) { return b.kind == action_kind::forward && b.chunk == a.chunk && b.box == a.box; });
        hold(region_kind::received, size_of(places_.boxes, a.box), i, last_use(reads, plan_.item[reads], true));
    }
    [[nodiscard]] int last_with_gathered(int i, action const& a) const {
        int last = i;
        for (int k = i + 1; k < plan_.count; ++k) {
            action const& b = plan_.item[k];
            if (b.kind == action_kind::gather && (plan_.gathered_chunks == 1 || b.chunk == a.chunk)) return k - 1;
            if (computes(b.kind) && b.chunk == a.chunk) last = k;
        }
        return last;
    }

    plan_view const& plan_;
    stage_places places_;
};

}  // namespace espalier::detail

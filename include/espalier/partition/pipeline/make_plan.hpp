// SPDX-License-Identifier: BSL-1.0
/// @file
/// The maker of plans of stages of a pipeline: around the tasks that a schedule orders it puts loads, sends, receives and their waits.
/// The rule is free of deadlock for every schedule, and loses no time where transfers take none.
#pragma once

#include <espalier/partition/data/make_plan.hpp>
#include <espalier/partition/pipeline/schedule.hpp>

namespace espalier::detail {

/// Actions of the longest plan of a stage: a replica that computes every lane.
[[nodiscard]] constexpr int stage_plan_capacity(int lanes, int chunks, int tasks) noexcept {
    return 6 * tasks + chunks * (2 * lanes + 3) + 9;  // load, wait, wait, compute, post, post; clear, fold, reduce, gather, gather
}

/// Numbers that are taken and given back; the lowest free one is taken.
template <int Most>
struct slot_pool {
    bool in_use[Most] = {};
    int most          = 0;  ///< taken at one time

    constexpr int take() {
        int free = 0;
        while (in_use[free]) ++free;
        in_use[free] = true;
        if (free + 1 > most) most = free + 1;
        return free;
    }
    constexpr void give_back(int slot) { in_use[slot] = false; }
};

/// How many lanes are begun, on their way home, before the last work of the one before has ended.
template <int Tasks>
[[nodiscard]] constexpr int overlap_of(stage_order<Tasks> const& order, int chunks, int micro_batches) {
    int overlap = 0;
    for (int c = 0; c < chunks; ++c) {
        int begun = 0, ended = 0;
        for (int i = 0; i < order.count; ++i) {
            task const& t = order.item[i];
            if (t.chunk != c || t.kind == work::forward) continue;
            if (t.kind != work::backward_weights && t.micro_batch % micro_batches == 0) ++begun;
            if (begun - ended - 1 > overlap) overlap = begun - ended - 1;
            if (t.kind != work::backward_input && t.micro_batch % micro_batches == micro_batches - 1) ++ended;
        }
    }
    return overlap;
}

/// @tparam Tasks of the stage's order at most
template <int Capacity, int Chunks, int MaxLanes, int MaxMicroBatches, int Tasks>
class stage_maker : plan_maker<Capacity, Chunks, MaxLanes> {
    using base = plan_maker<Capacity, Chunks, MaxLanes>;
    using base::plan_;

public:
    /// @param order of this stage; it must outlive the maker
    constexpr stage_maker(rank_plan<Capacity, Chunks>& plan, stage_order<Tasks> const& order)
        : base{plan, overlap_of(order, plan.chunks, plan.micro_batches)}, order_{order} {}

    /// A send is posted right after its computation, and waited for before the next one that sends the same way. One receive a way is
    /// posted ahead, the first at the start of the step, the next right after the computation that used the one before, and waited for
    /// just before use.
    constexpr void add_stage() {
        plan_.gathered_chunks = plan_.zero == zero_stage::parameters && base::has_shards() ? plan_.chunks : 0;
        for (int c = 0; c < plan_.gathered_chunks; ++c) plan_.add({.kind = action_kind::gather, .chunk = c});
        post_next(way::forward);
        post_next(way::backward);
        for (int i = 0; i < order_.count; ++i) {
            task const& t = order_.item[i];
            if (t.kind == work::forward) go_forward(t.chunk, t.micro_batch);
            else come_back(t.kind, t.chunk, t.micro_batch);
        }
        wait_for_send(way::forward);
        wait_for_send(way::backward);
        for (int c = plan_.chunks - 1; c >= 0; --c) base::reduce(c);
        plan_.activation_slots = activations_.most;
        plan_.received_boxes   = boxes_.most;
        plan_.load_slots       = loads_.most > 0 ? loads_.most : 1;
        base::finish();
    }

private:
    [[nodiscard]] constexpr bool is_first(int chunk) const { return plan_.chunk[chunk].number == 0; }
    [[nodiscard]] constexpr bool is_last(int chunk) const { return plan_.chunk[chunk].number == plan_.all_chunks - 1; }
    [[nodiscard]] constexpr bool loads_samples(int chunk) const { return plan_.chunk[chunk].loads_input || is_last(chunk); }
    [[nodiscard]] static constexpr action_kind kind_of(work kind) {
        return kind == work::backward         ? action_kind::backward
               : kind == work::backward_input ? action_kind::backward_input
                                              : action_kind::backward_weights;
    }

    constexpr void go_forward(int c, int i) {
        activation_of_[c][i] = activations_.take();
        box_of_[c][i]        = is_first(c) ? -1 : box_ahead_;
        if (loads_samples(c)) {
            load_of_[c][i] = loads_.take();
            plan_.add({.kind = action_kind::load, .lane = base::lane(i), .micro_batch = base::micro(i), .slot = load_of_[c][i], .chunk = c});
        }
        if (!is_first(c)) wait_for_receive(way::forward);
        if (!is_last(c)) wait_for_send(way::forward);
        base::compute({.kind = action_kind::forward, .lane = base::lane(i), .micro_batch = base::micro(i), .slot = load_of_[c][i], .chunk = c,
                       .activations = activation_of_[c][i], .box = box_of_[c][i]});
        if (!is_last(c)) post_send(way::forward, c, activation_of_[c][i]);
        if (!is_first(c)) post_next(way::forward);
    }
    constexpr void come_back(work kind, int c, int i) {
        bool const signals = kind != work::backward_weights, ends = kind != work::backward_input;
        if (signals) {
            if (!is_last(c)) wait_for_receive(way::backward);
            if (!is_first(c)) wait_for_send(way::backward);
            base::clear_before(i, c);
        }
        base::come_home(kind_of(kind), i, {.slot = load_of_[c][i], .chunk = c, .activations = activation_of_[c][i], .box = box_of_[c][i]});
        if (ends) {
            activations_.give_back(activation_of_[c][i]);
            if (!is_first(c)) boxes_.give_back(box_of_[c][i]);
            if (loads_samples(c)) loads_.give_back(load_of_[c][i]);
        }
        if (signals) {
            if (!is_first(c)) post_send(way::backward, c, 0);
            if (!is_last(c)) post_next(way::backward);
        }
    }

    constexpr void post_send(way to, int chunk, int activations) {
        plan_.add({.kind = action_kind::post_send, .chunk = chunk, .activations = activations, .peer = plan_.rank_of_stage(to == way::forward ? 1 : -1), .direction = to});
        sending_[static_cast<int>(to)] = true;
    }
    constexpr void wait_for_send(way to) {
        if (!sending_[static_cast<int>(to)]) return;
        plan_.add({.kind = action_kind::wait_send, .peer = plan_.rank_of_stage(to == way::forward ? 1 : -1), .direction = to});
        sending_[static_cast<int>(to)] = false;
    }
    constexpr void wait_for_receive(way from) {
        plan_.add({.kind = action_kind::wait_recv, .peer = plan_.rank_of_stage(from == way::forward ? -1 : 1), .direction = from});
    }
    /// Posts the receive of the next task that needs one this way, if there is one.
    constexpr void post_next(way from) {
        bool const ahead = from == way::forward;
        int& at          = next_[static_cast<int>(from)];
        for (; at < order_.count; ++at) {
            task const& t = order_.item[at];
            if (ahead ? t.kind != work::forward || is_first(t.chunk)
                      : t.kind == work::forward || t.kind == work::backward_weights || is_last(t.chunk))
                continue;
            if (ahead) box_ahead_ = boxes_.take();
            plan_.add({.kind = action_kind::post_recv, .chunk = t.chunk, .box = ahead ? box_ahead_ : -1, .peer = plan_.rank_of_stage(ahead ? -1 : 1), .direction = from});
            ++at;
            return;
        }
    }

    stage_order<Tasks> const& order_;
    slot_pool<Chunks * MaxMicroBatches + 1> activations_ = {}, boxes_ = {}, loads_ = {};
    int activation_of_[Chunks][MaxMicroBatches] = {}, box_of_[Chunks][MaxMicroBatches] = {}, load_of_[Chunks][MaxMicroBatches] = {};
    int box_ahead_   = -1;
    int next_[2]     = {};  ///< the first task that may need the next receive
    bool sending_[2] = {};
};

/// Adds stage plan.stage() of schedule S to a plan that knows its sizes, its lanes and its chunks.
template <Schedule S, int MaxLanes, int MaxMicroBatches, int Capacity, int Chunks>
constexpr void add_stage(rank_plan<Capacity, Chunks>& plan) {
    constexpr int tasks = tasks_of<S>(MaxMicroBatches);
    auto const order    = S::template order<tasks>(plan.stages, plan.stage(), plan.mine.size() * plan.micro_batches);
    stage_maker<Capacity, Chunks, MaxLanes, MaxMicroBatches, tasks> maker{plan, order};
    maker.add_stage();
}

}  // namespace espalier::detail

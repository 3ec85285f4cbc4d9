// SPDX-License-Identifier: BSL-1.0
/// @file
/// The maker of plans of ranks that compute the whole network: a pure function from what a rank has to do to its list of actions.
/// Nothing here knows a network; memory and traffic are filled in by the partitions. Stages of a pipeline: pipeline/make_plan.hpp.
#pragma once

#include <espalier/partition/plan/lane_program.hpp>
#include <espalier/partition/plan/plan.hpp>

namespace espalier::detail {

/// Actions of the longest plan: one rank that computes every lane.
[[nodiscard]] constexpr int plan_capacity(int lanes, int micro_batches, int chunks = 1, zero_stage zero = zero_stage::none) noexcept {
    int const all  = lanes * micro_batches;
    int const sums = chunks * (2 * lanes - 1);  // clear, fold
    if (chunks == 1 && zero == zero_stage::none) return 3 * all + sums + 2;
    int const gathers = zero == zero_stage::parameters ? 2 * chunks * all : chunks;
    return all * (1 + 2 * chunks) + sums + gathers + 2 * chunks + 3;  // and reduce, wait, share, measure, update
}

/// Adds the actions of one rank to a plan that knows its sizes, its lanes and its chunks.
template <int Capacity, int Chunks, int MaxLanes>
class plan_maker {
public:
    using plan_type = rank_plan<Capacity, Chunks>;

    /// @param overlap see lane_program
    constexpr explicit plan_maker(plan_type& plan, int overlap = 0) : plan_{plan}, lanes_{plan.lanes, plan.mine, overlap} {
        plan.gradient_buffers = lanes_.buffers;
        plan.partials         = lanes_.partials;
        for (int i = 0; i < lanes_.partials; ++i) plan.partial[i] = lanes_.partial[i];
        plan.shards_gradients = plan.stages == 1 && plan.zero >= zero_stage::gradients && plan.micro_batches == 1 && has_shards() &&
                                plan.replicas() == plan.lanes && plan.chunks > 1;
    }

    /// A rank that computes all chunks: micro-batch after micro-batch, each chunk's gradients reduced as soon as they are whole, while backward
    /// goes on with the chunk before. A rank that keeps shards of gradients has room for two chunks (buckets.hpp).
    /// Every replica gathers and reduces at the same places, also where it has fewer lanes and nothing to compute there.
    constexpr void add_whole_model() {
        int const mine  = plan_.mine.size() * plan_.micro_batches;
        int const most  = has_shards() ? (plan_.lanes + plan_.replicas() - 1) / plan_.replicas() * plan_.micro_batches : mine;
        bool const gathers    = plan_.zero == zero_stage::parameters && has_shards();
        plan_.gathered_chunks = gathers ? 1 : 0;
        int gathered          = -1;
        auto const need = [&](int c) {
            if (!gathers || gathered == c) return;
            plan_.add({.kind = action_kind::gather, .chunk = c});
            gathered = c;
        };
        for (int i = 0; i < most; ++i) {
            int const slot = plan_.loads % plan_.slots();
            for (int c = 0; c < plan_.chunks; ++c) {
                need(c);
                if (i >= mine) continue;
                if (c == 0) {
                    if (plan_.chunks == 1) clear_before(i, c);
                    plan_.add({.kind = action_kind::load, .lane = lane(i), .micro_batch = micro(i), .slot = slot});
                }
                compute({.kind = action_kind::forward, .lane = lane(i), .micro_batch = micro(i), .slot = slot, .chunk = c});
            }
            for (int c = plan_.chunks - 1; c >= 0; --c) {
                need(c);
                if (i < mine) {
                    if (plan_.shards_gradients) wait_for_reductions(c + 2);
                    if (plan_.chunks > 1) clear_before(i, c);
                    come_home(action_kind::backward, i, {.slot = slot, .chunk = c});
                }
                if (i == most - 1) reduce(c);
            }
        }
        finish();
    }

protected:
    [[nodiscard]] constexpr bool has_shards() const { return plan_.has_shards(); }
    /// Micro-batch i of this rank, in the order in which it takes its lanes.
    [[nodiscard]] constexpr int lane(int i) const { return lanes_.lane[i / plan_.micro_batches]; }
    [[nodiscard]] constexpr int micro(int i) const { return i % plan_.micro_batches; }

    constexpr void clear_before(int i, int chunk) {
        if (micro(i) == 0) plan_.add({.kind = action_kind::clear, .buffer = lanes_.buffer[i / plan_.micro_batches], .chunk = chunk});
    }
    /// A computation, and before it what its layers exchange.
    constexpr void compute(action const& a) {
        way const direction = way_of(a.kind);
        int const repeat    = plan_.chunk[a.chunk].exchanges[static_cast<int>(direction)];
        if (repeat > 0 && exchanges(a.kind))
            plan_.add({.kind = action_kind::exchange, .lane = a.lane, .micro_batch = a.micro_batch, .chunk = a.chunk, .direction = direction, .repeat = repeat});
        plan_.add(a);
    }
    /// Backward of micro-batch i, or a part of it, with the folds after it.
    constexpr void come_home(action_kind kind, int i, action a) {
        int const k   = i / plan_.micro_batches;
        a.kind        = kind;
        a.lane        = lane(i);
        a.micro_batch = micro(i);
        a.buffer      = lanes_.buffer[k];
        compute(a);
        if (kind == action_kind::backward_input || a.micro_batch != plan_.micro_batches - 1) return;
        int& done = folded_[a.chunk];
        for (int n = 0; n < lanes_.folds[k]; ++n, ++done)
            plan_.add({.kind = action_kind::fold, .buffer = lanes_.fold[done].into, .other = lanes_.fold[done].from, .chunk = a.chunk});
    }
    /// The chunk's gradients are whole. One of several is reduced while the rank computes on; in a pipeline, where reductions come after all
    /// messages, it is reduced at once.
    constexpr void reduce(int chunk) {
        if (plan_.replicas() == 1) return;
        bool const goes_on = plan_.stages == 1 && plan_.chunks > 1;
        if (goes_on) ++posted_;
        action_kind const kind = has_shards() ? (goes_on ? action_kind::post_reduce_scatter : action_kind::reduce_scatter)
                                              : (goes_on ? action_kind::post_all_reduce : action_kind::all_reduce);
        plan_.add({.kind = kind, .buffer = 0, .chunk = chunk});
    }
    /// Waits for what was posted for chunks from `first` on. Posts go from the last chunk to the first, waits in the same order.
    constexpr void wait_for_reductions(int first) {
        for (int c = plan_.chunks - 1 - waited_; waited_ < posted_ && c >= first; --c, ++waited_) plan_.add({.kind = action_kind::wait_reduce, .chunk = c});
    }
    /// What comes after all gradients are summed.
    constexpr void finish() {
        wait_for_reductions(0);
        if (plan_.shares()) {
            plan_.add({.kind = action_kind::share});
            if (plan_.measured_elements > 0) plan_.add({.kind = action_kind::measure});
        }
        plan_.add({.kind = action_kind::update, .buffer = 0});
        for (int c = 0; c < plan_.chunks && has_shards() && plan_.zero != zero_stage::parameters; ++c)
            plan_.add({.kind = action_kind::gather, .chunk = c});
    }

    plan_type& plan_;

private:
    lane_program<MaxLanes> lanes_;
    int folded_[Chunks] = {};
    int posted_ = 0, waited_ = 0;  ///< reductions
};

/// The actions of rank `rank` of `ranks` where every rank holds the whole model.
/// @param prefetched_slots 0: micro-batches are not loaded ahead
template <int Capacity>
[[nodiscard]] constexpr rank_plan<Capacity> make_data_parallel_plan(int lanes, int micro_batches, int samples, int ranks, int rank,
                                                                    int prefetched_slots = 0) {
    rank_plan<Capacity> plan;
    plan.prefetched_slots = prefetched_slots;
    plan.ranks            = ranks;
    plan.rank             = rank;
    plan.lanes            = lanes;
    plan.micro_batches    = micro_batches;
    plan.samples          = samples;
    plan.mine             = lanes_of(lanes, ranks, rank);
    plan_maker<Capacity, 1, Capacity> maker{plan};
    maker.add_whole_model();
    return plan;
}

}  // namespace espalier::detail

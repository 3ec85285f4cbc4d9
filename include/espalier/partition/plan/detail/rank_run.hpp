// SPDX-License-Identifier: BSL-1.0
/// @file
/// The symbolic run of one rank's plan: what each buffer, slot and box holds, by name. Actions that need other ranks are in
/// world_run.hpp, what is known of buffers and slots in rank_states.hpp.
#pragma once

#include <espalier/partition/plan/buckets.hpp>
#include <espalier/partition/plan/detail/rank_states.hpp>
#include <espalier/partition/plan/flaw.hpp>
#include <espalier/partition/plan/plan.hpp>

namespace espalier::detail {

/// One rank's run. Micro-batches are numbered over the whole step: lane · micro_batches + micro_batch.
template <int Capacity, int Chunks>
struct rank_run {
    static constexpr int most_buffers = 64;
    static constexpr int most_slots   = Capacity / 12 + max_slots + 1;

    int at = 0;
    sum_state buffer[Chunks][most_buffers]           = {};
    int slot[most_slots]                             = {};  ///< micro-batch + 1 of the samples in it
    activation_state activation[Chunks][most_slots]  = {};
    message_state box[most_slots]                    = {};
    message_state arriving, leaving;                        ///< gradients at a chunk's output, and at its input
    channel_end end[2][2]                            = {};  ///< by direction; 0 receives, 1 sends
    posted_reduction reduction[Chunks]               = {};  ///< in flight
    int reductions       = 0;   ///< posted
    group_posts<Chunks> group;  ///< of the group whose first rank this is
    int shard_in[Chunks] = {};  ///< buffer + 1 where this rank's shard of the sum over all lanes stands
    bool whole[Chunks]   = {};
    bool shared = false, measured = false;
    int loads = 0, releases = 0;  ///< of slots that are filled ahead
    int updates = 0, highest_buffer = -1, highest_activation = -1, highest_box = -1, highest_slot = -1;
    std::int64_t sent = 0, bucket_room = -1;  ///< of the room: not known yet

    using plan_type = rank_plan<Capacity, Chunks>;

    [[nodiscard]] static constexpr bool finished(plan_type const& p, sum_state const& b) {
        return b.used && !b.clear && (b.lanes.size() > 1 || (b.inputs == p.micro_batches && b.weights == p.micro_batches));
    }
    /// Whether the sum over all lanes, or the shard of it that this rank owns, stands in buffer b.
    [[nodiscard]] constexpr bool holds_sum(plan_type const& p, int c, int b) const {
        if (is_in_flight(c)) return false;
        if (p.has_shards()) return shard_in[c] == b + 1;
        return finished(p, buffer[c][b]) && buffer[c][b].lanes == lane_range{0, p.lanes};
    }
    /// Whether a posted reduction reads, and writes, the gradients of a chunk.
    [[nodiscard]] constexpr bool is_in_flight(int c) const { return reduction[c].number > 0; }
    [[nodiscard]] static constexpr bool in_range(plan_type const& p, int i) { return i >= 0 && i < p.gradient_buffers && i < most_buffers; }
    [[nodiscard]] static constexpr bool has_slot(plan_type const& p, int s) { return s >= 0 && s < p.slots() && s < most_slots; }
    [[nodiscard]] static constexpr bool has_activations(plan_type const& p, action const& a) {
        return a.activations >= 0 && a.activations < p.activation_slots && a.activations < most_slots;
    }
    /// The slot for activations `i` of a chunk: a pipeline's chunks take from one pool.
    [[nodiscard]] constexpr activation_state& activations(plan_type const& p, int chunk, int i) { return activation[p.stages > 1 ? 0 : chunk][i]; }
    [[nodiscard]] constexpr activation_state const& activations(plan_type const& p, int chunk, int i) const {
        return activation[p.stages > 1 ? 0 : chunk][i];
    }
    [[nodiscard]] static constexpr bool has_box(plan_type const& p, int b) { return b >= 0 && b < p.received_boxes && b < most_slots; }
    [[nodiscard]] static constexpr int id(plan_type const& p, action const& a) { return a.lane * p.micro_batches + a.micro_batch; }
    /// Whether the parameters of this step are there; after the update they are the next one's.
    [[nodiscard]] constexpr bool has_parameters(int chunk) const { return whole[chunk] && updates == 0; }

    /// An action that needs no other rank.
    constexpr flaw run(plan_type const& p, action const& a) {
        if (a.chunk < 0 || a.chunk >= p.chunks || a.chunk >= Chunks) return flaw::chunk_out_of_range;
        switch (a.kind) {  // what is frequent first, as in world_run
        case action_kind::forward: return forward(p, a);
        case action_kind::backward:
        case action_kind::backward_input:
        case action_kind::backward_weights: return come_home(p, a);
        case action_kind::load: return load(p, a);
        case action_kind::clear: return clear(p, a);
        case action_kind::fold: return fold(p, a);
        case action_kind::update: return update(p, a);
        default: return flaw::unknown_action;
        }
    }

    /// Begins a reduction of a chunk's gradients, of which nothing may be touched until the wait.
    constexpr flaw post_reduction(action const& a) {
        if (is_in_flight(a.chunk)) return flaw::post_in_flight;
        reduction[a.chunk] = {++reductions, at, false};
        return flaw::none;
    }

    /// Exchanges with the computation behind it, where that is one that does so, as often.
    constexpr flaw exchange(plan_type const& p, action const& a) {
        int const wanted = p.chunk[a.chunk].exchanges[static_cast<int>(a.direction)];
        if (wanted == 0 || at + 1 >= p.count) return flaw::exchange_without_computation;
        action const& next = p.item[at + 1];
        if (!exchanges(next.kind) || way_of(next.kind) != a.direction || next.chunk != a.chunk || next.lane != a.lane || next.micro_batch != a.micro_batch)
            return flaw::exchange_without_computation;
        sent += p.chunk[a.chunk].exchanged[static_cast<int>(a.direction)];
        return a.repeat == wanted ? flaw::none : flaw::missing_exchange;
    }

    constexpr flaw post_send(plan_type const& p, action const& a, channel_end& e) {
        if (a.chunk < 0 || a.chunk >= p.chunks) return flaw::chunk_out_of_range;
        if (e.now != channel_end::state::idle) return flaw::post_in_flight;
        chunk_plan const& c = p.chunk[a.chunk];
        if (a.direction == way::forward) {
            if (!has_activations(p, a)) return flaw::slot_out_of_range;
            activation_state& from = activations(p, a.chunk, a.activations);
            e = {channel_end::state::posted, a.peer, c.gives, &from.in_flight, nullptr, {from.chunk == a.chunk ? from.micro_batch : -1, c.number + 1}};
        } else {
            e = {channel_end::state::posted, a.peer, c.takes, &leaving.in_flight, nullptr, {leaving.micro_batch, leaving.chunk}};
        }
        *e.in_flight = true;
        sent += e.elements;
        return flaw::none;
    }
    constexpr flaw post_recv(plan_type const& p, action const& a, channel_end& e) {
        bool const ahead = a.direction == way::forward;
        if (a.chunk < 0 || a.chunk >= p.chunks) return flaw::chunk_out_of_range;
        if (e.now != channel_end::state::idle) return flaw::post_in_flight;
        if (ahead && !has_box(p, a.box)) return flaw::slot_out_of_range;
        if (ahead) note(highest_box, a.box);
        message_state& into = ahead ? box[a.box] : arriving;
        into                = {-1, -1, true};
        e = {channel_end::state::posted, a.peer, ahead ? p.chunk[a.chunk].takes : p.chunk[a.chunk].gives, &into.in_flight, &into, {}};
        return flaw::none;
    }
    /// Ends a wait whose message has gone over.
    static constexpr void end_wait(channel_end& e) {
        *e.in_flight = false;
        if (e.into != nullptr) *e.into = e.payload;
        e = {};
    }

private:
    static constexpr void note(int& highest, int used) {
        highest = used > highest ? used : highest;
    }
    /// Where a rank keeps shards, what another chunk had in the same place is lost.
    constexpr flaw clear(plan_type const& p, action const& a) {
        if (!in_range(p, a.buffer)) return flaw::buffer_out_of_range;
        if (is_in_flight(a.chunk)) return flaw::slot_in_flight;
        note(highest_buffer, a.buffer);
        if (p.shards_gradients && bucket_room < 0) bucket_room = bucket_elements(p);
        for (int c = 0; p.shards_gradients && c < p.chunks; ++c) {
            bool const holds = buffer[c][a.buffer].used || reduction[c].number > 0;
            if (!holds || c == a.chunk || !share_room(p, bucket_room, c, a.chunk)) continue;
            if (is_in_flight(c)) return flaw::slot_in_flight;
            buffer[c][a.buffer] = {};
        }
        buffer[a.chunk][a.buffer] = {true, true, {}, 0, 0};
        if (!p.shards_gradients && shard_in[a.chunk] == a.buffer + 1) shard_in[a.chunk] = 0;
        return flaw::none;
    }
    constexpr flaw load(plan_type const& p, action const& a) {
        if (a.lane < p.mine.first || a.lane >= p.mine.last) return flaw::foreign_lane;
        if (a.micro_batch < 0 || a.micro_batch >= p.micro_batches) return flaw::micro_batch_order;
        if (!has_slot(p, a.slot)) return flaw::slot_out_of_range;
        note(highest_slot, a.slot);
        if (p.prefetched_slots > 0) {
            if (a.slot != loads % p.slots()) return flaw::slot_order;
            if (loads - releases == p.slots()) return flaw::slot_in_use;
            ++loads;
        }
        slot[a.slot] = id(p, a) + 1;
        return flaw::none;
    }
    /// What a computation reads, on the way out and home.
    [[nodiscard]] constexpr flaw reads(plan_type const& p, action const& a, int m) const {
        chunk_plan const& c = p.chunk[a.chunk];
        bool const is_first = c.number == 0, is_last = c.number == p.all_chunks - 1, local = p.stages == 1;
        bool const loaded   = local || is_first || is_last || c.loads_input;
        if (a.lane < 0) return flaw::foreign_lane;
        if (!has_activations(p, a)) return flaw::slot_out_of_range;
        if (loaded) {
            if (!has_slot(p, a.slot)) return flaw::slot_out_of_range;
            if (slot[a.slot] != m + 1) return flaw::not_loaded;
        }
        if (is_first) return flaw::none;
        if (local) {
            if (a.chunk == 0) return flaw::not_received;
            activation_state const& before = activations(p, a.chunk - 1, a.activations);
            return before.micro_batch == m ? flaw::none : flaw::not_received;
        }
        if (!has_box(p, a.box)) return flaw::slot_out_of_range;
        if (box[a.box].in_flight) return flaw::slot_in_flight;
        return box[a.box].is(m, c.number) ? flaw::none : flaw::not_received;
    }
    /// Whether what a computation exchanges came right before it; that it is this computation's was seen there.
    [[nodiscard]] constexpr bool has_exchanged(plan_type const& p, action const& a) const {
        return p.chunk[a.chunk].exchanges[static_cast<int>(way_of(a.kind))] == 0 || (at > 0 && p.item[at - 1].kind == action_kind::exchange);
    }
    constexpr flaw forward(plan_type const& p, action const& a) {
        int const m = id(p, a);
        if (!has_exchanged(p, a)) return flaw::missing_exchange;
        if (flaw const f = reads(p, a, m); f != flaw::none) return f;
        if (!has_parameters(a.chunk)) return flaw::parameters_not_whole;
        activation_state& into = activations(p, a.chunk, a.activations);
        if (into.in_flight) return flaw::slot_in_flight;
        note(highest_activation, a.activations);
        into = {m, a.chunk, life::forwarded, false};
        return flaw::none;
    }
    constexpr flaw come_home(plan_type const& p, action const& a) {
        if (!in_range(p, a.buffer)) return flaw::buffer_out_of_range;
        int const m = id(p, a);
        if (flaw const f = reads(p, a, m); f != flaw::none) return f == flaw::not_loaded && p.prefetched_slots > 0 ? flaw::no_forward : f;
        bool const second      = a.kind == action_kind::backward_weights;
        if (!second && !has_exchanged(p, a)) return flaw::missing_exchange;
        activation_state& from = activations(p, a.chunk, a.activations);
        if (from.micro_batch != m || from.chunk != a.chunk || from.stage != (second ? life::came_home : life::forwarded)) return flaw::no_forward;
        if (!second && !has_parameters(a.chunk)) return flaw::parameters_not_whole;
        if (flaw const f = second ? flaw::none : signals(p, p.chunk[a.chunk], m); f != flaw::none) return f;
        if (flaw const f = add(a); f != flaw::none) return f;
        from.stage = a.kind == action_kind::backward_input ? life::came_home : life::spent;
        if (p.prefetched_slots == 0 || a.chunk != 0) return flaw::none;
        if (a.slot != releases % p.slots()) return flaw::slot_order;  // after its last use a slot that is filled ahead may hold anything
        ++releases;
        slot[a.slot] = 0;
        return flaw::none;
    }
    /// The gradient that comes in at a chunk's output, and the one that leaves at its input.
    constexpr flaw signals(plan_type const& p, chunk_plan const& c, int m) {
        bool const is_last = c.number == p.all_chunks - 1;
        if (!is_last) {
            message_state const& in = p.stages == 1 ? leaving : arriving;
            if (in.in_flight) return flaw::slot_in_flight;
            if (!in.is(m, c.number + 1)) return flaw::not_received;
        }
        if (c.number == 0) return flaw::none;
        if (leaving.in_flight) return flaw::slot_in_flight;
        leaving = {m, c.number, false};
        return flaw::none;
    }
    /// Adds a micro-batch to a sum.
    constexpr flaw add(action const& a) {
        sum_state& b = buffer[a.chunk][a.buffer];
        if (is_in_flight(a.chunk)) return flaw::slot_in_flight;
        if (!b.used) return flaw::dirty_buffer;
        if (!b.clear && b.lanes != lane_range{a.lane, a.lane + 1}) return flaw::dirty_buffer;
        bool const first = a.kind != action_kind::backward_weights, second = a.kind != action_kind::backward_input;
        int const inputs = b.clear ? 0 : b.inputs, weights = b.clear ? 0 : b.weights;
        if ((first && inputs != a.micro_batch) || (second && weights != a.micro_batch)) return flaw::micro_batch_order;
        if (first && second && inputs != weights) return flaw::micro_batch_order;
        b = {true, false, {a.lane, a.lane + 1}, inputs + (first ? 1 : 0), weights + (second ? 1 : 0)};
        return flaw::none;
    }
    constexpr flaw fold(plan_type const& p, action const& a) {
        if (!in_range(p, a.buffer) || !in_range(p, a.other)) return flaw::buffer_out_of_range;
        sum_state &into = buffer[a.chunk][a.buffer], &from = buffer[a.chunk][a.other];
        if (is_in_flight(a.chunk)) return flaw::slot_in_flight;
        if (a.buffer == a.other || !finished(p, into) || !finished(p, from)) return flaw::incomplete_sum;
        lane_range const both{into.lanes.first, from.lanes.last};
        if (into.lanes.last != from.lanes.first || !is_node_of({0, p.lanes}, both) || split_of(both) != into.lanes.last)
            return flaw::not_siblings;
        into = {true, false, both, p.micro_batches, p.micro_batches};
        from = {};
        return flaw::none;
    }
    constexpr flaw update(plan_type const& p, action const& a) {
        bool const shards = p.has_shards();
        if (!in_range(p, a.buffer)) return flaw::buffer_out_of_range;
        for (int c = 0; c < p.chunks; ++c) {
            if (!holds_sum(p, c, a.buffer)) return flaw::update_without_sum;
            whole[c] = !shards;
        }
        if (p.shares() && (!shared || (p.measured_elements > 0 && !measured))) return flaw::update_without_sum;
        return ++updates == 1 ? flaw::none : flaw::no_update;
    }
};

}  // namespace espalier::detail

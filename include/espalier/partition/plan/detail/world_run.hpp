// SPDX-License-Identifier: BSL-1.0
/// @file
/// The symbolic run of all ranks' plans together, under rendezvous: a post never waits, a wait passes when all of its ends are posted, a
/// collective when its whole group has come. What a single rank does by itself is rank_run.hpp.
#pragma once

#include <espalier/core/chunks.hpp>
#include <espalier/partition/plan/detail/rank_run.hpp>
#include <espalier/partition/plan/rank_group.hpp>

#include <vector>

namespace espalier::detail {

template <int Capacity, int Chunks>
class world_run {
public:
    using plan_type = rank_plan<Capacity, Chunks>;
    using run_type  = rank_run<Capacity, Chunks>;

    /// @param plans outlives the run
    constexpr explicit world_run(std::vector<plan_type> const& plans)
        : ranks_{static_cast<int>(plans.size())}, runs_(plans.size()), plan_{plans.data()}, run_{runs_.data()} {
        for (int r = 0; r < ranks_; ++r)
            for (int c = 0; c < plan_[r].chunks; ++c) run_[r].whole[c] = plan_[r].gathered_chunks == 0;
    }
    world_run(world_run const&)            = delete;
    world_run& operator=(world_run const&) = delete;

    /// Runs every rank as far as it comes, until all are done or none moves. Which goes first does not matter: a wait depends on posts
    /// alone, and posts are never taken back.
    [[nodiscard]] constexpr verdict to_the_end() {
        for (bool moved = true; moved;) {
            moved = false;
            for (int r = 0; r < ranks_; ++r)
                if (verdict const v = run_rank(r, moved); !v.holds()) return v;
        }
        int standing = -1;
        for (int r = 0; r < ranks_; ++r) {
            if (run_[r].at == plan_[r].count) continue;
            if (standing < 0 || (waits_for_nobody(r) && !waits_for_nobody(standing))) standing = r;
        }
        if (standing < 0) return {};
        int const at = run_[standing].at;
        return {is_collective(plan_[standing].item[at].kind) ? flaw::collective_mismatch : flaw::waits_for_ever, standing, at};
    }
    [[nodiscard]] constexpr run_type const& of(int r) const { return run_[r]; }

private:
    /// Whether a rank stands at a wait whose other end its peer will never post, where other ranks only wait for those that stand.
    [[nodiscard]] constexpr bool waits_for_nobody(int r) const {
        action const& a = plan_[r].item[run_[r].at];
        if (a.kind == action_kind::wait_reduce) return reduces_with_nobody(r, a);
        if (a.kind != action_kind::wait_send && a.kind != action_kind::wait_recv) return false;
        if (a.peer < 0 || a.peer >= ranks_) return true;
        action_kind const wanted = a.kind == action_kind::wait_send ? action_kind::post_recv : action_kind::post_send;
        for (int i = run_[a.peer].at; i < plan_[a.peer].count; ++i) {
            action const& its = plan_[a.peer].item[i];
            if (its.kind == wanted && its.direction == a.direction && its.peer == r) return false;
        }
        return true;
    }

    /// Whether a replica has no post left that a posted reduction of this rank could meet.
    [[nodiscard]] constexpr bool reduces_with_nobody(int r, action const& a) const {
        rank_group const group = group_of(plan_[r], r, a.kind);
        for (int q = group.first; q < group.end; q += group.step) {
            if (run_[q].reductions >= run_[r].reduction[a.chunk].number) continue;
            bool posts = false;
            for (int i = run_[q].at; i < plan_[q].count; ++i) posts = posts || posts_reduction(plan_[q].item[i].kind);
            if (!posts) return true;
        }
        return false;
    }

    constexpr verdict run_rank(int r, bool& moved) {
        plan_type const& p = plan_[r];
        run_type& mine     = run_[r];
        flaw f             = flaw::none;
        for (; mine.at < p.count; ++mine.at, moved = true) {
            action const& a = p.item[mine.at];
            switch (a.kind) {  // what is frequent first: what stands before a case is a step of the compiler each
            default: f = mine.run(p, a); break;
            case action_kind::post_send:
            case action_kind::post_recv: f = post(r, a); break;
            case action_kind::wait_send:
            case action_kind::wait_recv: {
                channel_end& e = mine.end[static_cast<int>(a.direction)][a.kind == action_kind::wait_send];
                if (e.now == channel_end::state::posted) return {};
                if (e.now == channel_end::state::idle) f = flaw::wait_without_post;
                else mine.end_wait(e);
                break;
            }
            case action_kind::post_all_reduce:
            case action_kind::post_reduce_scatter:
                if (verdict const v = post_reduction(r, a); !v.holds()) return v;
                break;
            case action_kind::wait_reduce: {
                if (a.chunk < 0 || a.chunk >= p.chunks) return {flaw::chunk_out_of_range, r, mine.at};
                posted_reduction& its = mine.reduction[a.chunk];
                if (its.number > 0 && !its.is_met) return {};
                if (its.number == 0) f = flaw::wait_without_post;
                its = {};
                break;
            }
            case action_kind::all_reduce:
            case action_kind::reduce_scatter:
            case action_kind::share:
            case action_kind::measure:
            case action_kind::gather:
            case action_kind::exchange: {
                rank_group const group = group_of(p, r, a.kind);
                if (!everybody_is_at(group, a)) return {};
                if (verdict const v = a.kind == action_kind::exchange ? exchange(r, group, a) : join(r, group, a); !v.holds()) return v;
                moved = true;
                for (int q = group.first; q < group.end; q += group.step) ++run_[q].at;
                --mine.at;  // the loop counts it again
                break;
            }
            }
            if (f != flaw::none) return {f, r, mine.at};
        }
        return {};
    }

    /// Posts one end of a channel, and delivers where the other is posted too.
    constexpr flaw post(int r, action const& a) {
        bool const sends  = a.kind == action_kind::post_send;
        channel_end& mine = run_[r].end[static_cast<int>(a.direction)][sends];
        if (flaw const f = sends ? run_[r].post_send(plan_[r], a, mine) : run_[r].post_recv(plan_[r], a, mine); f != flaw::none) return f;
        if (a.peer < 0 || a.peer >= ranks_ || a.peer == r) return flaw::none;  // nobody will ever come
        channel_end& other = run_[a.peer].end[static_cast<int>(a.direction)][!sends];
        if (other.now != channel_end::state::posted || other.peer != r) return flaw::none;
        if (mine.elements != other.elements) return flaw::message_sizes;
        bool const fits = r % plan_[r].tensor_ranks == a.peer % plan_[r].tensor_ranks;  // else it is another rank's part
        (sends ? other : mine).payload = fits ? (sends ? mine : other).payload : message_state{};
        mine.now = other.now = channel_end::state::met;
        return flaw::none;
    }

    /// Posts a reduction, and runs it where the whole group has posted it. The group's posts must come in one order.
    constexpr verdict post_reduction(int r, action const& a) {
        run_type& mine = run_[r];
        if (a.chunk < 0 || a.chunk >= plan_[r].chunks) return {flaw::chunk_out_of_range, r, mine.at};
        if (flaw const f = mine.post_reduction(a); f != flaw::none) return {f, r, mine.at};
        rank_group const group = group_of(plan_[r], r, a.kind);
        auto& posts            = run_[group.first].group;  // counted there, not among the ranks: a step of the compiler each
        if (!posts.counts(a, mine.reductions)) return {flaw::collective_mismatch, r, mine.at};
        if (posts.ranks[a.chunk] < group.size()) return {};
        posts.ranks[a.chunk] = 0;
        for (int q = group.first; q < group.end; q += group.step) run_[q].reduction[a.chunk].is_met = true;
        return join(r, group, a);
    }

    [[nodiscard]] constexpr bool everybody_is_at(rank_group const& group, action const& a) const {
        for (int q = group.first; q < group.end; q += group.step) {
            int const at = run_[q].at;
            if (at >= plan_[q].count) return false;
            action const& its = plan_[q].item[at];
            if (its.kind != a.kind || its.chunk != a.chunk) return false;
        }
        return true;
    }

    /// What the ranks of a tensor axis exchange in the computation that each does next, of the same micro-batch through the same chunk.
    constexpr verdict exchange(int r, rank_group const& group, action const& a) {
        if (a.chunk < 0 || a.chunk >= plan_[r].chunks) return {flaw::chunk_out_of_range, r, run_[r].at};
        for (int q = group.first; q < group.end; q += group.step) {
            action const& its = plan_[q].item[run_[q].at];
            bool const same   = its.lane == a.lane && its.micro_batch == a.micro_batch && its.direction == a.direction && its.repeat == a.repeat;
            flaw const f      = same ? run_[q].exchange(plan_[q], its) : flaw::collective_mismatch;
            if (f != flaw::none) return {f, q, run_[q].at};
        }
        return {};
    }

    [[nodiscard]] static constexpr std::int64_t gradients_of(plan_type const& p, int c) {
        return p.chunks == 1 ? p.reduced_elements : p.chunk[c].gradients;
    }

    constexpr verdict join(int r, rank_group const& group, action const& a) {
        if (a.chunk < 0 || a.chunk >= plan_[r].chunks) return {flaw::chunk_out_of_range, r, run_[r].at};
        bool const is_posted = posts_reduction(a.kind);
        int covered = 0, last = r, at = run_[r].at;
        for (int q = group.first; q < group.end; q += group.step) {
            last = q;
            at   = is_posted ? run_[q].reduction[a.chunk].action : run_[q].at;
            if (flaw const f = join_as(q, r, plan_[q].item[at], covered); f != flaw::none) return {f, q, at};
        }
        if ((sums_to_all(a.kind) || sums_to_shards(a.kind)) && covered != plan_[r].lanes) return {flaw::lanes_not_covered, last, at};
        return {};
    }
    /// One rank's part of a collective.
    constexpr flaw join_as(int q, int with, action const& a, int& covered) {
        plan_type const& p = plan_[q];
        run_type& mine     = run_[q];
        switch (a.kind) {
        case action_kind::share:
            if (p.shared_elements != plan_[with].shared_elements) return flaw::collective_mismatch;
            for (int c = 0; c < p.chunks; ++c)
                if (!mine.holds_sum(p, c, 0)) return flaw::incomplete_sum;
            mine.shared = true;
            mine.sent += elements_sent_all_reduce(p.shared_elements, p.ranks, q, 1);
            return flaw::none;
        case action_kind::measure:
            if (!mine.shared) return flaw::incomplete_sum;
            if (p.measured_elements != plan_[with].measured_elements || mine.measured) return flaw::collective_mismatch;
            mine.measured = true;
            mine.sent += elements_sent_all_reduce(p.measured_elements, p.ranks, q, 1);
            return flaw::none;
        case action_kind::gather: {
            chunk_plan const& c = p.chunk[a.chunk];
            if (c.parameters != plan_[with].chunk[a.chunk].parameters) return flaw::collective_mismatch;
            for (int other = 0; other < p.chunks && p.gathered_chunks == 1; ++other) mine.whole[other] = false;
            mine.whole[a.chunk] = true;
            mine.sent += elements_sent_all_gather(c.owned_parameters(), p.replicas());
            return flaw::none;
        }
        default: return reduce_as(q, with, a, covered);
        }
    }
    constexpr flaw reduce_as(int q, int with, action const& a, int& covered) {
        plan_type const& p   = plan_[q];
        run_type& mine       = run_[q];
        std::int64_t const n = gradients_of(p, a.chunk);
        if (!run_type::in_range(p, a.buffer)) return flaw::buffer_out_of_range;
        if (n != gradients_of(plan_[with], a.chunk)) return flaw::collective_mismatch;
        if (!posts_reduction(a.kind) && mine.is_in_flight(a.chunk)) return flaw::slot_in_flight;
        for (int i = 0; i < p.partials; ++i) {
            int const at = p.partial[i].buffer;
            if (!run_type::in_range(p, at)) return flaw::buffer_out_of_range;
            sum_state const& b = mine.buffer[a.chunk][at];
            if (!run_type::finished(p, b) || b.lanes != p.partial[i].lanes) return flaw::missing_partial;
            if (p.partial[i].lanes.first != covered) return flaw::lanes_not_covered;
            covered = p.partial[i].lanes.last;
        }
        for (int b = 0; b < p.gradient_buffers && b < run_type::most_buffers; ++b) mine.buffer[a.chunk][b] = {};
        mine.shard_in[a.chunk] = a.buffer + 1;
        if (sums_to_all(a.kind)) {
            if (a.buffer > mine.highest_buffer) mine.highest_buffer = a.buffer;
            mine.buffer[a.chunk][a.buffer] = {true, false, {0, p.lanes}, p.micro_batches, p.micro_batches};
            mine.sent += elements_sent_all_reduce(n, p.replicas(), p.replica(), p.partials);
        } else {
            mine.sent += elements_sent_reduce_scatter(n, p.chunk[a.chunk].shard_last - p.chunk[a.chunk].shard_first, p.partials);
        }
        return flaw::none;
    }

    int ranks_;
    std::vector<run_type> runs_;
    plan_type const* plan_;  ///< of rank 0; pointers, as every call, also of a vector's [], is steps of the compiler
    run_type* run_;
};

}  // namespace espalier::detail

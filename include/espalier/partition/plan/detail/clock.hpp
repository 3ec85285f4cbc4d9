// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of clock.hpp: ends of channels, groups of collectives, the clock of each rank. What actions leave behind is not known here.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/partition/plan/clock.hpp>
#include <espalier/partition/plan/rank_group.hpp>

#include <algorithm>

namespace espalier {

constexpr std::int64_t action_costs::of(action_kind kind) const noexcept {
    switch (kind) {
    case action_kind::forward: return forward;
    case action_kind::backward: return backward_input + backward_weights;
    case action_kind::backward_input: return backward_input;
    case action_kind::backward_weights: return backward_weights;
    case action_kind::post_send:
    case action_kind::post_recv:
    case action_kind::wait_send:
    case action_kind::wait_recv:
    case action_kind::wait_reduce: return 0;
    default: return other;
    }
}

namespace detail {

/// One end of a channel: what is posted there and not yet waited for.
struct timed_end {
    bool is_posted = false, is_met = false;
    int peer            = -1;
    std::int64_t posted = 0;
    std::int64_t leaves = 0, met = 0; ///< when the sender posted, and when both had
};

/// A reduction that was posted.
struct timed_reduction {
    action_kind kind  = action_kind::post_all_reduce;
    int chunk         = 0;
    std::int64_t at   = 0;
    std::int64_t over = -1; ///< −1: not all of its group have posted it
};

class clocked_run {
public:
    using plan_type = plan_view;

    clocked_run(std::span<plan_type const> plans, action_costs const& costs) : plan_{plans}, costs_{costs}, now_(plans.size()), end_(plans.size()), reductions_(plans.size()) {
        out_.rank.resize(plans.size());
    }

    [[nodiscard]] timed_step to_the_end() {
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t r = 0; r < plan_.size(); ++r)
                while (advance(r)) moved = true;
        }
        out_.finishes = true;
        for (std::size_t r = 0; r < plan_.size(); ++r) {
            out_.finishes = out_.finishes && at(r) == plan_[r].count;
            out_.makespan = std::max(out_.makespan, now_[r]);
        }
        return std::move(out_);
    }

private:
    [[nodiscard]] int at(std::size_t r) const { return static_cast<int>(out_.rank[r].actions.size()); }

    /// Runs the next action of a rank, if it can run now.
    bool advance(std::size_t r) {
        if (at(r) == plan_[r].count) return false;
        action const& a = plan_[r].item[at(r)];
        if (is_collective(a.kind)) return meet(r, a);
        if (posts_reduction(a.kind)) {
            post_reduction(r, a);
            add(r, now_[r], now_[r] + costs_.other);
            return true;
        }
        if (a.kind == action_kind::wait_reduce) return wait_reduction(r, a);
        bool const sends = a.kind == action_kind::post_send || a.kind == action_kind::wait_send;
        timed_end& e     = end_[r].of[static_cast<int>(a.direction)][sends ? 0 : 1];
        if (a.kind == action_kind::wait_send || a.kind == action_kind::wait_recv) {
            if (!e.is_met) return false;
            std::int64_t const passes = std::max(now_[r], e.met);
            if (!sends) out_.messages.push_back({e.peer, static_cast<int>(r), e.leaves, passes, a.direction});
            e = {};
            add(r, now_[r], passes);
            return true;
        }
        if (a.kind == action_kind::post_send || a.kind == action_kind::post_recv) post(r, a, e);
        if (computes(a.kind)) out_.rank[r].busy += costs_.of(a.kind);
        add(r, now_[r], now_[r] + costs_.of(a.kind));
        return true;
    }
    void add(std::size_t r, std::int64_t begins, std::int64_t ends) {
        out_.rank[r].actions.push_back({begins, ends});
        now_[r] = ends;
    }

    void post(std::size_t r, action const& a, timed_end& mine) {
        mine = {.is_posted = true, .peer = a.peer, .posted = now_[r]};
        if (a.peer < 0 || a.peer >= static_cast<int>(plan_.size())) return; // nobody will ever come
        bool const sends = a.kind == action_kind::post_send;
        timed_end& other = end_[static_cast<std::size_t>(a.peer)].of[static_cast<int>(a.direction)][sends ? 1 : 0];
        if (&other == &mine || !other.is_posted || other.is_met || other.peer != static_cast<int>(r)) return;
        mine.is_met = other.is_met = true;
        mine.met = other.met = std::max(mine.posted, other.posted);
        mine.leaves = other.leaves = sends ? mine.posted : other.posted;
    }

    /// Post number n of a group's ranks is one reduction; it is over when the last of them has ended its post.
    void post_reduction(std::size_t r, action const& a) {
        auto& mine = reductions_[r];
        mine.push_back({.kind = a.kind, .chunk = a.chunk, .at = now_[r]});
        std::size_t const n = mine.size() - 1;
        timed_meeting here{a.kind, 0, {}};
        for (std::size_t const q : group_with(r, a.kind)) {
            if (reductions_[q].size() <= n || reductions_[q][n].kind != a.kind || reductions_[q][n].chunk != a.chunk) return;
            here.at = std::max(here.at, reductions_[q][n].at);
            here.ranks.push_back(static_cast<int>(q));
        }
        for (int const q : here.ranks) reductions_[static_cast<std::size_t>(q)][n].over = here.at + costs_.other;
        out_.meetings.push_back(std::move(here));
    }
    bool wait_reduction(std::size_t r, action const& a) {
        auto const its = std::find_if(reductions_[r].rbegin(), reductions_[r].rend(), [&](timed_reduction const& p) { return p.chunk == a.chunk; });
        if (its == reductions_[r].rend() || its->over < 0) return false;
        add(r, now_[r], std::max(now_[r], its->over));
        return true;
    }
    /// The ranks of a collective, of those that there are.
    [[nodiscard]] std::vector<std::size_t> group_with(std::size_t r, action_kind kind) const {
        plan_facts facts   = plan_[r];
        facts.stages       = std::max(facts.stages, 1);
        facts.tensor_ranks = std::max(facts.tensor_ranks, 1);
        facts.ranks        = static_cast<int>(plan_.size());
        rank_group const group = group_of(facts, static_cast<int>(r), kind);
        std::vector<std::size_t> out;
        for (int q = group.first; q < std::min(group.end, facts.ranks); q += group.step) out.push_back(static_cast<std::size_t>(q));
        return out;
    }

    /// A collective, if all of its ranks have come to it. Ranks that exchange do so for the same micro-batch.
    bool meet(std::size_t r, action const& a) {
        timed_meeting here{a.kind, 0, {}};
        for (std::size_t const q : group_with(r, a.kind)) {
            if (at(q) == plan_[q].count) return false;
            action const& its = plan_[q].item[at(q)];
            if (its.kind != a.kind || its.chunk != a.chunk) return false;
            if (a.kind == action_kind::exchange && (its.lane != a.lane || its.micro_batch != a.micro_batch || its.direction != a.direction)) return false;
            here.at = std::max(here.at, now_[q]);
            here.ranks.push_back(static_cast<int>(q));
        }
        for (int const q : here.ranks) add(static_cast<std::size_t>(q), here.at, here.at + costs_.other);
        out_.meetings.push_back(std::move(here));
        return true;
    }

    /// Of a rank: by direction; 0 sends, 1 receives.
    struct channel_ends {
        timed_end of[2][2] = {};
    };

    std::span<plan_type const> plan_;
    action_costs costs_;
    std::vector<std::int64_t> now_;
    std::vector<channel_ends> end_;
    std::vector<std::vector<timed_reduction>> reductions_; ///< that a rank has posted
    timed_step out_;
};

} // namespace detail

inline timed_step on_clock(std::span<plan_view const> plans, action_costs const& costs) {
    if (std::min({costs.forward, costs.backward_input, costs.backward_weights, costs.other}) < 0)
        throw invalid_setting{{"on_clock", "costs of 0 or more", "one below 0", "Give times or counts of operations", "explanation/plans.md"}};
    return detail::clocked_run{plans, costs}.to_the_end();
}

} // namespace espalier

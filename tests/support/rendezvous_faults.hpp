// SPDX-License-Identifier: BSL-1.0
/// @file
/// The faults that a maker of plans could make, one kind a type: each changes a pipeline's plans in one place, by chance.
#pragma once

#include "support/rendezvous_mutants.hpp"

namespace espalier_test {

namespace detail {
using espalier::action;
using espalier::action_kind;
using espalier::way;

inline bool is_any(action const&) { return true; }
inline bool is_post(action const& a) { return a.kind == action_kind::post_send || a.kind == action_kind::post_recv; }
inline bool is_receive(action const& a) { return a.kind == action_kind::post_recv; }
inline bool is_wait(action const& a) { return a.kind == action_kind::wait_send || a.kind == action_kind::wait_recv; }
inline bool is_fold(action const& a) { return a.kind == action_kind::fold; }
inline bool is_reduction(action const& a) { return a.kind == action_kind::all_reduce || a.kind == action_kind::reduce_scatter; }
inline bool adds_weights(action const& a) { return a.kind == action_kind::backward || a.kind == action_kind::backward_weights; }
inline bool has_sample(action const& a) { return espalier::computes(a.kind) || a.kind == action_kind::load; }
/// Whether what it does depends on the chunk that it names.
inline bool names_chunk(action const& a) {
    return !is_wait(a) && a.kind != action_kind::share && a.kind != action_kind::measure && a.kind != action_kind::update;
}

/// One of those that are wanted.
template <bool (*Wanted)(action const&)>
struct dropped {
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        x.drop(x.any(Wanted));
    }
};
/// Two of one rank: neighbours among those that are wanted, or any.
template <bool (*Wanted)(action const&)>
struct swapped {
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const one = x.any(Wanted);
        x.swap(one, x.below(2) == 0 ? x.another(one, Wanted) : x.nearest(one, 1, Wanted));
    }
};
/// One of those that are wanted, once more: in one of `Places` cases beside itself, otherwise anywhere.
template <bool (*Wanted)(action const&), int Places>
struct doubled {
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const one = x.any(Wanted);
        auto const its  = x.item(one);
        x.insert(x.below(Places) == 0 ? one : x.another(one, is_any), its);
    }
};
}  // namespace detail

struct two_posts_swapped : detail::swapped<detail::is_post> {
    static constexpr std::string_view name = "two posts swapped";
};

/// Its post, its wait, or both.
struct receive_dropped {
    static constexpr std::string_view name = "a receive dropped";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const post          = x.any(detail::is_receive);
        espalier::way const from  = x.item(post).direction;
        place const wait          = x.nearest(post, 1, [&](auto const& a) { return a.kind == espalier::action_kind::wait_recv && a.direction == from; });
        int const which           = x.below(3);
        if (which != 0) x.drop(wait);
        if (which != 1) x.drop(post);
    }
};

struct wait_removed : detail::dropped<detail::is_wait> {
    static constexpr std::string_view name = "a wait removed";
};

/// The number of a slot or box changed in one action, or wherever it stands for the same micro-batch at the same chunk.
struct slot_shared {
    static constexpr std::string_view name = "a slot or box shared";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        using espalier::action;
        place const one  = x.any([](action const& a) { return espalier::computes(a.kind); });
        action const old = x.item(one);
        Plan& plan       = x.plans[one.rank];
        enum { of_samples, of_activations, of_inputs };
        int const which       = x.below(old.box < 0 ? 2 : 3);
        int action::*const at = which == of_samples ? &action::slot : which == of_activations ? &action::activations : &action::box;
        int const to          = x.below(which == of_samples ? plan.slots() : which == of_activations ? plan.activation_slots : plan.received_boxes);
        if (x.below(2) == 0) {
            x.item(one).*at = to;
            return;
        }
        for (int i = 0; i < plan.count; ++i) {
            action& a = plan.item[i];
            if (!detail::has_sample(a) || a.lane != old.lane || a.micro_batch != old.micro_batch || a.chunk != old.chunk) continue;
            a.*at = to;
            if (a.kind != espalier::action_kind::forward || which == of_samples) continue;
            place const message = x.nearest({one.rank, i}, which == of_inputs ? -1 : 1, [&](action const& m) {
                auto const kind = which == of_inputs ? espalier::action_kind::post_recv : espalier::action_kind::post_send;
                return m.kind == kind && m.direction == espalier::way::forward && m.chunk == old.chunk;
            });
            x.item(message).*at = to;
        }
    }
};

struct posted_twice : detail::doubled<detail::is_post, 2> {
    static constexpr std::string_view name = "a double post";
};

/// Chunks reduced in another order, by one replica or by all; folds, or the two sides of a fold, swapped.
struct sums_in_another_order {
    static constexpr std::string_view name = "sums in another order";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        bool const reduces = !x.all(detail::is_reduction).empty(), folds = !x.all(detail::is_fold).empty();
        if (reduces && (!folds || x.below(2) == 0)) return reduce_otherwise(x);
        if (!folds) {
            place const one = x.any(detail::adds_weights);
            return x.swap(one, x.another(one, detail::adds_weights));
        }
        place const one = x.any(detail::is_fold);
        int const which = x.below(3);
        if (which == 0) std::swap(x.item(one).buffer, x.item(one).other);
        else x.swap(one, which == 1 ? x.another(one, detail::is_fold) : x.another(one, detail::is_any));
    }

private:
    template <class Plan>
    static void reduce_otherwise(mutant<Plan>& x) {
        place const one  = x.any(detail::is_reduction), two = x.another(one, detail::is_reduction);
        bool const all   = x.below(2) == 0;
        auto const first = x.plans[one.rank];
        for (std::size_t r = 0; r < x.plans.size(); ++r) {
            Plan& plan       = x.plans[r];
            int const behind = plan.count - first.count;  // replicas differ in lanes; reductions stand at the end
            if (r == one.rank || (all && plan.stage() == first.stage())) std::swap(plan.item[one.at + behind], plan.item[two.at + behind]);
        }
    }
};

/// Computed or loaded twice, or one in another's place.
struct another_micro_batch {
    static constexpr std::string_view name = "a micro-batch twice, or in another's place";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const one = x.any(detail::has_sample);
        auto const its  = x.item(one);
        switch (x.below(4)) {
        case 0: x.item(one).micro_batch = x.below(x.plans[0].micro_batches); break;
        case 1: x.item(one).lane = x.below(x.plans[0].lanes); break;
        case 2: x.insert(one, its); break;
        default: x.insert(x.another(one, detail::is_any), its); break;
        }
    }
};

struct weights_missing : detail::dropped<detail::adds_weights> {
    static constexpr std::string_view name = "a weight gradient missing";
};

struct two_actions_swapped : detail::swapped<detail::is_any> {
    static constexpr std::string_view name = "two actions swapped";
};

struct action_dropped : detail::dropped<detail::is_any> {
    static constexpr std::string_view name = "an action dropped";
};

struct action_doubled : detail::doubled<detail::is_any, 4> {
    static constexpr std::string_view name = "an action doubled";
};

/// Any field of an action, also to what does not exist.
struct field_changed {
    static constexpr std::string_view name = "a field changed";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        using namespace espalier;
        place const one       = x.any(detail::names_chunk);
        action& a             = x.item(one);
        Plan const& p         = x.plans[one.rank];
        auto const about      = [&](int n) { return x.below(n + 2) - 1; };
        switch (x.below(11)) {
        case 0: a.lane = about(p.lanes); break;
        case 1: a.micro_batch = about(p.micro_batches); break;
        case 2: a.buffer = about(p.gradient_buffers); break;
        case 3: a.other = about(p.gradient_buffers); break;
        case 4: a.slot = about(p.slots()); break;
        case 5: a.chunk = about(p.chunks); break;
        case 6: a.activations = about(p.activation_slots); break;
        case 7: a.box = about(p.received_boxes); break;
        case 8: a.peer = about(p.ranks); break;
        case 9: a.direction = a.direction == way::forward ? way::backward : way::forward; break;
        default: a.kind = static_cast<action_kind>(x.below(action_kinds)); break;
        }
    }
};

}  // namespace espalier_test

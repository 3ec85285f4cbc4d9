// SPDX-License-Identifier: BSL-1.0
/// @file
/// The faults that a maker of plans could make with reductions that go on while a rank computes, one kind a type. Those of messages, slots
/// and sums are rendezvous_faults.hpp.
#pragma once

#include "support/rendezvous_faults.hpp"

namespace espalier_test {

namespace detail {
inline bool is_reduction_post(action const& a) { return espalier::posts_reduction(a.kind); }
inline bool is_reduction_wait(action const& a) { return a.kind == action_kind::wait_reduce; }
inline bool touches_gradients(action const& a) { return a.kind == action_kind::clear || a.kind == action_kind::fold || adds_weights(a); }
}  // namespace detail

struct reduction_wait_dropped : detail::dropped<detail::is_reduction_wait> {
    static constexpr std::string_view name = "a wait for a reduction dropped";
};

struct reduction_post_dropped : detail::dropped<detail::is_reduction_post> {
    static constexpr std::string_view name = "a post of a reduction dropped";
};

/// On one rank.
struct reduction_posts_swapped {
    static constexpr std::string_view name = "two posts of reductions swapped on one rank";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const one = x.any(detail::is_reduction_post);
        x.swap(one, x.another(one, detail::is_reduction_post));
    }
};

struct reduction_wait_before_post {
    static constexpr std::string_view name = "a wait for a reduction before its post";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const wait = x.any(detail::is_reduction_wait);
        auto const its   = x.item(wait);
        place const post = x.nearest(wait, -1, [&](auto const& a) { return detail::is_reduction_post(a) && a.chunk == its.chunk; });
        x.drop(wait);
        x.insert({post.rank, post.at - x.below(2)}, its);
    }
};

/// A clear, a fold or a backward of the chunk once more, somewhere behind the post.
struct written_in_flight {
    static constexpr std::string_view name = "gradients written between post and wait";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const post = x.any(detail::is_reduction_post);
        int const chunk  = x.item(post).chunk;
        place const wait = x.nearest(post, 1, [&](auto const& a) { return detail::is_reduction_wait(a) && a.chunk == chunk; });
        place const from = x.nearest(post, -1, [&](auto const& a) { return detail::touches_gradients(a) && a.chunk == chunk; });
        auto const again = x.item(from);
        x.insert({post.rank, post.at + 1 + x.below(wait.at - post.at)}, again);
    }
};

/// A post or a wait of one rank at any later, or earlier, place.
struct reduction_moved {
    static constexpr std::string_view name = "a post of a reduction, or its wait, at another place";
    template <class Plan>
    static void apply(mutant<Plan>& x) {
        place const one = x.any([](auto const& a) { return detail::is_reduction_post(a) || detail::is_reduction_wait(a); });
        auto const its  = x.item(one);
        x.drop(one);
        x.insert({one.rank, x.below(x.plans[one.rank].count)}, its);
    }
};

}  // namespace espalier_test

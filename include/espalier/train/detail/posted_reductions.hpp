// SPDX-License-Identifier: BSL-1.0
/// @file
/// The reductions of a rank's chunks that go on while it computes: what each needs until its wait, in places of its own, so that a step
/// allocates nothing. When they are posted and waited for is the plan's business.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/comm/posted_concepts.hpp>
#include <espalier/partition/plan/plan.hpp>

#include <cstddef>
#include <cstdint>

namespace espalier {

/// Whether the plans of a partition post reductions.
template <class P>
inline constexpr bool posts_reductions = false;
template <class P>
    requires requires { P::posts_reductions; }
inline constexpr bool posts_reductions<P> = P::posts_reductions;

namespace detail {

/// This rank's partial sums of a chunk's gradients.
template <class Part, class Plan, class T>
[[nodiscard]] ordered_sum<T> partial_sums(Part const& part, Plan const& plan, int chunk, summand<T> (&mine)[max_subtrees]) {
    for (int i = 0; i < plan.partials; ++i) mine[i] = {plan.partial[i].lanes, part.gradients(chunk, plan.partial[i].buffer)};
    return {plan.lanes, {mine, static_cast<std::size_t>(plan.partials)}};
}

/// Of a partition whose plans post none: nothing.
template <class C, class P, class T>
class posted_reductions {};

template <class C, class P, class T>
    requires posts_reductions<P>
class posted_reductions<C, P, T> {
    /// A communicator that cannot post reduces at the post, and has nothing left to wait for.
    static constexpr bool goes_on_to_all    = SupportsPostedOrderedAllReduce<C, T>;
    static constexpr bool goes_on_to_shards = SupportsPostedOrderedReduceScatter<C, T>;

public:
    /// @param replicas the ranks that hold the same chunks
    template <class Part, class Plan>
    void post(C& replicas, Part const& part, Plan const& plan, action const& a) {
        posted& p                = of(a.chunk);
        ordered_sum<T> const sum = partial_sums(part, plan, a.chunk, p.partial);
        if (a.kind == action_kind::post_all_reduce) {
            T* const out         = part.gradients(a.chunk, a.buffer);
            std::int64_t const n = part.gradient_elements(a.chunk);
            if constexpr (goes_on_to_all) p.request = replicas.post_all_reduce(sum, out, n);
            else replicas.all_reduce(sum, out, n);
        } else {
            if constexpr (goes_on_to_shards) p.request = replicas.post_reduce_scatter(sum, part.gradient_shard(a.chunk), part.borders(a.chunk, false));
            else replicas.reduce_scatter(sum, part.gradient_shard(a.chunk), part.borders(a.chunk, false));
        }
    }
    void wait([[maybe_unused]] C& replicas, [[maybe_unused]] int chunk) {
        if constexpr (goes_on_to_all || goes_on_to_shards) replicas.wait(of(chunk).request);
    }

private:
    template <class Poster>
    struct request_of {
        struct type {};
    };
    template <class Poster>
        requires(goes_on_to_all || goes_on_to_shards)
    struct request_of<Poster> {
        using type = typename Poster::request;
    };
    struct posted {
        summand<T> partial[max_subtrees];
        typename request_of<C>::type request;
    };
    [[nodiscard]] posted& of(int chunk) noexcept { return posted_[chunk]; }

    posted posted_[P::chunks] = {};
};

}  // namespace detail
}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The data-parallel partition: every rank holds the whole model and computes some of the step's lanes.
#pragma once

#include <espalier/comm/chunks.hpp>
#include <espalier/core/error.hpp>
#include <espalier/partition/data/make_plan.hpp>
#include <espalier/partition/plan/prove.hpp>

#include <string>

namespace espalier {

/// How many lanes a step has: the unit that is dealt to ranks, and the most ranks that can share a step.
template <int L>
struct lanes {
    static_assert(L >= 1, "espalier: lanes: requires at least one lane. Write lanes<8>. See docs/policies/partition.md.");
};
/// How many micro-batches a lane computes one after the other, their gradients accumulated.
template <int M>
struct micro_batches {
    static_assert(M >= 1, "espalier: micro_batches: requires at least one. Write micro_batches<1>. See docs/policies/partition.md.");
};
/// How many samples a micro-batch has.
template <int B>
struct samples {
    static_assert(B >= 1, "espalier: samples: requires at least one sample. Write samples<32>. See docs/policies/partition.md.");
};
/// How many slots for micro-batches each rank has, which a thread of its own fills ahead while `fit` runs: over the borders of steps and
/// epochs, in the order of the plan. Use it where gathering samples takes time and there is a core to spare; it changes no bits.
template <int N>
struct prefetch {
    static_assert(N >= 1 && N <= max_slots,
                  "espalier: prefetch: requires 1 to 16 slots. Write prefetch<2>, or leave it away. See docs/policies/partition.md.");
};

namespace detail {
struct data_parallel_sizes {
    int lanes = 1, micro_batches = 1, samples = 0, prefetched_slots = 0;
    int unknown = 0;
};
template <class Option>
constexpr void read_option(data_parallel_sizes& s, Option const*) { ++s.unknown; }
template <int N>
constexpr void read_option(data_parallel_sizes& s, lanes<N> const*) { s.lanes = N; }
template <int N>
constexpr void read_option(data_parallel_sizes& s, micro_batches<N> const*) { s.micro_batches = N; }
template <int N>
constexpr void read_option(data_parallel_sizes& s, samples<N> const*) { s.samples = N; }
template <int N>
constexpr void read_option(data_parallel_sizes& s, prefetch<N> const*) { s.prefetched_slots = N; }

template <class... Options>
[[nodiscard]] constexpr data_parallel_sizes sizes_of() {
    data_parallel_sizes s;
    (read_option(s, static_cast<Options const*>(nullptr)), ...);
    return s;
}
}  // namespace detail

/// Data parallelism: `data_parallel<lanes<8>, micro_batches<2>, samples<32>>` in any order; lanes and micro-batches default to 1.
/// A step is lanes × micro_batches × samples samples, on any number of ranks from 1 to `lanes`, with the same bits.
/// With `prefetch<n>` as one more option each rank gathers its samples ahead.
/// @par Source    synchronous SGD over a fixed tree; see docs/explanation/same-bits.md
template <class... Options>
struct data_parallel {
    static constexpr auto sizes = detail::sizes_of<Options...>();
    static_assert(sizes.unknown == 0,
                  "espalier: data_parallel: requires lanes<L>, micro_batches<m>, samples<b> and prefetch<n> only. Remove other arguments. See docs/policies/partition.md.");
    static_assert(sizes.samples > 0,
                  "espalier: data_parallel: requires samples<b>. Say how many samples a micro-batch has, such as samples<32>. See docs/policies/partition.md.");

    /// The most ranks that this partition can use.
    static constexpr int max_ranks     = sizes.lanes;
    static constexpr int batch         = sizes.samples;
    static constexpr int plan_capacity = detail::plan_capacity(sizes.lanes, sizes.micro_batches);
    static constexpr int prefetched_slots = sizes.prefetched_slots;
    using plan_type                       = rank_plan<plan_capacity>;

    /// The plan of rank `rank` of `ranks` for training M.
    /// @par Ranks     local: every rank can compute every rank's plan
    template <Model M>
    [[nodiscard]] static constexpr plan_type plan(int ranks, int rank) {
        auto p = detail::make_data_parallel_plan<plan_capacity>(sizes.lanes, sizes.micro_batches, sizes.samples, ranks, rank, prefetched_slots);
        p.memory           = memory_of<M>(sizes.samples, p.gradient_buffers, p.slots());
        p.reduced_elements = gradient_elements<M>;
        p.sent_elements    = elements_sent_all_reduce(p.reduced_elements, ranks, rank, p.partials);
        return p;
    }

    /// @throws invalid_setting where a world of `ranks` does not fit
    static void check_ranks(int ranks) {
        if (ranks >= 1 && ranks <= max_ranks) return;
        throw invalid_setting{{.entity   = "data_parallel",
                               .required = joined("1 to ", max_ranks, " ranks, one lane a rank at least"),
                               .got      = joined("a world of ", ranks),
                               .fix      = joined("Start at most ", max_ranks, " ranks or raise lanes<", max_ranks, ">"),
                               .page     = "policies/partition.md"}};
    }
};

}  // namespace espalier

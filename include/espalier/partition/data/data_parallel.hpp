// SPDX-License-Identifier: BSL-1.0
/// @file
/// The data-parallel partition: every rank computes the whole network for some of the step's lanes. Its options are options.hpp.
#pragma once

#include <espalier/core/chunks.hpp>
#include <espalier/core/error.hpp>
#include <espalier/partition/data/make_plan.hpp>
#include <espalier/partition/data/options.hpp>
#include <espalier/partition/detail/chunked_partition.hpp>
#include <espalier/partition/plan/prove.hpp>

#include <type_traits>

namespace espalier {

namespace detail {

/// Every rank holds the whole model as one piece.
template <data_parallel_sizes Sizes>
struct whole_model_partition {
    /// The most ranks that this partition can use.
    static constexpr int max_ranks        = Sizes.lanes;
    static constexpr int batch            = Sizes.samples;
    static constexpr int plan_capacity    = detail::plan_capacity(Sizes.lanes, Sizes.micro_batches);
    static constexpr int prefetched_slots = Sizes.prefetched_slots;
    using plan_type                       = rank_plan<plan_capacity>;

    /// The plan of rank `rank` of `ranks` for training M.
    /// @par Ranks     local: every rank can compute every rank's plan
    template <Model M>
    [[nodiscard]] static constexpr plan_type plan(int ranks, int rank) {
        auto p = detail::make_data_parallel_plan<plan_capacity>(Sizes.lanes, Sizes.micro_batches, Sizes.samples, ranks, rank, prefetched_slots);
        p.memory           = memory_of<M>(Sizes.samples, p.gradient_buffers, p.slots());
        p.reduced_elements = gradient_elements<M>;
        p.sent_elements    = elements_sent_all_reduce(p.reduced_elements, ranks, rank, p.partials);
        return p;
    }

    /// @throws invalid_setting where a world of `ranks` does not fit
    static void check_ranks(int ranks) { detail::check_ranks(ranks, {.lanes = Sizes.lanes}); }
};

/// Where neither shards nor buckets are asked for, the plainest form.
template <data_parallel_sizes Sizes>
struct data_partition_of {
    using type = std::conditional_t<Sizes.zero == zero_stage::none && Sizes.buckets == 1, whole_model_partition<Sizes>, chunked_partition<Sizes, one_stage>>;
};

}  // namespace detail

/// Data parallelism: `data_parallel<lanes<8>, micro_batches<2>, samples<32>>` in any order; lanes and micro-batches default to 1.
/// A step is lanes × micro_batches × samples samples, on any number of ranks from 1 to `lanes`, with the same bits.
/// With `prefetch<n>` each rank gathers its samples ahead; with `zero<s>` it keeps shards; with `buckets<n>` gradients are reduced in parts.
/// @par Source    synchronous SGD over a fixed tree; see docs/explanation/same-bits.md
template <class... Options>
struct data_parallel : detail::data_partition_of<detail::sizes_of<Options...>()>::type {
    static constexpr auto sizes = detail::sizes_of<Options...>();
    static_assert(sizes.unknown == 0,
                  "espalier: data_parallel: requires lanes<L>, micro_batches<m>, samples<b>, prefetch<n>, zero<s> and buckets<n> only. Remove other arguments. See docs/policies/partition.md.");
    static_assert(sizes.samples > 0,
                  "espalier: data_parallel: requires samples<b>. Say how many samples a micro-batch has, such as samples<32>. See docs/policies/partition.md.");
};

}  // namespace espalier

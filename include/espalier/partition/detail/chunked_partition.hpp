// SPDX-License-Identifier: BSL-1.0
/// @file
/// A partition whose ranks hold chunks of the network: stages of a pipeline, shards of ZeRO, buckets of gradients, and all of them at
/// once. Which actions that takes is data/make_plan.hpp and pipeline/make_plan.hpp; here are the sizes of everything.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/nn/chunk_sizes.hpp>
#include <espalier/nn/tensor_blocks.hpp>
#include <espalier/optim/concepts.hpp>
#include <espalier/partition/data/options.hpp>
#include <espalier/partition/pipeline/make_plan.hpp>
#include <espalier/partition/pipeline/pipeline.hpp>
#include <espalier/partition/plan/buckets.hpp>
#include <espalier/partition/plan/slots.hpp>
#include <espalier/partition/plan/traffic.hpp>

namespace espalier::detail {

/// Numbers that travel with `share` before the sums of blocks: loss, its weight, how many ranks want to stop.
inline constexpr std::int64_t shared_facts = 3;

/// The chunks of a network, by number.
template <int Chunks>
struct chunk_table {
    int first_layer[Chunks + 1] = {};
    chunk_sizes item[Chunks]    = {};
};

template <class Network, int Chunks, class Pipeline>
[[nodiscard]] constexpr chunk_table<Chunks> make_chunk_table(std::int64_t batch, balance by) {
    chunk_table<Chunks> t;
    using cut = cut_of<typename Pipeline::cut, Network, Chunks>;
    static_assert(fits_or_says<typename cut::misfit>);
    auto const borders = cut::borders(by);
    auto const places  = network<Network>::chain::places(network<Network>::input, batch);
    for (int c = 0; c <= Chunks; ++c) t.first_layer[c] = borders.first[c];
    for (int c = 0; c < Chunks; ++c)
        t.item[c] = sizes_of_chunk<layers_of<Network>>(places, batch, t.first_layer[c], t.first_layer[c + 1], Pipeline::schedule::splits_backward && Pipeline::stages > 1);
    return t;
}

template <data_parallel_sizes Sizes, class Pipeline>
struct chunked_partition {
    using schedule = typename Pipeline::schedule;

    static constexpr bool is_chunked      = true;
    static constexpr int stages           = Pipeline::stages;
    static constexpr int chunks           = stages > 1 ? schedule::chunks : Sizes.buckets > 0 ? Sizes.buckets : 1;  ///< of a rank
    static constexpr int all_chunks       = chunks * stages;
    static constexpr bool splits_backward = stages > 1 && schedule::splits_backward;
    /// Whether plans post reductions, which go on while a rank computes.
    static constexpr bool posts_reductions = stages == 1 && chunks > 1;
    /// The most ranks that this partition can use, and what their number is a multiple of.
    static constexpr int max_ranks        = Sizes.lanes * stages;
    static constexpr int rank_multiple    = stages;
    static constexpr int batch            = Sizes.samples;
    static constexpr int prefetched_slots = Sizes.prefetched_slots;
    static_assert(stages == 1 || prefetched_slots == 0,
                  "espalier: mesh: requires that micro-batches are not loaded ahead in a pipeline. Remove prefetch<n>. See docs/policies/partition.md.");

private:
    static constexpr int most_micro_batches = Sizes.lanes * Sizes.micro_batches;

public:
    static constexpr int plan_capacity = stages > 1 ? stage_plan_capacity(Sizes.lanes, chunks, tasks_of<schedule>(most_micro_batches))
                                                    : detail::plan_capacity(Sizes.lanes, Sizes.micro_batches, chunks, zero_stage::parameters);
    using plan_type                    = rank_plan<plan_capacity, chunks>;

    /// Void, or the template that says why a network is not cut like this; the trainer asks before it makes a plan.
    template <class Network>
    using misfit = typename cut_of<typename Pipeline::cut, Network, all_chunks>::misfit;
    /// The chunks of a network for this partition.
    template <class Network>
    static constexpr chunk_table<all_chunks> table = make_chunk_table<Network, all_chunks, Pipeline>(batch, stages > 1 ? balance::cost : balance::parameters);

    /// The plan of rank `rank` of `ranks` for training M.
    /// @par Ranks     local: every rank can compute every rank's plan
    template <Model M>
    [[nodiscard]] static constexpr plan_type plan(int ranks, int rank) {
        plan_type p;
        p.ranks = ranks, p.rank = rank, p.stages = stages;
        p.lanes = Sizes.lanes, p.micro_batches = Sizes.micro_batches, p.samples = Sizes.samples;
        p.chunks = chunks, p.all_chunks = all_chunks, p.zero = Sizes.zero, p.prefetched_slots = prefetched_slots;
        p.mine = lanes_of(Sizes.lanes, p.replicas(), p.replica());
        describe_chunks<M>(p);
        if constexpr (stages > 1) {
            add_stage<schedule, Sizes.lanes, most_micro_batches>(p);
        } else {
            plan_maker<plan_capacity, chunks, Sizes.lanes> maker{p};
            maker.add_whole_model();
        }
        fill_memory<M>(p);
        p.sent_elements = elements_sent(p);
        return p;
    }

    /// @throws invalid_setting where a world of `ranks` does not fit
    static void check_ranks(int ranks) {
        if (ranks >= 1 && ranks <= max_ranks && ranks % stages == 0) return;
        if constexpr (stages == 1)
            throw invalid_setting{{.entity   = "data_parallel",
                                   .required = joined("1 to ", max_ranks, " ranks, one lane a rank at least"),
                                   .got      = joined("a world of ", ranks),
                                   .fix      = joined("Start at most ", max_ranks, " ranks or raise lanes<", Sizes.lanes, ">"),
                                   .page     = "policies/partition.md"}};
        throw invalid_setting{{.entity   = "mesh",
                               .required = joined("a multiple of ", stages, " ranks, one for each stage of the pipeline, up to ", max_ranks, ", one lane a replica at least"),
                               .got      = joined("a world of ", ranks),
                               .fix      = joined("Start ", stages, " ranks, or a multiple of it up to ", max_ranks),
                               .page     = "policies/partition.md"}};
    }

private:
    template <Model M>
    static constexpr void describe_chunks(plan_type& p) {
        using net            = network<typename M::network_type>;
        auto const& all      = table<typename M::network_type>;
        auto const blocks    = block_list{net::tensors}.count;
        p.shared_elements    = stages > 1 || has_shards(p) ? shared_facts + blocks : 0;
        p.measured_elements  = p.shared_elements > 0 && UsesTensorNorms<typename M::optimizer_type> ? 2 * blocks : 0;
        for (int i = 0; i < chunks; ++i) {
            chunk_plan& c    = p.chunk[i];
            c.number         = stages > 1 ? i * stages + p.stage() : i;
            bool const is_last = c.number == all_chunks - 1;
            auto const& s    = all.item[c.number];
            c.first_layer    = all.first_layer[c.number];
            c.last_layer     = all.first_layer[c.number + 1];
            c.loads_input    = c.number == 0 || s.reads_input;
            c.takes = s.takes, c.gives = s.gives, c.activations = s.activations;
            c.first_parameter = s.first_parameter, c.parameters = s.parameters;
            c.gradients       = s.parameters + (is_last ? gradient_tail_elements : 0);
            c.shard_first     = shard_border<net>(c, p.replicas(), p.replica());
            c.shard_last      = shard_border<net>(c, p.replicas(), p.replica() + 1);
            p.reduced_elements += c.gradients;
        }
    }
    [[nodiscard]] static constexpr bool has_shards(plan_type const& p) { return p.zero != zero_stage::none && p.replicas() > 1; }

public:
    /// Where shard `r` of `shards` of a chunk begins: at a border of blocks, and the tail goes with the last.
    template <class Net>
    [[nodiscard]] static constexpr std::int64_t shard_border(chunk_plan const& c, int shards, int r) {
        if (r <= 0) return 0;
        if (r >= shards) return c.gradients;
        return block_border(Net::tensors, c.first_parameter + c.parameters * r / shards) - c.first_parameter;
    }

private:
    template <Model M>
    static constexpr void fill_memory(plan_type& p) {
        using net       = network<typename M::network_type>;
        auto const& all = table<typename M::network_type>;
        auto const larger = [](std::int64_t& most, std::int64_t n) { most = n > most ? n : most; };
        std::int64_t parameters = 0, owned = 0, shards = 0, activations = 0, signal[2] = {}, local[2] = {}, scratch = 0, arrives = 0, leaves = 0, whole = 0;
        bool loads_input = false, loads_target = false;
        for (int i = 0; i < chunks; ++i) {
            chunk_plan const& c = p.chunk[i];
            chunk_sizes const& s = all.item[c.number];
            bool const is_first = c.number == 0, is_last = c.number == all_chunks - 1;
            parameters += c.parameters, owned += c.owned_parameters(), shards += c.shard_last - c.shard_first;
            if (stages == 1) activations += c.activations;
            for (int k : {0, 1}) larger(signal[k], s.signals[k]);
            larger(scratch, s.scratch), larger(whole, c.parameters);
            loads_input = loads_input || c.loads_input, loads_target = loads_target || is_last;
            if (is_first && is_last) continue;
            if (stages == 1) larger(local[c.number % 2], is_first ? 0 : aligned_elements(c.takes));
            if (stages > 1 && !is_first) larger(leaves, aligned_elements(c.takes));
            if (stages > 1 && !is_last) larger(arrives, aligned_elements(c.gives));
        }
        bool const shards_parameters = p.zero == zero_stage::parameters && p.replicas() > 1;
        std::int64_t const each[memory_plan::regions] = {
            shards_parameters ? owned : parameters,
            (has_shards(p) ? owned : parameters) * M::optimizer_type::states,
            loads_input ? aligned_elements(net::input.elements() * batch) * p.slots() : 0,
            loads_target ? aligned_elements(M::loss_type::target(net::output).elements() * batch) * p.slots() : 0,
            stages > 1 ? activation_places(p).elements() : activations,
            signal[0] + signal[1] + local[0] + local[1],
            scratch,
            p.shards_gradients ? shards : p.gradient_buffers * p.reduced_elements,
            stages > 1 ? box_places(p).elements() + arrives + leaves : 0,
            p.gathered_chunks == 0 ? 0 : p.gathered_chunks == 1 ? whole : parameters,
            p.shards_gradients ? bucket_elements(p) : 0,
        };
        p.memory.element_bytes = static_cast<int>(sizeof(typename M::precision_type::scalar));
        for (int i = 0; i < memory_plan::regions; ++i) {
            p.memory.item[i] = {static_cast<region_kind>(i), p.memory.elements, each[i]};
            p.memory.elements += each[i];
        }
    }
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A partition whose ranks hold chunks of the network: stages of a pipeline, shards of ZeRO, buckets of gradients, slices of layers, and all of
/// them at once. Which actions that takes is data/make_plan.hpp and pipeline/make_plan.hpp; here are the sizes of everything.
#pragma once

#include <espalier/nn/tensor_blocks.hpp>
#include <espalier/optim/concepts.hpp>
#include <espalier/partition/data/options.hpp>
#include <espalier/partition/detail/check_ranks.hpp>
#include <espalier/partition/detail/chunk_tables.hpp>
#include <espalier/partition/pipeline/make_plan.hpp>
#include <espalier/partition/pipeline/pipeline.hpp>
#include <espalier/partition/plan/buckets.hpp>
#include <espalier/partition/plan/slots.hpp>
#include <espalier/partition/plan/traffic.hpp>
#include <espalier/partition/tensor/cut_network.hpp>

#include <utility>

namespace espalier::detail {

/// Numbers that travel with `share` before the sums of blocks: loss, its weight, how many ranks want to stop.
inline constexpr std::int64_t shared_facts = 3;

/// Why a model is not cut like this: its layers into slices, or what a rank then has into chunks; void where it is.
template <class M, class Cut, class StageCut, int Chunks, class Misfit = tensor_misfit<M, Cut>>
struct misfit_of_cuts {
    using type = Misfit;
};
template <class M, class Cut, class StageCut, int Chunks>
struct misfit_of_cuts<M, Cut, StageCut, Chunks, void> {
    using type = typename cut_of<StageCut, typename cut_model<M, Cut>::network_type, Chunks>::misfit;
};

/// @tparam Cut `cut_over<ranks, slices, cuts_steps>`: the tensor axis
template <data_parallel_sizes Sizes, class Pipeline, class Cut = not_cut>
struct chunked_partition {
    using schedule = typename Pipeline::schedule;
    using cut      = Cut;
    /// What a rank trains of M: the sizes of everything are those of this model.
    template <class M>
    using local_model = cut_model<M, Cut>;

    static constexpr bool is_chunked      = true;
    static constexpr int stages           = Pipeline::stages;
    static constexpr int tensor_ranks     = Cut::value.ranks;
    static constexpr int chunks           = stages > 1 ? schedule::chunks : Sizes.buckets > 0 ? Sizes.buckets : 1;  ///< of a rank
    static constexpr int all_chunks       = chunks * stages;
    static constexpr bool splits_backward = stages > 1 && schedule::splits_backward;
    /// Whether plans post reductions, which go on while a rank computes.
    static constexpr bool posts_reductions = stages == 1 && chunks > 1;
    /// The most ranks that this partition can use, and what their number is a multiple of.
    static constexpr int max_ranks        = Sizes.lanes * stages * tensor_ranks;
    static constexpr int rank_multiple    = stages * tensor_ranks;
    static constexpr int batch            = Sizes.samples;
    static constexpr int prefetched_slots = Sizes.prefetched_slots;
    static_assert(stages == 1 || prefetched_slots == 0,
                  "espalier: mesh: requires that micro-batches are not loaded ahead in a pipeline. Remove prefetch<n>. See docs/policies/partition.md.");

private:
    static constexpr int most_micro_batches = Sizes.lanes * Sizes.micro_batches;

public:
    static constexpr int plan_capacity = (stages > 1 ? stage_plan_capacity(Sizes.lanes, chunks, tasks_of<schedule>(most_micro_batches))
                                                     : detail::plan_capacity(Sizes.lanes, Sizes.micro_batches, chunks, zero_stage::parameters)) +
                                         (tensor_ranks > 1 ? 2 * chunks * most_micro_batches : 0);  // exchanges
    using plan_type                    = rank_plan<plan_capacity, chunks>;

    /// Void, or the template that says why a network is not cut into chunks like this, and a model not into chunks of slices; the trainer asks
    /// before it makes a plan.
    template <class Network>
    using misfit = typename cut_of<typename Pipeline::cut, Network, all_chunks>::misfit;
    template <class M>
    using model_misfit = typename misfit_of_cuts<M, Cut, typename Pipeline::cut, all_chunks>::type;
    /// The chunks of a network for this partition; the network is one rank's.
    template <class Network>
    static constexpr chunk_table<all_chunks> table = make_chunk_table<Network, all_chunks, Pipeline>(batch, stages > 1 ? balance::cost : balance::parameters);

    /// What chunks exchange, on each rank of the tensor axis.
    template <class Local, int TensorRank>
    static constexpr chunk_exchanges<all_chunks> exchanges = exchanges_of_chunks<Local>(table<typename Local::network_type>, batch, tensor_ranks, TensorRank);

    /// The plan of rank `rank` of `ranks` for training M.
    /// @par Ranks     local: every rank can compute every rank's plan
    template <Model M>
    [[nodiscard]] static constexpr plan_type plan(int ranks, int rank) {
        using local = local_model<M>;
        plan_type p;
        p.ranks = ranks, p.rank = rank, p.stages = stages, p.tensor_ranks = tensor_ranks, p.slices = Cut::value.slices;
        p.lanes = Sizes.lanes, p.micro_batches = Sizes.micro_batches, p.samples = Sizes.samples;
        p.chunks = chunks, p.all_chunks = all_chunks, p.zero = Sizes.zero, p.prefetched_slots = prefetched_slots;
        p.mine = lanes_of(Sizes.lanes, p.replicas(), p.replica());
        describe_chunks<local>(p);
        if constexpr (tensor_ranks > 1) describe_exchanges<local>(p, std::make_integer_sequence<int, tensor_ranks>{});
        if constexpr (stages > 1) {
            add_stage<schedule, Sizes.lanes, most_micro_batches>(p);
        } else {
            plan_maker<plan_capacity, chunks, Sizes.lanes> maker{p};
            maker.add_whole_model();
        }
        fill_memory<local>(p);
        p.sent_elements = elements_sent(p);
        return p;
    }

    /// @throws invalid_setting where a world of `ranks` does not fit
    static void check_ranks(int ranks) {
        detail::check_ranks(ranks, {Sizes.lanes, stages, tensor_ranks});
    }

private:
    template <Model M>
    static constexpr void describe_chunks(plan_type& p) {
        using net            = network<typename M::network_type>;
        auto const& all      = table<typename M::network_type>;
        auto const blocks    = block_list{net::tensors}.count;
        p.shared_elements    = p.shares() ? shared_facts + blocks : 0;
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
    template <class Local, int... TensorRank>
    static constexpr void describe_exchanges(plan_type& p, std::integer_sequence<int, TensorRank...>) {
        chunk_exchanges<all_chunks> const* const of_rank[] = {&exchanges<Local, TensorRank>...};
        for (int i = 0; i < chunks; ++i)
            for (int direction : {0, 1}) {
                exchange_tally const& tally     = of_rank[p.tensor_rank()]->of[p.chunk[i].number][direction];
                p.chunk[i].exchanges[direction] = tally.times;
                p.chunk[i].exchanged[direction] = tally.sent;
            }
    }

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
            (p.has_shards() ? owned : parameters) * M::optimizer_type::states,
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

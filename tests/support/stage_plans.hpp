// SPDX-License-Identifier: BSL-1.0
/// @file
/// Plans of pipelines, and of ranks that compute all chunks, without a network: chunks that have sizes and no layers, all borders of another
/// size.
#pragma once

#include <espalier/partition/pipeline/make_plan.hpp>
#include <espalier/partition/pipeline/schedules/gpipe.hpp>
#include <espalier/partition/pipeline/schedules/interleaved.hpp>
#include <espalier/partition/pipeline/schedules/one_f_one_b.hpp>
#include <espalier/partition/pipeline/schedules/zb_h1.hpp>
#include <espalier/partition/plan/prove.hpp>
#include <espalier/partition/plan/traffic.hpp>

namespace espalier_test {

/// The sizes of a pipeline's step.
struct pipeline_sizes {
    int stages = 1, replicas = 1, lanes = 1, micro_batches = 1;
    espalier::zero_stage zero = espalier::zero_stage::none;
};

template <class S, int MaxMicroBatches, int TensorRanks = 1>
inline constexpr int stage_plan_capacity_of = espalier::detail::stage_plan_capacity(MaxMicroBatches, S::chunks, espalier::tasks_of<S>(MaxMicroBatches)) +
                                              (TensorRanks > 1 ? 2 * MaxMicroBatches * S::chunks : 0);
template <class S, int MaxMicroBatches, int TensorRanks = 1>
using stage_plan = espalier::rank_plan<stage_plan_capacity_of<S, MaxMicroBatches, TensorRanks>, S::chunks>;

/// Lets a plan say what its gradients take, the only memory of these plans.
template <class Plan>
constexpr void state_memory(Plan& p) {
    std::int64_t shards = 0, room = 0, before = 0;
    for (int c = 0; c < p.chunks; ++c) {
        shards += p.chunk[c].shard_last - p.chunk[c].shard_first;
        room   = before + p.chunk[c].gradients > room ? before + p.chunk[c].gradients : room;  // of two neighbours
        before = p.chunk[c].gradients;
    }
    p.memory.item[static_cast<int>(espalier::region_kind::gradients)].elements = p.shards_gradients ? shards : p.gradient_buffers * p.reduced_elements;
    p.memory.item[static_cast<int>(espalier::region_kind::bucket)].elements    = p.shards_gradients ? room : 0;
}

/// What the ranks of a tensor axis exchange: every chunk something on the way home, two of three something on the way out.
template <class Plan>
constexpr void state_exchanges(Plan const& p, espalier::chunk_plan& chunk) {
    if (p.tensor_ranks == 1) return;
    chunk.exchanges[0] = (chunk.number + 1) % 3, chunk.exchanges[1] = 1 + chunk.number % 2;
    for (int direction : {0, 1}) chunk.exchanged[direction] = chunk.exchanges[direction] * (20 + p.tensor_rank());
}

/// The plan of one rank. One stage computes all chunks, one after the other.
template <class S, int MaxMicroBatches, int TensorRanks = 1>
[[nodiscard]] constexpr auto stage_plan_of(pipeline_sizes const& sizes, int rank) {
    using namespace espalier;
    stage_plan<S, MaxMicroBatches, TensorRanks> p;
    p.ranks = sizes.stages * sizes.replicas * TensorRanks, p.rank = rank, p.stages = sizes.stages, p.tensor_ranks = p.slices = TensorRanks;
    p.lanes = sizes.lanes, p.micro_batches = sizes.micro_batches, p.zero = sizes.zero;
    p.mine       = lanes_of(sizes.lanes, sizes.replicas, p.replica());
    p.chunks     = S::chunks;
    p.all_chunks = S::chunks * sizes.stages;
    p.shared_elements = 100;
    for (int c = 0; c < p.chunks; ++c) {
        chunk_plan& chunk = p.chunk[c];
        chunk.number      = c * sizes.stages + p.stage();
        chunk.loads_input = chunk.number == 0;
        chunk.takes = 100 + chunk.number, chunk.gives = 101 + chunk.number;
        chunk.parameters = 1000 * (1 + chunk.number);
        chunk.gradients  = chunk.parameters + (chunk.number == p.all_chunks - 1 ? 16 : 0);
        chunk.shard_first = chunk.gradients * p.replica() / p.replicas(), chunk.shard_last = chunk.gradients * (p.replica() + 1) / p.replicas();
        p.reduced_elements += chunk.gradients;
        state_exchanges(p, chunk);
    }
    if (sizes.stages > 1) {
        detail::add_stage<S, MaxMicroBatches, MaxMicroBatches>(p);
    } else {
        detail::plan_maker<stage_plan_capacity_of<S, MaxMicroBatches, TensorRanks>, S::chunks, MaxMicroBatches> maker{p};
        maker.add_whole_model();
    }
    state_memory(p);
    p.sent_elements = elements_sent(p);
    return p;
}

template <class S, int MaxMicroBatches, int TensorRanks = 1>
[[nodiscard]] constexpr espalier::verdict prove_stages(pipeline_sizes const& sizes) {
    return espalier::prove(sizes.stages * sizes.replicas * TensorRanks, [&](int rank) { return stage_plan_of<S, MaxMicroBatches, TensorRanks>(sizes, rank); });
}

}  // namespace espalier_test

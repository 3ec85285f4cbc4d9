// SPDX-License-Identifier: BSL-1.0
/// @file
/// State of the made-up network (made_up_cut.hpp) on made-up layouts: each element of an array has a value of its own, which says where it
/// belongs. No trainer is needed to save it and to load it elsewhere.
#pragma once

#include "support/made_up_cut.hpp"
#include "support/ranks.hpp"

#include <espalier/checkpoint/memory.hpp>
#include <espalier/comm/threads.hpp>
#include <espalier/nn/tensor_blocks.hpp>
#include <espalier/train/detail/chunked_state.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace espalier_test {

/// K slices over T tensor ranks; the network's two layers are two chunks of every rank, or those of two stages.
template <int K, int T, int Stages = 1>
struct made_up_layout {
    using whole     = made_up_network<1, 1>;
    using local     = made_up_network<K, K / T>;
    using net       = espalier::network<local>;
    using plan_type = espalier::rank_plan<1, 2>;
    using state     = espalier::detail::chunked_state<local, float, whole>;

    template <class>
    static plan_type plan(int ranks, int rank, bool in_shards = false) {
        plan_type p;
        p.ranks = ranks, p.rank = rank, p.stages = Stages, p.tensor_ranks = T, p.slices = K;
        p.chunks = 2 / Stages, p.all_chunks = 2;
        std::int64_t const second = net::tensors.item[net::tensors.count / 2].offset;
        for (int c = 0; c < p.chunks; ++c) {
            auto& chunk           = p.chunk[c];
            chunk.number          = c + p.stage();
            chunk.first_parameter = chunk.number == 0 ? 0 : second;
            chunk.parameters      = chunk.number == 0 ? second : net::tensors.elements - second;
            chunk.gradients       = chunk.parameters;
            chunk.shard_first     = in_shards ? border(chunk, p.replicas(), p.replica()) : 0;
            chunk.shard_last      = in_shards ? border(chunk, p.replicas(), p.replica() + 1) : chunk.parameters;
        }
        return p;
    }
    static std::int64_t border(espalier::chunk_plan const& c, int replicas, int r) {
        if (r == replicas) return c.parameters;
        return espalier::block_border(net::tensors, c.first_parameter + c.parameters * r / replicas) - c.first_parameter;
    }
};
/// The same in shards over the replicas.
template <class Layout>
struct in_shards : Layout {
    template <class M>
    static auto plan(int ranks, int rank) { return Layout::template plan<M>(ranks, rank, true); }
};

/// What a rank has of an array.
template <class Layout>
struct made_up_rank {
    using held_array = espalier::detail::held_array<float>;

    typename Layout::plan_type plan;
    bool is_sharded;
    std::vector<std::vector<float>> chunk;

    made_up_rank(int ranks, int rank, bool sharded) : plan{Layout::template plan<void>(ranks, rank, sharded)}, is_sharded{sharded} {
        for (int c = 0; c < plan.chunks; ++c) chunk.emplace_back(static_cast<std::size_t>(plan.chunk[c].owned_parameters()), 0.0f);
    }
    /// Element i of the whole array is `first` + i; padding of all kinds is zero.
    static float value(std::int64_t position, int first) { return position < 0 ? 0.0f : static_cast<float>(first + position); }
    [[nodiscard]] std::vector<std::vector<float>> expected(int first) const {
        auto const at = positions_in_whole<typename Layout::local, typename Layout::whole>(plan.tensor_rank());
        auto all      = chunk;
        for (std::size_t c = 0; c < all.size(); ++c)
            for (std::size_t i = 0; i < all[c].size(); ++i)
                all[c][i] = value(at[static_cast<std::size_t>(owned(static_cast<int>(c)).first) + i], first);
        return all;
    }
    [[nodiscard]] held_array array(std::string prefix) {
        held_array a{std::move(prefix), {}, is_sharded};
        for (auto& c : chunk) a.chunk.push_back(c.data());
        return a;
    }
    [[nodiscard]] std::vector<espalier::detail::held_range<float>> ranges() {
        std::vector<espalier::detail::held_range<float>> all;
        for (int c = 0; c < plan.chunks; ++c) all.push_back({owned(c), chunk[static_cast<std::size_t>(c)].data()});
        return all;
    }

    // What chunked_state asks a part for.
    [[nodiscard]] espalier::flat_range owned(int c) const {
        auto const& k = plan.chunk[c];
        return {k.first_parameter + k.shard_first, k.first_parameter + k.shard_first + k.owned_parameters()};
    }
    [[nodiscard]] std::vector<std::int64_t> borders(int c, bool) const {
        std::vector<std::int64_t> all;
        for (int r = 0; r <= plan.replicas(); ++r) all.push_back(Layout::border(plan.chunk[c], plan.replicas(), r));
        return all;
    }
};

/// Saves two arrays, "" from 1 and "m." from −300,000 on, from every rank of a layout.
template <class Layout>
void save_made_up(espalier::checkpoint::memory const& place, int ranks, bool sharded) {
    auto const result = on_ranks<espalier::threads>(ranks, [&](espalier::threads& world) {
        auto mine = place;
        made_up_rank<Layout> weights{ranks, world.rank(), sharded}, moments{ranks, world.rank(), sharded};
        weights.chunk = weights.expected(1), moments.chunk = moments.expected(-300'000);
        auto const& plan = weights.plan;
        auto replicas    = world.split(plan.rank % (plan.ranks / plan.replicas()), plan.replica());
        espalier::detail::gathered_pieces pieces;
        Layout::state::add_pieces(weights, plan, replicas, weights.array(""), pieces);
        Layout::state::add_pieces(moments, plan, replicas, moments.array("m."), pieces);
        espalier::checkpoint::save_state(mine, world, 1, {}, pieces.item);
    });
    if (result.launched) std::rethrow_exception(result.launched);
}

/// How many ranks of a layout have another array than they should after loading.
template <class Layout>
[[nodiscard]] int wrong_after_load(espalier::checkpoint::memory const& place, int ranks, bool sharded) {
    auto const contents = espalier::checkpoint::verify_state(place, 1);
    int wrong           = 0;
    for (int r = 0; r < ranks; ++r) {
        made_up_rank<Layout> weights{ranks, r, sharded}, moments{ranks, r, sharded};
        Layout::state::load(place, contents, weights, weights.plan, weights.array(""));
        Layout::state::load(place, contents, moments, moments.plan, moments.array("m."));
        wrong += weights.chunk != weights.expected(1) || moments.chunk != moments.expected(-300'000);
    }
    return wrong;
}

}  // namespace espalier_test

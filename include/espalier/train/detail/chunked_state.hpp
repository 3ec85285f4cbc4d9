// SPDX-License-Identifier: BSL-1.0
/// @file
/// The state of ranks that hold chunks of a network, for checkpoints and for those who want the whole weights: which tensors a rank
/// writes, what it reads, and how shards are brought together for it.
#pragma once

#include <espalier/checkpoint/load_state.hpp>
#include <espalier/checkpoint/save_state.hpp>
#include <espalier/train/detail/run_state.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <vector>

namespace espalier::detail {

/// One array of the parameters' size as a rank holds it: chunk by chunk, whole or as a shard.
template <class T>
struct held_array {
    std::string prefix;      ///< of its tensors' names
    std::vector<T*> chunk;   ///< where each of this rank's chunks, or its shard of it, begins
    bool is_sharded = false;
};

/// Pieces for a checkpoint, and memory for those that had to be brought together.
struct gathered_pieces {
    std::vector<checkpoint::tensor_piece> item;
    std::list<std::vector<std::byte>> memory;
};

template <class Network, class T>
class chunked_state {
public:
    /// A chunk's tensors, as if its parameters began at `chunk`.
    [[nodiscard]] static std::vector<checkpoint::named_tensor> tensors_of(chunk_plan const& c, T const* chunk, std::string const& prefix) {
        std::vector<checkpoint::named_tensor> out;
        for (tensor_entry const& t : network<Network>::tensors.item)
            if (t.offset >= c.first_parameter && t.offset < c.first_parameter + c.parameters)
                out.push_back(checkpoint::as_tensor(prefix + std::string{t.name.view()}, t.extents, chunk + (t.offset - c.first_parameter)));
        return out;
    }

    /// What this rank writes of an array: the tensors of its chunks, dealt to the replicas that hold them.
    /// @par Ranks     collective among the replicas where the array is sharded
    template <class Part, class Plan, class C>
    static void add_pieces(Part const& part, Plan const& plan, C& replicas, held_array<T> const& array, gathered_pieces& out) {
        for (int c = 0; c < plan.chunks; ++c) {
            T const* const held = array.chunk[static_cast<std::size_t>(c)];
            if (!array.is_sharded) {
                append(own_pieces(tensors_of(plan.chunk[c], held, array.prefix), plan.replicas(), plan.replica()), out);
                continue;
            }
            auto const whole = brought_together(part, plan, replicas, c, held);
            for (auto piece : own_pieces(tensors_of(plan.chunk[c], whole.data(), array.prefix), plan.replicas(), plan.replica())) {
                out.memory.emplace_back(piece.bytes.begin(), piece.bytes.end());
                piece.bytes = out.memory.back();
                out.item.push_back(std::move(piece));
            }
        }
    }

    /// Reads an array of this rank's chunks.
    template <class Place, class Part, class Plan>
    static void load(Place const& place, checkpoint::manifest const& contents, Part const& part, Plan const& plan, held_array<T> const& array) {
        for (int c = 0; c < plan.chunks; ++c) {
            T* const held = array.chunk[static_cast<std::size_t>(c)];
            if (!array.is_sharded) {
                checkpoint::load_state(place, contents, all_wanted(tensors_of(plan.chunk[c], held, array.prefix)));
                continue;
            }
            std::vector<T> whole(static_cast<std::size_t>(plan.chunk[c].parameters), T{0});
            checkpoint::load_state(place, contents, all_wanted(tensors_of(plan.chunk[c], whole.data(), array.prefix)));
            auto const owned = part.owned(c);
            std::copy_n(whole.data() + (owned.first - plan.chunk[c].first_parameter), owned.last - owned.first, held);
        }
    }

    /// The whole array of the network on every rank, as one flat array.
    /// @par Ranks     collective over `world`
    template <class P, class M, class C>
    [[nodiscard]] static std::vector<T> everywhere(C& world, std::vector<T*> const& mine, bool is_sharded) {
        std::vector<T> whole(static_cast<std::size_t>(network<Network>::tensors.elements), T{0});
        for (int r = 0; r < world.size(); ++r) {
            auto const its = P::template plan<M>(world.size(), r);
            for (int c = 0; c < its.chunks && (is_sharded || its.replica() == 0); ++c) {
                chunk_plan const& k      = its.chunk[c];
                std::int64_t const first = k.first_parameter + (is_sharded ? std::min(k.shard_first, k.parameters) : 0);
                std::int64_t const n     = is_sharded ? k.owned_parameters() : k.parameters;
                if (n == 0) continue;
                if (r == world.rank()) std::copy_n(mine[static_cast<std::size_t>(c)], n, whole.data() + first);
                world.broadcast(whole.data() + first, n, r);
            }
        }
        return whole;
    }

private:
    static void append(std::vector<checkpoint::tensor_piece> more, gathered_pieces& out) {
        for (auto& piece : more) out.item.push_back(std::move(piece));
    }
    template <class Part, class Plan, class C>
    [[nodiscard]] static std::vector<T> brought_together(Part const& part, Plan const& plan, C& replicas, int c, T const* shard) {
        std::vector<T> whole(static_cast<std::size_t>(plan.chunk[c].parameters), T{0});
        auto const borders = part.borders(c, true);
        auto const r       = static_cast<std::size_t>(plan.replica());
        std::copy_n(shard, borders[r + 1] - borders[r], whole.data() + borders[r]);
        replicas.all_gather(whole.data(), borders);
        return whole;
    }
};

}  // namespace espalier::detail

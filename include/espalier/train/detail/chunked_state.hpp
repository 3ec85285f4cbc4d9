// SPDX-License-Identifier: BSL-1.0
/// @file
/// The state of ranks that hold chunks of a network, for checkpoints and for those who want the whole weights: which tensors, and which
/// parts of cut ones, a rank writes, what it reads, and how shards are brought together for it.
#pragma once

#include <espalier/checkpoint/load_state.hpp>
#include <espalier/checkpoint/save_state.hpp>
#include <espalier/nn/common_runs.hpp>
#include <espalier/train/detail/cut_pieces.hpp>
#include <espalier/train/detail/place_of.hpp>
#include <espalier/train/detail/run_state.hpp>
#include <espalier/train/detail/whole_part.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace espalier::detail {

/// One array of the parameters' size as a rank holds it: chunk by chunk, whole or as a shard.
template <class T>
struct held_array {
    std::string prefix;      ///< of its tensors' names
    std::vector<T*> chunk;   ///< where each of this rank's chunks, or its shard of it, begins
    bool is_sharded = false;
};

/// @tparam Local what a rank computes
/// @tparam Whole the whole network, whose tensors are named in checkpoints; another than `Local` where there is a tensor axis
template <class Local, class T, class Whole = Local>
class chunked_state {
public:
    /// What this rank writes of an array: the tensors of its chunks, dealt to the ranks that hold them.
    /// @par Ranks     collective among the replicas where the array is sharded
    template <class Part, class Plan, class C>
    ESPALIER_COLD() static void add_pieces(Part const& part, Plan const& plan, C& replicas, held_array<T> const& array, gathered_pieces& out) {
        for (int c = 0; c < plan.chunks; ++c) {
            T const* const held = array.chunk[static_cast<std::size_t>(c)];
            if (!array.is_sharded) {
                add_chunk(plan, plan.chunk[c], held, array.prefix, out);
                continue;
            }
            auto const whole = brought_together(part, plan, replicas, c, held);
            gathered_pieces mine;
            add_chunk(plan, plan.chunk[c], whole.data(), array.prefix, mine);
            for (auto& piece : mine.item) {
                out.memory.emplace_back(piece.bytes.begin(), piece.bytes.end());
                piece.bytes = out.memory.back();
                out.item.push_back(std::move(piece));
            }
        }
    }

    /// Reads an array of this rank's chunks.
    template <class Place, class Part, class Plan>
    ESPALIER_COLD() static void load(Place const& place, checkpoint::manifest const& contents, Part const& part, Plan const& plan, held_array<T> const& array) {
        for (int c = 0; c < plan.chunks; ++c) {
            T* const held = array.chunk[static_cast<std::size_t>(c)];
            if (!array.is_sharded) {
                load_chunk(place, contents, plan, plan.chunk[c], held, array.prefix);
                continue;
            }
            std::vector<T> whole(static_cast<std::size_t>(plan.chunk[c].parameters), T{0});
            load_chunk(place, contents, plan, plan.chunk[c], whole.data(), array.prefix);
            auto const owned = part.owned(c);
            std::copy_n(whole.data() + (owned.first - plan.chunk[c].first_parameter), owned.last - owned.first, held);
        }
    }

    /// The whole array of the whole network on every rank, as one flat array.
    /// @tparam P the partition, and M the model that it is given
    /// @par Ranks     collective over `world`
    template <class P, class M, class C>
    [[nodiscard]] ESPALIER_COLD() static std::vector<T> everywhere(C& world, std::vector<T*> const& mine, bool is_sharded) {
        std::vector<T> whole(static_cast<std::size_t>(network<Whole>::tensors.elements), T{0}), held;
        for (int r = 0; r < world.size(); ++r) {
            auto const its = P::template plan<M>(world.size(), r);
            for (int c = 0; c < its.chunks && (is_sharded || its.replica() == 0); ++c) {
                chunk_plan const& k      = its.chunk[c];
                std::int64_t const first = k.first_parameter + (is_sharded ? std::min(k.shard_first, k.parameters) : 0);
                std::int64_t const n     = is_sharded ? k.owned_parameters() : k.parameters;
                if (n == 0) continue;
                held.resize(static_cast<std::size_t>(n));
                if (r == world.rank()) std::copy_n(mine[static_cast<std::size_t>(c)], n, held.data());
                world.broadcast(held.data(), n, r);
                for_each_common_run<Local, Whole>({first, first + n}, place_of(its), [&](std::int64_t from, std::int64_t to, std::int64_t count) {
                    std::copy_n(held.data() + from, count, whole.data() + to);
                });
            }
        }
        return whole;
    }

    /// Takes this rank's ranges out of the flat array of the whole network.
    ESPALIER_COLD() static void take(T const* whole, std::vector<held_range<T>> const& ranges, plan_facts const& plan) {
        for (auto const& held : ranges)
            for_each_common_run<Local, Whole>(held.elements, place_of(plan), [&](std::int64_t to, std::int64_t from, std::int64_t count) {
                std::copy_n(whole + from, count, held.data + to);
            });
    }

private:
    [[nodiscard]] static bool is_in(tensor_entry const& t, chunk_plan const& c) noexcept {
        return t.offset >= c.first_parameter && t.offset < c.first_parameter + c.parameters;
    }
    /// A chunk's tensors that are not cut, as if its parameters began at `chunk`.
    [[nodiscard]] ESPALIER_COLD() static std::vector<checkpoint::named_tensor> uncut_tensors(chunk_plan const& c, T const* chunk, std::string const& prefix) {
        std::vector<checkpoint::named_tensor> out;
        for (tensor_entry const& t : network<Local>::tensors.item)
            if (t.cut.slices == 1 && is_in(t, c))
                out.push_back(checkpoint::as_tensor(prefix + std::string{t.name.view()}, t.extents, chunk + (t.offset - c.first_parameter)));
        return out;
    }
    /// What this rank has of its tensors that are cut.
    template <class Scalar>
    [[nodiscard]] ESPALIER_COLD() static std::vector<held_slices<Scalar>> cut_tensors(plan_facts const& plan, chunk_plan const& c, Scalar* chunk,
                                                                                        std::string const& prefix) {
        return slices_of<Local>(place_of(plan), prefix, [&](tensor_entry const& t) { return is_in(t, c) ? chunk + (t.offset - c.first_parameter) : nullptr; });
    }

    /// Tensors that are not cut are held by all ranks of the stage, slices by the replicas of this rank.
    ESPALIER_COLD() static void add_chunk(plan_facts const& plan, chunk_plan const& c, T const* chunk, std::string const& prefix, gathered_pieces& out) {
        append(own_pieces(uncut_tensors(c, chunk, prefix), plan.replicas() * plan.tensor_ranks, plan.replica() * plan.tensor_ranks + plan.tensor_rank()), out);
        gathered_pieces cut;
        for (auto const& slices : cut_tensors(plan, c, chunk, prefix)) slices.add_pieces(cut);
        append(own_pieces(cut.item, plan.replicas(), plan.replica()), out);
        out.memory.splice(out.memory.end(), cut.memory);
    }
    template <class Place>
    ESPALIER_COLD() static void load_chunk(Place const& place, checkpoint::manifest const& contents, plan_facts const& plan, chunk_plan const& c, T* chunk,
                           std::string const& prefix) {
        auto wanted    = all_wanted(uncut_tensors(c, chunk, prefix));
        auto const cut = cut_tensors(plan, c, chunk, prefix);
        std::list<std::vector<T>> memory;
        for (auto const& slices : cut) slices.add_wanted(wanted, memory);
        checkpoint::load_state(place, contents, wanted);
        auto next = memory.cbegin();
        for (auto const& slices : cut) slices.settle(next);
    }
    static void append(std::vector<checkpoint::tensor_piece> more, gathered_pieces& out) {
        for (auto& piece : more) out.item.push_back(std::move(piece));
    }
    template <class Part, class Plan, class C>
    [[nodiscard]] ESPALIER_COLD() static std::vector<T> brought_together(Part const& part, Plan const& plan, C& replicas, int c, T const* shard) {
        std::vector<T> whole(static_cast<std::size_t>(plan.chunk[c].parameters), T{0});
        auto const borders = part.borders(c, true);
        auto const r       = static_cast<std::size_t>(plan.replica());
        std::copy_n(shard, borders[r + 1] - borders[r], whole.data() + borders[r]);
        replicas.all_gather(whole.data(), borders);
        return whole;
    }
};

}  // namespace espalier::detail

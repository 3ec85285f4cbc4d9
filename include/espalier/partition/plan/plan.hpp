// SPDX-License-Identifier: BSL-1.0
/// @file
/// The plan of one rank for one step: a value that is made, proved, explained and run. Memory and traffic are part of it.
#pragma once

#include <espalier/core/lane_tree.hpp>
#include <espalier/partition/plan/action.hpp>
#include <espalier/partition/plan/memory.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace espalier {

/// The most slots that a plan's micro-batches can be loaded into.
inline constexpr int max_slots = 16;

/// How many slots of the plans of partition P are filled ahead by a thread beside the rank's own; 0, where P does not say: none.
template <class P>
inline constexpr int prefetched_slots = 0;
template <class P>
    requires requires { P::prefetched_slots; }
inline constexpr int prefetched_slots<P> = P::prefetched_slots;

/// What the number of ranks of a partition P is a multiple of: stages of a pipeline, each of so many tensor ranks; 1, where P does not say.
template <class P>
inline constexpr int rank_multiple = 1;
template <class P>
    requires requires { P::rank_multiple; }
inline constexpr int rank_multiple<P> = P::rank_multiple;

/// A partial sum that a rank contributes: which lanes it covers and in which gradient buffer it stands.
struct partial_sum {
    lane_range lanes;
    int buffer = -1;
};

/// How gradients, optimizer state and parameters are spread over the replicas of a model: the stages of ZeRO.
enum class zero_stage : unsigned char {
    none,             ///< each replica holds everything
    optimizer_state,  ///< 1: each holds, and updates, a shard of the optimizer state
    gradients,        ///< 2: and no more than its shard of the sums of gradients, where it computes one lane of one micro-batch
    parameters,       ///< 3: and a shard of the parameters, gathered chunk by chunk where they are used
};

/// One of a rank's chunks of the network: consecutive layers, and how much of everything they need.
struct chunk_plan {
    int number      = 0;  ///< in the network, 0 … rank_plan::all_chunks − 1
    int first_layer = 0;
    int last_layer  = 0;  ///< one past
    bool loads_input        = true;      ///< its layers read the network's input: as their own, or beside it
    std::int64_t takes      = 0;  ///< elements of a micro-batch at its input
    std::int64_t gives      = 0;  ///< and at its output
    std::int64_t first_parameter = 0;  ///< in the network's flat array
    std::int64_t parameters = 0;  ///< elements, padding included
    std::int64_t gradients  = 0;  ///< of one buffer: as many, and the tail in the last chunk
    std::int64_t activations = 0; ///< elements of one slot
    std::int64_t shard_first = 0, shard_last = 0;  ///< which of its gradients this rank owns once they are reduced
    int exchanges[2]          = {};  ///< among the ranks of a tensor axis, in one pass each way; none where a rank is alone
    std::int64_t exchanged[2] = {};  ///< elements that this rank sends in them

    /// Parameters among the gradients that this rank owns.
    [[nodiscard]] constexpr std::int64_t owned_parameters() const noexcept {
        std::int64_t const last = shard_last < parameters ? shard_last : parameters;
        return last > shard_first ? last - shard_first : 0;
    }
};

/// What a plan says beside its actions and its chunks.
struct plan_facts {
    int ranks         = 1;
    int rank          = 0;
    int stages        = 1;  ///< of the pipeline
    int tensor_ranks  = 1;  ///< that compute a stage together: rank = (replica · stages + stage) · tensor_ranks + tensor rank
    int slices        = 1;  ///< into which they cut its layers, a multiple of tensor_ranks
    int all_chunks    = 1;  ///< of the network
    int lanes         = 1;  ///< of the whole step
    int micro_batches = 1;  ///< a lane
    int samples       = 1;  ///< a micro-batch
    lane_range mine;

    int count  = 0;  ///< actions
    int chunks = 1;  ///< of this rank

    partial_sum partial[max_subtrees] = {};
    int partials                      = 0;
    int gradient_buffers              = 1;

    zero_stage zero          = zero_stage::none;
    bool shards_gradients    = false;  ///< a buffer holds one chunk at a time, and what is kept is a shard
    int activation_slots     = 1;      ///< for micro-batches in flight; in a pipeline the rank's chunks take from one pool, else each has its own
    int received_boxes       = 0;      ///< for inputs of chunks that other ranks send
    int gathered_chunks      = 0;      ///< whose whole parameters can be held at a time; 0: parameters are always whole
    std::int64_t shared_elements   = 0;  ///< that `share` adds up among all ranks
    std::int64_t measured_elements = 0;  ///< and `measure`; 0: the optimizer needs no norms

    int prefetched_slots = 0;  ///< filled ahead, in the order of the loads and in turn; 0: one slot, filled by the load action
    int loads            = 0;  ///< of a step
    int load_slots       = 1;  ///< that the load action fills

    memory_plan memory;
    std::int64_t reduced_elements = 0;  ///< of a gradient buffer, tail included
    std::int64_t sent_elements    = 0;  ///< by this rank in a step

    [[nodiscard]] constexpr int tensor_rank() const noexcept { return rank % tensor_ranks; }
    [[nodiscard]] constexpr int stage() const noexcept { return rank / tensor_ranks % stages; }
    [[nodiscard]] constexpr int replica() const noexcept { return rank / (tensor_ranks * stages); }
    [[nodiscard]] constexpr int replicas() const noexcept { return ranks / (tensor_ranks * stages); }
    /// Whether replicas own shards of what they hold.
    [[nodiscard]] constexpr bool has_shards() const noexcept { return zero != zero_stage::none && replicas() > 1; }
    /// Whether a rank updates a part of the model, so that all must tell each other of their sums before.
    [[nodiscard]] constexpr bool shares() const noexcept { return stages * tensor_ranks > 1 || has_shards(); }
    /// The rank of this tensor rank `distance` stages on in the same replica; after the last stage comes the first.
    [[nodiscard]] constexpr int rank_of_stage(int distance) const noexcept {
        return rank + ((stage() + distance + stages) % stages - stage()) * tensor_ranks;
    }
    [[nodiscard]] constexpr int slots() const noexcept { return prefetched_slots > 0 ? prefetched_slots : load_slots; }
    /// Where slot 0 of the plan lies in a step: slots are used in turn, over the borders of steps.
    /// ```
    ///   3 loads a step, 2 slots      step 1   0 1 0   step 2   1 0 1   step 3   0 1 0
    /// ```
    /// @param step from 1
    [[nodiscard]] constexpr int first_slot(std::int64_t step) const noexcept { return static_cast<int>((step - 1) * loads % slots()); }
    /// The slot of an action in a step.
    [[nodiscard]] constexpr int slot_of(action const& a, std::int64_t step) const noexcept { return (first_slot(step) + a.slot) % slots(); }

    /// Samples that one step consumes, over all ranks.
    [[nodiscard]] constexpr std::int64_t samples_per_step() const noexcept {
        return std::int64_t{lanes} * micro_batches * samples;
    }
};

/// What one rank does in one step.
/// C arrays and plain numbers, so that the whole value is cheap to make at compile time.
/// @tparam Chunks the most chunks that a rank has
template <int Capacity, int Chunks = 1>
struct rank_plan : plan_facts {
    action item[Capacity]    = {};
    chunk_plan chunk[Chunks] = {};

    constexpr void add(action a) {
        item[count++] = a;
        if (a.kind == action_kind::load) ++loads;
    }
    [[nodiscard]] constexpr int max_load_slots() const noexcept { return prefetched_slots > 0 ? max_slots : Capacity; }
};

/// A plan of any capacity, for who looks at plans when the program runs: it refers to the plan's actions and chunks.
struct plan_view : plan_facts {
    action const* item      = nullptr;
    chunk_plan const* chunk = nullptr;

    plan_view() = default;
    template <int Capacity, int Chunks>
    plan_view(rank_plan<Capacity, Chunks> const& plan) : plan_facts{plan}, item{plan.item}, chunk{plan.chunk} {}
};

/// Views of the plans of all ranks, which must outlive them.
template <int Capacity, int Chunks>
[[nodiscard]] std::vector<plan_view> views_of(std::span<rank_plan<Capacity, Chunks> const> plans) {
    return {plans.begin(), plans.end()};
}

}  // namespace espalier

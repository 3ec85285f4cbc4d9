// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a rank holds that computes chunks of the network: where each chunk's parameters, gradients, activations and messages lie, and the
/// passes through it. It sends nothing; the interpreter (replica.hpp) does.
#pragma once

#include <espalier/math/backend.hpp>
#include <espalier/models/model.hpp>
#include <espalier/nn/model_chunk.hpp>
#include <espalier/partition/detail/chunked_partition.hpp>
#include <espalier/train/detail/whole_part.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace espalier::detail {

template <Model M, class P>
class chunked_part {
public:
    using scalar    = typename M::precision_type::scalar;
    using plan_type = typename P::plan_type;
    using net       = network<typename M::network_type>;

    /// Sets one arithmetic thread for the calling thread, which must be the one that trains.
    ESPALIER_COLD() explicit chunked_part(plan_type const& plan) : plan_{plan}, slots_{plan.slots()}, activation_slots_{activation_places(plan)}, boxes_{box_places(plan)} {
        math::use_one_thread();
        std::int64_t activations = 0, parameters = 0, owned = 0, gradients = 0, shards = 0, bucket = bucket_elements(plan);
        for (int i = 0; i < plan.chunks; ++i) {
            chunk_plan const& c = plan.chunk[i];
            chunk_.emplace_back(std::type_identity<typename M::network_type>{}, c.first_layer, c.last_layer, P::batch, P::splits_backward,
                                direction::forward_and_backward);
            first_.push_back({activations, parameters, owned, gradients, shards, plan.shards_gradients ? bucket_first(plan, bucket, i) : 0});
            activations += c.activations, parameters += c.parameters, owned += c.owned_parameters(), gradients += c.gradients, shards += c.shard_last - c.shard_first;
            if (P::stages > 1 && c.number < plan.all_chunks - 1) arriving_ = std::max(arriving_, aligned_elements(c.gives));
            if (P::stages == 1 && i > 0 && i % 2 == 0) local_[0] = std::max(local_[0], aligned_elements(c.takes));
            auto const& s = chunk_.back().sizes();
            for (int k : {0, 1}) signal_[k] = std::max(signal_[k], s.signals[k]);
        }
        for (int i = 0; i < 2 * plan.chunks; ++i) borders_.push_back(borders_of(plan.chunk[i / 2], i % 2 == 1));
        owned_ = owned, gradients_ = gradients, parameters_ = parameters;
    }
    void lie_at(scalar* base) noexcept { base_ = base; }
    /// What cut layers exchange through; null where none are cut.
    void exchange_through(tensor_exchange<scalar>* exchange) noexcept { exchange_ = exchange; }

    [[nodiscard]] scalar* region(region_kind kind) const noexcept { return base_ + plan_.memory.of(kind).first; }
    [[nodiscard]] scalar* input(int slot) const noexcept { return region(region_kind::input) + slot * (plan_.memory.of(region_kind::input).elements / slots_); }
    [[nodiscard]] scalar* target(int slot) const noexcept { return region(region_kind::target) + slot * (plan_.memory.of(region_kind::target).elements / slots_); }
    [[nodiscard]] int slot(plan_type const& plan, action const& a, std::int64_t step) const noexcept { return plan.slot_of(a, step); }
    /// Whether this rank loads inputs, and targets.
    [[nodiscard]] bool has_input() const noexcept { return plan_.memory.of(region_kind::input).elements > 0; }
    [[nodiscard]] bool has_target() const noexcept { return plan_.memory.of(region_kind::target).elements > 0; }
    /// Whether a chunk of this rank's is the network's last.
    [[nodiscard]] bool ends_with(int chunk) const noexcept { return plan_.chunk[chunk].number == plan_.all_chunks - 1; }

    [[nodiscard]] std::int64_t gradient_elements(int chunk) const noexcept { return plan_.chunk[chunk].gradients; }
    [[nodiscard]] scalar* gradients(int chunk, int buffer) const noexcept {
        if (plan_.shards_gradients) return region(region_kind::bucket) + first(chunk).bucket;
        return region(region_kind::gradients) + buffer * gradients_ + first(chunk).gradients;
    }
    /// Of the last chunk, which this rank then has as its own last.
    [[nodiscard]] scalar* tail(int buffer) const noexcept { return gradients(plan_.chunks - 1, buffer) + plan_.chunk[plan_.chunks - 1].parameters; }
    /// A rank's shard of the reduced gradients of a chunk.
    [[nodiscard]] scalar* gradient_shard(int chunk) const noexcept {
        if (plan_.shards_gradients) return region(region_kind::gradients) + first(chunk).shards;
        return gradients(chunk, 0) + plan_.chunk[chunk].shard_first;
    }
    /// The tail of the reduced gradients, on the rank whose shard has it.
    [[nodiscard]] scalar* shard_tail() const noexcept {
        chunk_plan const& c = plan_.chunk[plan_.chunks - 1];
        return gradient_shard(plan_.chunks - 1) + (c.parameters - c.shard_first);
    }
    /// A chunk's whole parameters: where they are used.
    [[nodiscard]] scalar* parameters(int chunk) const noexcept {
        if (plan_.gathered_chunks == 0) return region(region_kind::parameters) + first(chunk).parameters;
        return region(region_kind::gathered) + (plan_.gathered_chunks == 1 ? 0 : first(chunk).parameters);
    }
    /// A rank's shard of a chunk's parameters: where they are kept.
    [[nodiscard]] scalar* parameter_shard(int chunk) const noexcept {
        if (plan_.gathered_chunks > 0) return region(region_kind::parameters) + first(chunk).owned;
        return parameters(chunk) + plan_.chunk[chunk].shard_first;
    }
    /// What this rank owns of a chunk's parameters, and of its reduced gradients.
    [[nodiscard]] scalar* owned_parameters(int chunk) const noexcept { return has_shards() ? parameter_shard(chunk) : parameters(chunk); }
    [[nodiscard]] scalar const* owned_gradients(int chunk) const noexcept { return has_shards() ? gradient_shard(chunk) : gradients(chunk, 0); }
    [[nodiscard]] bool has_shards() const noexcept { return plan_.zero != zero_stage::none && plan_.replicas() > 1; }

    /// @return the output
    scalar* forward(action const& a, int slot, sampling const& draw) {
        return chunk_[index(a.chunk)].forward(pass(a, slot, draw));
    }
    [[nodiscard]] scalar* output(action const& a) const noexcept { return chunk_[index(a.chunk)].output(activations(a)); }
    [[nodiscard]] scalar* loss_signal(action const& a) const noexcept {
        return P::splits_backward ? chunk_[index(a.chunk)].retained_signal(activations(a)) : signal(0);
    }
    void backward(action const& a, int slot, sampling const& draw) {
        auto& chunk           = chunk_[index(a.chunk)];
        auto const p          = pass(a, slot, draw);
        scalar* const g       = gradients(a.chunk, a.buffer);
        scalar const* const dy = ends_with(a.chunk) ? loss_signal(a) : P::stages > 1 ? arriving() : local(a.chunk + 1);
        scalar* const dx       = plan_.chunk[a.chunk].number == 0 ? nullptr : P::stages > 1 ? leaving() : local(a.chunk);
        if (a.kind == action_kind::backward) chunk.backward(p, g, {signal(0), signal(1)}, dy, dx);
        else if (a.kind == action_kind::backward_input) chunk.backward_input(p, g, dy, dx);
        else chunk.backward_weights(p, g);
    }

    /// Where messages lie.
    [[nodiscard]] scalar* box(int i) const noexcept { return region(region_kind::received) + boxes_.first[i]; }
    [[nodiscard]] scalar* arriving() const noexcept { return region(region_kind::received) + boxes_.elements(); }
    [[nodiscard]] scalar* leaving() const noexcept { return arriving() + arriving_; }

    void pack() {
        for (int c = 0; c < plan_.chunks && plan_.gathered_chunks == 0; ++c) pack(c);
    }
    void pack(int chunk) { chunk_[index(chunk)].pack(parameters(chunk)); }
    [[nodiscard]] std::size_t workspace_bytes() const {
        std::size_t bytes = 0;
        for (auto const& c : chunk_) bytes += c.workspace_bytes();
        return bytes;
    }

    /// What this rank owns of a chunk's parameters, in the network's flat array.
    [[nodiscard]] flat_range owned(int chunk) const noexcept {
        chunk_plan const& c      = plan_.chunk[chunk];
        std::int64_t const first = c.first_parameter + (has_shards() ? std::min(c.shard_first, c.parameters) : 0);
        return {first, first + (has_shards() ? c.owned_parameters() : c.parameters)};
    }
    [[nodiscard]] ESPALIER_COLD() std::vector<held_range<scalar>> weights() const {
        std::vector<held_range<scalar>> all;
        for (int c = 0; c < plan_.chunks; ++c) {
            chunk_plan const& k = plan_.chunk[c];
            if (plan_.gathered_chunks > 0) all.push_back({owned(c), parameter_shard(c)});
            else all.push_back({{k.first_parameter, k.first_parameter + k.parameters}, parameters(c)});
        }
        return all;
    }
    [[nodiscard]] ESPALIER_COLD() std::vector<held_range<scalar>> state(int i) const {
        std::vector<held_range<scalar>> all;
        for (int c = 0; c < plan_.chunks; ++c) all.push_back({owned(c), state(c, i)});
        return all;
    }
    /// Array `i` of the optimizer's state of what this rank owns of a chunk.
    [[nodiscard]] scalar* state(int chunk, int i) const noexcept {
        return region(region_kind::optimizer_state) + i * state_stride() + (has_shards() ? first(chunk).owned : first(chunk).parameters);
    }
    [[nodiscard]] std::int64_t state_stride() const noexcept { return has_shards() ? owned_ : parameters_; }

    /// Where the replicas' shards of a chunk's gradients begin, counted from the chunk; `of_parameters` leaves the tail out.
    [[nodiscard]] std::span<std::int64_t const> borders(int chunk, bool of_parameters) const noexcept {
        return borders_[2 * index(chunk) + (of_parameters ? 1 : 0)];
    }

    /// Layers up to the end of the action's chunk and the values that they gave in this micro-batch: those that this rank computed, before
    /// them the one whose output it was sent.
    template <class F>
    ESPALIER_COLD() void for_each_output(action const& a, F&& f) const {
        if (P::stages > 1 && plan_.chunk[a.chunk].number > 0) f(plan_.chunk[a.chunk].first_layer - 1, plan_.chunk[a.chunk].takes, box(a.box));
        for (int c = P::stages > 1 ? a.chunk : 0; c <= a.chunk; ++c) {
            auto const& chunk = chunk_[index(c)];
            action of_chunk   = a;
            of_chunk.chunk    = c;
            for (int i = 0; i < chunk.layers(); ++i)
                f(plan_.chunk[c].first_layer + i, chunk.place(i).out.elements() * P::batch, activations(of_chunk) + chunk.place(i).output);
        }
    }

private:
    struct firsts {
        std::int64_t activations, parameters, owned, gradients, shards, bucket;
    };
    [[nodiscard]] ESPALIER_COLD() std::vector<std::int64_t> borders_of(chunk_plan const& c, bool of_parameters) const {
        std::vector<std::int64_t> all;
        for (int r = 0; r <= plan_.replicas(); ++r) {
            std::int64_t const border = P::template shard_border<net>(c, plan_.replicas(), r);
            all.push_back(of_parameters ? std::min(border, c.parameters) : border);
        }
        return all;
    }
    [[nodiscard]] static std::size_t index(int i) noexcept { return static_cast<std::size_t>(i); }
    [[nodiscard]] firsts const& first(int chunk) const noexcept { return first_[index(chunk)]; }
    [[nodiscard]] scalar* activations(action const& a) const noexcept {
        return region(region_kind::activations) + (P::stages > 1 ? activation_slots_.first[a.activations] : first(a.chunk).activations);
    }
    [[nodiscard]] scalar* signal(int i) const noexcept { return region(region_kind::signals) + (i == 0 ? 0 : signal_[0]); }
    /// The gradient at the border before a chunk, where both sides are this rank's.
    [[nodiscard]] scalar* local(int chunk) const noexcept {
        return region(region_kind::signals) + signal_[0] + signal_[1] + (chunk % 2 == 0 ? 0 : local_[0]);
    }
    [[nodiscard]] chunk_pass<scalar> pass(action const& a, int slot, sampling const& draw) const noexcept {
        scalar const* x = nullptr;
        if (plan_.chunk[a.chunk].number == 0) x = input(slot);
        else if (P::stages > 1) x = box(a.box);
        else x = chunk_[index(a.chunk - 1)].output(region(region_kind::activations) + first(a.chunk - 1).activations);
        return {parameters(a.chunk), x, activations(a), region(region_kind::scratch), draw, {has_input() ? input(slot) : x, net::input}, exchange_};
    }

    plan_type const& plan_;
    int slots_;
    decltype(activation_places(std::declval<plan_type const&>())) activation_slots_, boxes_;
    std::vector<model_chunk<scalar>> chunk_;
    std::vector<firsts> first_;
    std::vector<std::vector<std::int64_t>> borders_;  ///< of each chunk: of its gradients, of its parameters; a step allocates nothing
    std::int64_t arriving_ = 0, local_[1] = {}, signal_[2] = {};
    std::int64_t owned_ = 0, gradients_ = 0, parameters_ = 0;
    scalar* base_ = nullptr;
    tensor_exchange<scalar>* exchange_ = nullptr;
};

}  // namespace espalier::detail

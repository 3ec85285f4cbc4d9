// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a rank holds that has the whole model as one piece: one chain whose offsets the compiler folds into the code.
/// What a rank of chunks holds is chunked_part.hpp; the interpreter (replica.hpp) knows either by the same members.
#pragma once

#include <espalier/math/backend.hpp>
#include <espalier/models/model.hpp>
#include <espalier/partition/plan/plan.hpp>

#include <cstdint>
#include <vector>

namespace espalier::detail {

/// A range of the network's flat arrays, and where a rank has it.
template <class T>
struct held_range {
    flat_range elements;  ///< in the network
    T* data;
};

template <Model M, class P>
class whole_part {
public:
    using scalar    = typename M::precision_type::scalar;
    using plan_type = typename P::plan_type;
    using net       = network<typename M::network_type>;

    /// Sets one arithmetic thread for the calling thread, which must be the one that trains.
    explicit whole_part(plan_type const&) : chain_{with_one_thread(direction::forward_and_backward)} {}
    void lie_at(scalar* base) noexcept { base_ = base; }

    [[nodiscard]] scalar* region(region_kind kind) const noexcept { return base_ + memory.of(kind).first; }
    [[nodiscard]] scalar* input(int slot) const noexcept { return region(region_kind::input) + slot * (memory.of(region_kind::input).elements / slots); }
    [[nodiscard]] scalar* target(int slot) const noexcept { return region(region_kind::target) + slot * (memory.of(region_kind::target).elements / slots); }
    [[nodiscard]] static constexpr std::int64_t gradient_elements(int) noexcept { return espalier::gradient_elements<M>; }
    [[nodiscard]] scalar* gradients(int, int buffer) const noexcept { return region(region_kind::gradients) + buffer * espalier::gradient_elements<M>; }
    [[nodiscard]] scalar* tail(int buffer) const noexcept { return gradients(0, buffer) + net::tensors.elements; }
    [[nodiscard]] static constexpr bool ends_with(int) noexcept { return true; }
    [[nodiscard]] static constexpr int slot(plan_type const& plan, action const& a, std::int64_t step) noexcept {
        if constexpr (slots == 1) return 0;
        else return plan.slot_of(a, step);
    }

    /// @return the output
    ESPALIER_INLINE() scalar* forward(action const&, int slot, sampling const& draw) {
        return region(region_kind::activations) + (chain_.forward(region(region_kind::parameters), input(slot), region(region_kind::activations),
                                                                  region(region_kind::scratch), draw, net::keys.value) -
                                                   region(region_kind::activations));
    }
    [[nodiscard]] scalar* output(action const&) const noexcept { return region(region_kind::activations) + chain_.layout().item[net::chain::size - 1].output; }
    /// Where the gradient of the loss by the output goes.
    [[nodiscard]] scalar* loss_signal(action const&) const noexcept { return signal(0); }
    ESPALIER_INLINE() void backward(action const& a, int slot, sampling const& draw) {
        chain_.backward(region(region_kind::parameters), gradients(0, a.buffer), input(slot), region(region_kind::activations), region(region_kind::scratch),
                        {signal(0), signal(1)}, nullptr, draw, net::keys.value);
    }

    /// To be called after the weights have changed.
    void pack() { chain_.pack(region(region_kind::parameters)); }
    [[nodiscard]] std::size_t workspace_bytes() const noexcept { return chain_.workspace_bytes(); }

    /// The parameters, and array `i` of the optimizer's state, that this rank owns.
    [[nodiscard]] std::vector<held_range<scalar>> weights() const { return {{{0, net::tensors.elements}, region(region_kind::parameters)}}; }
    [[nodiscard]] std::vector<held_range<scalar>> state(int i) const {
        return {{{0, net::tensors.elements}, region(region_kind::optimizer_state) + i * net::tensors.elements}};
    }

    /// Layer `i` of the network and the values that it gave in this micro-batch.
    template <class F>
    void for_each_output(action const&, F&& f) const {
        for (int i = 0; i < net::chain::size; ++i) {
            layer_place const& place = chain_.layout().item[i];
            f(i, place.out.elements() * P::batch, region(region_kind::activations) + place.output);
        }
    }

    /// Where the regions lie: the same on every rank, since gradients come last.
    static constexpr int slots          = prefetched_slots<P> > 0 ? prefetched_slots<P> : 1;
    static constexpr memory_plan memory = memory_of<M>(P::batch, 1, slots);

private:
    struct site {
        static constexpr shape input        = net::input;
        static constexpr std::int64_t batch = P::batch;
    };
    /// Passes its argument on, one arithmetic thread set: products ask for the number of threads when they are built.
    [[nodiscard]] static direction with_one_thread(direction way) {
        math::use_one_thread();
        return way;
    }
    [[nodiscard]] scalar* signal(int i) const noexcept { return region(region_kind::signals) + (i == 0 ? 0 : chain_.layout().signal_elements[0]); }

    typename net::chain::template bound<scalar, typename net::chain::template compile_time_site<site>> chain_;
    scalar* base_ = nullptr;
};

}  // namespace espalier::detail

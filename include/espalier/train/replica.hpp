// SPDX-License-Identifier: BSL-1.0
/// @file
/// What one rank holds during training, and what each action of a plan does to it. This is the interpreter of plans: it knows
/// no schedule, and it does nothing that the plan does not list.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/core/permutation.hpp>
#include <espalier/math/backend.hpp>
#include <espalier/math/elementwise.hpp>
#include <espalier/models/model.hpp>
#include <espalier/train/gradient_norm.hpp>
#include <espalier/partition/plan/plan.hpp>
#include <espalier/train/detail/loader.hpp>
#include <espalier/train/errors.hpp>
#include <espalier/train/settings.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <span>
#include <string>
#include <type_traits>

namespace espalier {

/// The samples of one step: a data set, the order of its epoch, and where the step begins in that order.
template <class Data>
struct step_samples {
    Data const& data;
    permutation const& order;
    std::int64_t first;  ///< position of the step's first sample in the epoch
    std::int64_t step;   ///< from 1, over the whole run
};

/// What a finished step knows; the same on every rank.
struct step_outcome {
    double loss          = 0;  ///< mean
    double gradient_norm = 0;  ///< before clipping; 0 where gradients are not clipped
    bool stop            = false;  ///< a rank wants to stop after this step
};

/// A recorder that records nothing and costs nothing.
struct no_recorder {
    constexpr void operator()(action const&) const noexcept {}
};

/// One rank's parameters, gradients, optimizer state, activations and kernels.
template <Model M, class Partition, Communicator C>
class replica {
public:
    using scalar   = typename M::precision_type::scalar;
    using settings = training_settings<typename M::optimizer_type>;
    using net      = network<typename M::network_type>;
    using plan_type = typename Partition::plan_type;
    /// Whether a thread may fill the slots ahead.
    static constexpr bool prefetches = prefetched_slots<Partition> > 0;
    using loader_type                = std::conditional_t<prefetches, detail::loader, detail::no_loader>;

    /// Sets one arithmetic thread for the calling thread, which must be the one that trains.
    replica(C& world, plan_type const& plan, settings const& s)
        : world_{world}, settings_{s}, chain_{with_one_thread(direction::forward_and_backward)},
          arena_{world.allocate(static_cast<std::size_t>(plan.memory.bytes()))}, base_{reinterpret_cast<scalar*>(arena_.data())} {
        initialise<typename M::network_type>(s.seed, region(region_kind::parameters));
        math::fill_zero(memory.of(region_kind::optimizer_state).elements, region(region_kind::optimizer_state));
        if (s.clip_norm > 0) norm_ = gradient_norm<typename M::network_type>::for_use();
        weights_changed();
    }

    /// Runs a step's plan. `record` is called with each action before it is run.
    /// @par Ranks     collective: every rank runs its own plan of the same step
    /// @throws non_finite, and what the communicator throws
    template <class Data, class Recorder = no_recorder>
    step_outcome run(plan_type const& plan, step_samples<Data> const& in, Recorder&& record = {}) {
        step_outcome out;
        for (int i = 0; i < plan.count; ++i) {
            record(plan.item[i]);
            execute(plan, plan.item[i], in, out);
        }
        return out;
    }

    /// The same for a plan that is known at compile time: `Plan::value`. Each action is compiled where it stands, nothing is decided at run time.
    template <class Plan, class Data>
    ESPALIER_INLINE() step_outcome run_static(step_samples<Data> const& in) {
        step_outcome out;
        run_static<Plan>(in, out, std::make_index_sequence<static_cast<std::size_t>(Plan::value.count)>{});
        return out;
    }

    /// Writes the samples of a load action into its slot. Another thread may call it while this one computes with other slots.
    template <class Data>
    void fill(plan_type const& plan, action const& a, step_samples<Data> const& in) {
        std::int64_t sample[Partition::batch];
        std::int64_t const first = in.first + first_sample(plan, a);
        for (int i = 0; i < Partition::batch; ++i) sample[i] = in.order(first + i);
        int const s = slot(plan, a, in.step);
        in.data.gather(std::span<std::int64_t const>{sample}, input(s), target(s));
    }
    /// Where slots are filled ahead: the loader whose thread does, while it runs.
    [[nodiscard]] loader_type& ahead() noexcept { return ahead_; }

    /// Forward only, without dropout, of a batch that is gathered into the first slot, which must not be filled ahead meanwhile; the first
    /// `count` samples are summed.
    template <class Data>
    [[nodiscard]] loss_sum evaluate(Data const& data, std::span<std::int64_t const> samples, std::int64_t count) {
        data.gather(samples, region(region_kind::input), region(region_kind::target));
        scalar* const y = region(region_kind::activations) + (forward(sampling{}, 0) - region(region_kind::activations));
        keep_first(y, net::output, count);
        keep_first(region(region_kind::target), M::loss_type::target(net::output), count);
        return M::loss_type::evaluate(net::output, count, static_cast<scalar const*>(y), region(region_kind::target), static_cast<scalar*>(nullptr));
    }

    [[nodiscard]] scalar* region(region_kind kind) noexcept { return base_ + memory.of(kind).first; }
    [[nodiscard]] scalar const* region(region_kind kind) const noexcept { return base_ + memory.of(kind).first; }
    /// A flag by which this rank asks all to stop: it rides on the reduction of each step. Null: never.
    void watch(std::atomic<bool> const* stop) noexcept { stop_ = stop; }
    /// To be called after weights were written from outside.
    void weights_changed() { chain_.pack(region(region_kind::parameters)); }
    /// What libraries hold beyond the plan: packed weights, scratch, block sums of the norm.
    [[nodiscard]] std::size_t workspace_bytes() const noexcept { return chain_.workspace_bytes() + norm_.workspace_bytes(); }

private:
    /// Where the regions lie: the same on every rank, since gradients come last.
    static constexpr int slots          = prefetches ? prefetched_slots<Partition> : 1;
    static constexpr memory_plan memory = memory_of<M>(Partition::batch, 1, slots);
    struct site {
        static constexpr shape input        = net::input;
        static constexpr std::int64_t batch = Partition::batch;
    };

    /// Passes its argument on, one arithmetic thread set: products ask for the number of threads when they are built.
    [[nodiscard]] static direction with_one_thread(direction way) {
        math::use_one_thread();
        return way;
    }

    /// Closes up a batch to its first `count` samples: (rows, batch, F) becomes (rows, count, F).
    static void keep_first(scalar* x, shape const& of, std::int64_t count) {
        for (std::int64_t row = 1; row < of.rows() && count < Partition::batch; ++row)
            std::copy_n(x + row * Partition::batch * of.features(), count * of.features(), x + row * count * of.features());
    }

    [[nodiscard]] scalar* input(int slot) noexcept { return region(region_kind::input) + slot * (memory.of(region_kind::input).elements / slots); }
    [[nodiscard]] scalar* target(int slot) noexcept { return region(region_kind::target) + slot * (memory.of(region_kind::target).elements / slots); }
    [[nodiscard]] static constexpr int slot(plan_type const& plan, action const& a, std::int64_t step) noexcept {
        if constexpr (slots == 1) return 0;
        else return plan.slot_of(a, step);
    }

    [[nodiscard]] scalar* gradients(int buffer) noexcept { return region(region_kind::gradients) + buffer * gradient_elements<M>; }
    [[nodiscard]] scalar* tail(int buffer) noexcept { return gradients(buffer) + net::tensors.elements; }
    [[nodiscard]] scalar* signal(int i) noexcept {
        return region(region_kind::signals) + (i == 0 ? 0 : chain_.layout().signal_elements[0]);
    }

    template <class Plan, class Data, std::size_t... I>
    ESPALIER_INLINE() void run_static(step_samples<Data> const& in, step_outcome& out, std::index_sequence<I...>) {
        (execute(Plan::value, Plan::value.item[I], in, out), ...);
    }

    template <class Data>
    ESPALIER_INLINE() void execute(plan_type const& plan, action const& a, step_samples<Data> const& in, step_outcome& out) {
        switch (a.kind) {
        case action_kind::clear: math::fill_zero(gradient_elements<M>, gradients(a.buffer)); break;
        case action_kind::load: load(plan, a, in); break;
        case action_kind::forward: forward_and_loss(plan, a, in.step); break;
        case action_kind::backward: backward(plan, a, in.step); break;
        case action_kind::fold: math::add_to(gradient_elements<M>, gradients(a.other), gradients(a.buffer)); break;
        case action_kind::all_reduce: all_reduce(plan, a.buffer); break;
        case action_kind::update: update(a.buffer, in.step, out); break;
        }
    }

    [[nodiscard]] static constexpr std::int64_t first_sample(plan_type const& plan, action const& a) noexcept {
        return (std::int64_t{a.lane} * plan.micro_batches + a.micro_batch) * Partition::batch;
    }
    [[nodiscard]] sampling draws(plan_type const& plan, action const& a, std::int64_t step) const noexcept {
        return {settings_.seed, step, first_sample(plan, a), true};
    }

    template <class Data>
    ESPALIER_INLINE() void load(plan_type const& plan, action const& a, step_samples<Data> const& in) {
        if constexpr (prefetches)
            if (ahead_.is_running()) return ahead_.next();
        fill(plan, a, in);
    }

    ESPALIER_INLINE() scalar const* forward(sampling const& draw, int slot) {
        return chain_.forward(region(region_kind::parameters), input(slot), region(region_kind::activations),
                              region(region_kind::scratch), draw, net::keys.value);
    }

    ESPALIER_INLINE() void forward_and_loss(plan_type const& plan, action const& a, std::int64_t step) {
        int const s           = slot(plan, a, step);
        scalar const* const y = forward(draws(plan, a, step), s);
        loss_sum const loss   = M::loss_type::evaluate(net::output, std::int64_t{Partition::batch}, y, target(s), signal(0));
        if (!std::isfinite(loss.sum)) throw_non_finite(step, a.lane, s);
        tail(a.buffer)[tail_loss] += static_cast<scalar>(loss.sum);
        tail(a.buffer)[tail_weight] += static_cast<scalar>(loss.weight);
        if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) tail(a.buffer)[tail_stop] += scalar{1};
    }

    ESPALIER_INLINE() void backward(plan_type const& plan, action const& a, std::int64_t step) {
        chain_.backward(region(region_kind::parameters), gradients(a.buffer), input(slot(plan, a, step)), region(region_kind::activations),
                        region(region_kind::scratch), {signal(0), signal(1)}, nullptr, draws(plan, a, step), net::keys.value);
        if constexpr (prefetches)
            if (ahead_.is_running()) ahead_.release();
    }

    void all_reduce(plan_type const& plan, int into) {
        summand<scalar> mine[max_subtrees];
        for (int i = 0; i < plan.partials; ++i) mine[i] = {plan.partial[i].lanes, gradients(plan.partial[i].buffer)};
        world_.all_reduce(ordered_sum<scalar>{plan.lanes, {mine, static_cast<std::size_t>(plan.partials)}}, gradients(into),
                          gradient_elements<M>);
    }

    ESPALIER_INLINE() void update(int buffer, std::int64_t step, step_outcome& out) {
        double const weight = static_cast<double>(tail(buffer)[tail_weight]);
        double scale        = 1 / weight;
        out.loss            = static_cast<double>(tail(buffer)[tail_loss]) * scale;
        out.stop            = tail(buffer)[tail_stop] > scalar{0};
        if (settings_.clip_norm > 0) {
            out.gradient_norm = norm_(gradients(buffer)) * scale;
            if (out.gradient_norm > settings_.clip_norm) scale *= settings_.clip_norm / out.gradient_norm;
        }
        M::optimizer_type::update(settings_.optimizer,
                                  update_pass<scalar>{net::tensors.elements, region(region_kind::parameters), gradients(buffer),
                                                      region(region_kind::optimizer_state), net::tensors.elements, step,
                                                      settings_.learning_rate.at(step), scale});
        weights_changed();
    }

    /// Finds the first value on the way to the loss that is not finite.
    [[noreturn]] ESPALIER_NOINLINE() void throw_non_finite(std::int64_t step, int lane, int slot) {
        auto const bad = [](std::int64_t n, scalar const* x) { return math::first_non_finite(n, x) >= 0; };
        if (bad(net::input.elements() * Partition::batch, input(slot))) throw non_finite{step, lane, "the input"};
        layer_names<typename M::network_type> const names;
        for (int i = 0; i < net::chain::size; ++i) {
            layer_place const& place = chain_.layout().item[i];
            if (bad(place.out.elements() * Partition::batch, region(region_kind::activations) + place.output))
                throw non_finite{step, lane, joined("the output of layer ", i, " (\"", names.item[i].path.view(), "\")")};
        }
        if (bad(M::loss_type::target(net::output).elements() * Partition::batch, target(slot)))
            throw non_finite{step, lane, "the target"};
        throw non_finite{step, lane, "the loss itself"};
    }

    C& world_;
    settings settings_;
    typename net::chain::template bound<scalar, typename net::chain::template compile_time_site<site>> chain_;
    decltype(std::declval<C&>().allocate(0)) arena_;
    scalar* base_;
    gradient_norm<typename M::network_type> norm_;
    std::atomic<bool> const* stop_ = nullptr;
    [[no_unique_address]] loader_type ahead_;  // last: its thread ends before what it writes to
};

}  // namespace espalier

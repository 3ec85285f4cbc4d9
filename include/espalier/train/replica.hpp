// SPDX-License-Identifier: BSL-1.0
/// @file
/// What one rank holds during training, and what each action of a plan does to it. This is the interpreter of plans: it knows
/// no schedule, and it does nothing that the plan does not list.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/core/permutation.hpp>
#include <espalier/math/elementwise.hpp>
#include <espalier/models/model.hpp>
#include <espalier/partition/plan/plan.hpp>
#include <espalier/train/detail/chunked_part.hpp>
#include <espalier/train/detail/cut_passes.hpp>
#include <espalier/train/detail/loader.hpp>
#include <espalier/train/detail/neighbours.hpp>
#include <espalier/train/detail/posted_reductions.hpp>
#include <espalier/train/detail/step_ending.hpp>
#include <espalier/train/detail/whole_part.hpp>
#include <espalier/train/errors.hpp>
#include <espalier/train/settings.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace espalier {

/// The samples of one step: a data set, the order of its epoch, and where the step begins in that order.
template <class Data>
struct step_samples {
    Data const& data;
    permutation const& order;
    std::int64_t first;  ///< position of the step's first sample in the epoch
    std::int64_t step;   ///< from 1, over the whole run
};

/// A recorder that records nothing and costs nothing.
struct no_recorder {
    constexpr void operator()(action const&) const noexcept {}
};

/// Whether the ranks of a partition compute chunks of the network.
template <class P>
inline constexpr bool computes_chunks = false;
template <class P>
    requires requires { P::is_chunked; }
inline constexpr bool computes_chunks<P> = P::is_chunked;

/// One rank's parameters, gradients, optimizer state, activations and kernels.
template <Model M, class Partition, Communicator C>
class replica {
public:
    using scalar   = typename M::precision_type::scalar;
    using settings = training_settings<typename M::optimizer_type>;
    using net      = network<typename M::network_type>;
    using plan_type = typename Partition::plan_type;
    static constexpr bool is_chunked = computes_chunks<Partition>;
    using part_type = typename std::conditional_t<is_chunked, std::type_identity<detail::chunked_part<M, Partition>>, std::type_identity<detail::whole_part<M, Partition>>>::type;
    /// Whether a thread may fill the slots ahead.
    static constexpr bool prefetches = prefetched_slots<Partition> > 0;
    using loader_type                = std::conditional_t<prefetches, detail::loader, detail::no_loader>;

    /// Sets one arithmetic thread for the calling thread, which must be the one that trains.
    /// @param plan of this rank; it must outlive the replica
    replica(C& world, plan_type const& plan, settings const& s)
        : world_{world}, plan_{plan}, settings_{s}, part_{plan}, arena_{world.allocate(static_cast<std::size_t>(plan.memory.bytes()))},
          neighbours_{world, plan}, passes_{world, plan}, ending_{s, plan} {
        part_.lie_at(reinterpret_cast<scalar*>(arena_.data()));
        if constexpr (is_chunked) part_.exchange_through(passes_.exchange());
        for (auto const& held : part_.weights()) initialise<typename M::network_type>(s.seed, held.elements, held.data, detail::place_of(plan));
        for (int i = 0; i < M::optimizer_type::states; ++i)
            for (auto const& held : part_.state(i)) math::fill_zero(held.elements.last - held.elements.first, held.data);
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
        gather(in.data, std::span<std::int64_t const>{sample}, part_.slot(plan, a, in.step));
    }
    /// Where slots are filled ahead: the loader whose thread does, while it runs.
    [[nodiscard]] loader_type& ahead() noexcept { return ahead_; }

    /// Forward only, without dropout, of a batch that is gathered into the first slot, which must not be filled ahead meanwhile; the first
    /// `count` samples are summed. Where ranks hold chunks, all ranks of a replica call it for the same batch, all replicas equally often,
    /// and the sum is known to the rank with the last chunk; the others get zeros.
    /// @param count 0: this replica has no batch left, and only takes part in what all replicas do
    template <class Data>
    [[nodiscard]] loss_sum evaluate(plan_type const& plan, Data const& data, std::span<std::int64_t const> samples, std::int64_t count) {
        if (count > 0) gather(data, samples, 0);
        loss_sum sum;
        passes_.allow_any();
        for (int c = 0; c < plan.chunks; ++c) {
            action const a = forward_through(plan, c);
            if constexpr (is_chunked) {
                if (plan.gathered_chunks > 0) gather_parameters(plan, c);
                if (count == 0) continue;
                neighbours_.receive_input(part_, plan, a);
            }
            scalar* const y = part_.forward(a, 0, sampling{});
            if constexpr (is_chunked) neighbours_.send_output(plan, a, y);
            if (part_.ends_with(c)) sum = judge(y, count);
        }
        return sum;
    }

    /// The ranks that hold what this one holds.
    [[nodiscard]] C& replicas() const noexcept { return neighbours_.replicas(world_); }
    [[nodiscard]] plan_type const& plan() const noexcept { return plan_; }
    [[nodiscard]] part_type& part() noexcept { return part_; }
    [[nodiscard]] part_type const& part() const noexcept { return part_; }
    /// A flag by which this rank asks all to stop: it rides on the reduction of each step. Null: never.
    void watch(std::atomic<bool> const* stop) noexcept { stop_ = stop; }
    /// To be called after weights were written from outside.
    void weights_changed() { part_.pack(); }
    /// What libraries hold beyond the plan: packed weights, scratch, block sums of norms.
    [[nodiscard]] std::size_t workspace_bytes() const noexcept {
        return part_.workspace_bytes() + ending_.workspace_bytes();
    }

private:
    /// The first of a step through a chunk: it names memory that is large enough for it.
    [[nodiscard]] static action const& forward_through(plan_type const& plan, int chunk) noexcept {
        return *std::find_if(plan.item, plan.item + plan.count, [&](action const& a) { return a.kind == action_kind::forward && a.chunk == chunk; });
    }
    /// Closes up a batch to its first `count` samples: (rows, batch, F) becomes (rows, count, F).
    static void keep_first(scalar* x, shape const& of, std::int64_t count) {
        for (std::int64_t row = 1; row < of.rows() && count < Partition::batch; ++row)
            std::copy_n(x + row * Partition::batch * of.features(), count * of.features(), x + row * count * of.features());
    }
    [[nodiscard]] loss_sum judge(scalar* y, std::int64_t count) {
        keep_first(y, net::output, count);
        keep_first(part_.target(0), M::loss_type::target(net::output), count);
        return passes_.template loss_of<typename M::loss_type>(net::output, count, static_cast<scalar const*>(y), static_cast<scalar const*>(part_.target(0)),
                                                             static_cast<scalar*>(nullptr));
    }

    template <class Plan, class Data, std::size_t... I>
    ESPALIER_INLINE() void run_static(step_samples<Data> const& in, step_outcome& out, std::index_sequence<I...>) {
        (execute(Plan::value, Plan::value.item[I], in, out), ...);
    }

    template <class Data>
    ESPALIER_INLINE() void execute(plan_type const& plan, action const& a, step_samples<Data> const& in, step_outcome& out) {
        switch (a.kind) {
        case action_kind::clear: math::fill_zero(part_.gradient_elements(a.chunk), part_.gradients(a.chunk, a.buffer)); break;
        case action_kind::load: load(plan, a, in); break;
        case action_kind::forward:
            part_.forward(a, part_.slot(plan, a, in.step), draws(plan, a, in.step));
            passes_.close();
            break;
        case action_kind::backward:
        case action_kind::backward_input:
        case action_kind::backward_weights: come_home(plan, a, in.step); break;
        case action_kind::fold: math::add_to(part_.gradient_elements(a.chunk), part_.gradients(a.chunk, a.other), part_.gradients(a.chunk, a.buffer)); break;
        case action_kind::all_reduce: all_reduce(plan, a); break;
        case action_kind::update: ending_.update(part_, plan, a.buffer, in.step, out); break;
        default:
            if constexpr (is_chunked) execute_together(plan, a, in.step);
        }
    }
    /// The actions of ranks that hold chunks.
    void execute_together(plan_type const& plan, action const& a, std::int64_t step) {
        switch (a.kind) {
        case action_kind::post_send:
        case action_kind::post_recv: neighbours_.post(part_, plan, a); break;
        case action_kind::wait_send:
        case action_kind::wait_recv: neighbours_.wait(a); break;
        case action_kind::exchange: passes_.allow(a.repeat); break;
        case action_kind::reduce_scatter: reduce_scatter(plan, a); break;
        case action_kind::post_all_reduce:
        case action_kind::post_reduce_scatter:
            if constexpr (posts_reductions<Partition>) reductions_.post(replicas(), part_, plan, a);
            break;
        case action_kind::wait_reduce:
            if constexpr (posts_reductions<Partition>) reductions_.wait(replicas(), a.chunk);
            break;
        case action_kind::share: ending_.share(world_, part_, plan, wants_to_stop()); break;
        case action_kind::measure: ending_.measure(world_, part_, plan, step); break;
        case action_kind::gather: gather_parameters(plan, a.chunk); break;
        default: break;
        }
    }

    [[nodiscard]] static constexpr std::int64_t first_sample(plan_type const& plan, action const& a) noexcept {
        return (std::int64_t{a.lane} * plan.micro_batches + a.micro_batch) * Partition::batch;
    }
    [[nodiscard]] sampling draws(plan_type const& plan, action const& a, std::int64_t step) const noexcept {
        return {settings_.seed, step, first_sample(plan, a), true};
    }

    template <class Data>
    void gather(Data const& data, std::span<std::int64_t const> samples, int slot) {
        if constexpr (is_chunked) {
            // A stage in the middle may need neither; what it does not need goes where the other lies, or nowhere.
            if (!part_.has_input() || !part_.has_target()) return gather_half(data, samples, slot);
        }
        data.gather(samples, part_.input(slot), part_.target(slot));
    }
    template <class Data>
    void gather_half(Data const& data, std::span<std::int64_t const> samples, int slot) {
        bool const wants_input = part_.has_input();
        if (!wants_input && !part_.has_target()) return;
        auto const other = static_cast<std::size_t>((wants_input ? M::loss_type::target(net::output) : net::input).elements() * Partition::batch);
        if (unwanted_.size() < other) unwanted_.resize(other);
        data.gather(samples, wants_input ? part_.input(slot) : unwanted_.data(), wants_input ? unwanted_.data() : part_.target(slot));
    }
    template <class Data>
    ESPALIER_INLINE() void load(plan_type const& plan, action const& a, step_samples<Data> const& in) {
        if constexpr (prefetches)
            if (ahead_.is_running()) return ahead_.next();
        fill(plan, a, in);
    }

    /// Backward, or a part of it; at the end of the network from the loss.
    ESPALIER_INLINE() void come_home(plan_type const& plan, action const& a, std::int64_t step) {
        int const slot = part_.slot(plan, a, step);
        if (part_.ends_with(a.chunk) && a.kind != action_kind::backward_weights) {
            loss_sum const loss = passes_.template loss_of<typename M::loss_type>(net::output, std::int64_t{Partition::batch}, static_cast<scalar const*>(part_.output(a)),
                                                                                static_cast<scalar const*>(part_.target(slot)), part_.loss_signal(a));
            if (!std::isfinite(loss.sum)) throw_non_finite(step, a, slot);
            scalar* const tail = part_.tail(a.buffer);
            tail[tail_loss] += static_cast<scalar>(loss.sum);
            tail[tail_weight] += static_cast<scalar>(loss.weight);
            if (wants_to_stop()) tail[tail_stop] += scalar{1};
        }
        part_.backward(a, slot, draws(plan, a, step));
        passes_.close();
        if constexpr (prefetches)
            if (a.chunk == 0 && ahead_.is_running()) ahead_.release();
    }
    [[nodiscard]] bool wants_to_stop() const noexcept { return stop_ != nullptr && stop_->load(std::memory_order_relaxed); }

    void all_reduce(plan_type const& plan, action const& a) {
        summand<scalar> mine[max_subtrees];
        replicas().all_reduce(detail::partial_sums(part_, plan, a.chunk, mine), part_.gradients(a.chunk, a.buffer), part_.gradient_elements(a.chunk));
    }
    void reduce_scatter(plan_type const& plan, action const& a) {
        summand<scalar> mine[max_subtrees];
        auto const borders = part_.borders(a.chunk, false);
        replicas().reduce_scatter(detail::partial_sums(part_, plan, a.chunk, mine), part_.gradient_shard(a.chunk), borders);
    }
    void gather_parameters(plan_type const& plan, int chunk) {
        scalar* const whole = part_.parameters(chunk);
        auto const borders  = part_.borders(chunk, true);
        std::int64_t const first = borders[static_cast<std::size_t>(plan.replica())];
        if (plan.gathered_chunks > 0) std::copy_n(part_.parameter_shard(chunk), borders[static_cast<std::size_t>(plan.replica()) + 1] - first, whole + first);
        replicas().all_gather(whole, borders);
        part_.pack(chunk);
    }

    /// Finds the first value on the way to the loss that is not finite, of those that this rank has.
    [[noreturn]] ESPALIER_NOINLINE() void throw_non_finite(std::int64_t step, action const& a, int slot) {
        auto const bad = [](std::int64_t n, scalar const* x) { return math::first_non_finite(n, x) >= 0; };
        bool has_input = true;
        if constexpr (is_chunked) has_input = part_.has_input();
        if (has_input && bad(net::input.elements() * Partition::batch, part_.input(slot))) throw non_finite{step, a.lane, "the input"};
        layer_names<typename M::network_type> const names;
        int found = -1;
        part_.for_each_output(a, [&](int i, std::int64_t n, scalar const* y) {
            if (found < 0 && bad(n, y)) found = i;
        });
        if (found >= 0) throw non_finite{step, a.lane, joined("the output of layer ", found, " (\"", names.item[found].path.view(), "\")")};
        if (bad(M::loss_type::target(net::output).elements() * Partition::batch, part_.target(slot))) throw non_finite{step, a.lane, "the target"};
        throw non_finite{step, a.lane, "the loss itself"};
    }

    C& world_;
    plan_type const& plan_;
    settings settings_;
    part_type part_;
    decltype(std::declval<C&>().allocate(0)) arena_;
    [[no_unique_address]] detail::neighbours<C, Partition, scalar> neighbours_;
    [[no_unique_address]] detail::cut_passes<C, Partition, M> passes_;
    [[no_unique_address]] detail::posted_reductions<C, Partition, scalar> reductions_;  // behind the arena: what is posted ends before it
    typename std::conditional_t<is_chunked, std::type_identity<detail::chunked_ending<M>>, std::type_identity<detail::whole_ending<M>>>::type ending_;
    std::vector<scalar> unwanted_;  ///< inputs on the last stage, targets on the first
    std::atomic<bool> const* stop_ = nullptr;
    [[no_unique_address]] loader_type ahead_;  // last: its thread ends before what it writes to
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The trainer of a composition that fits: order of samples, steps, epochs, evaluation, checkpoints.
#pragma once

#include <espalier/checkpoint/concepts.hpp>
#include <espalier/data/dataset.hpp>
#include <espalier/math/block_sum.hpp>
#include <espalier/train/detail/check_data.hpp>
#include <espalier/train/detail/check_device.hpp>
#include <espalier/train/detail/epoch_order.hpp>
#include <espalier/train/detail/kept_run.hpp>
#include <espalier/train/detail/load_ahead.hpp>
#include <espalier/train/detail/watchers.hpp>
#include <espalier/train/replica.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace espalier::detail {

/// The plan of a world of one as a type, so that each of its actions is compiled where it stands.
template <class M, class P>
struct plan_of_one {
    static constexpr auto value = P::template plan<M>(1, 0);
};

/// The plan of rank 0 of the smallest world that a partition can use.
template <class M, class P>
inline constexpr auto smallest_plan = P::template plan<M>(rank_multiple<P>, 0);

/// In the place of validation data.
struct not_validated {};

template <class M, class P, class C, class K>
class trainer_body {
public:
    using model_type     = M;
    using partition_type = P;
    using communicator   = C;
    using place_type     = K;
    using scalar         = typename M::precision_type::scalar;
    using settings       = training_settings<typename M::optimizer_type>;
    using plan_type      = typename P::plan_type;

    /// Draws the initial weights; they depend on the seed and the tensors' names alone.
    /// @par Ranks     collective over `world`, which must outlive the trainer
    /// @throws invalid_setting where the partition cannot use a world of this size, or names a device that plan and workspace do not fit
    ESPALIER_COLD() trainer_body(C& world, settings const& s, K place = {})
        : world_{world}, settings_{s}, plan_{checked_plan(world)}, replica_{world, plan_, s},
          best_{world, replica_.part().weights()},
          kept_{world, std::move(place), s.seed, best_, replica_} {
        check_device<P>(plan_, workspace_bytes());
    }

    /// Continues from the newest sound checkpoint of the place, whatever number of ranks and communicator wrote it; without one,
    /// starts afresh. A damaged checkpoint is passed over with a note, and the one before is taken.
    /// @par Ranks     collective
    /// @throws checkpoint::bad_checkpoint where that checkpoint is of another network, loss, optimizer, precision, seed or step, and
    ///         where there are checkpoints and all are damaged
    ESPALIER_COLD() resume_result resume() {
        resume_result result;
        if (kept_.resume(result)) {
            replica_.weights_changed();
            steps_done_ = result.step;
        }
        result.step = steps_done_;
        return result;
    }

    /// Removes every checkpoint of the place, for a run that is to begin anew where another one was.
    /// @par Ranks     collective
    void start_over() { kept_.start_over(); }

    /// Trains until `options.epochs` epochs of the run are done, those before a resume included.
    /// @par Ranks     collective: every rank passes the same data and options; observers are called on rank 0
    /// @throws invalid_setting where the data do not fit the network or do not fill a step, or are not as many as those of the run that
    ///         is resumed, or where that run is one with validation; bad_checkpoint where the place holds another run; non_finite; what
    ///         the communicator throws
    template <Dataset D>
    fit_result fit(D const& data, fit_options const& options = {}) {
        check_not_validated(best_.record, options.early_stop);
        return train(data, not_validated{}, options);
    }

    /// The same, with `evaluate(validation)` at the end of every epoch. The weights of the best epoch are copied aside, and training ends
    /// after `options.early_stop.patience` epochs without a better one. Both are state: a run that is killed and resumed ends where, and with
    /// the best weights with which, one that never stopped does. A run that began without validation may go on with it, which then begins
    /// with the epoch's end that is next.
    /// @par Ranks     collective, as above; all ranks decide alike, since the loss has the same bits on all
    /// @par Cost      one evaluation an epoch; one buffer of all parameters, allocated at the first validation, and as much in checkpoints
    /// @throws invalid_setting as above, and where there is no validation sample, or another number than the run was judged by before;
    ///         non_finite_validation
    /// @par Source    Goodfellow, Bengio and Courville 2016, Deep Learning, algorithm 7.1, validated once an epoch
    template <Dataset D, Dataset V>
    fit_result fit(D const& data, V const& validation, fit_options const& options = {}) {
        check_shapes<M>(validation);
        check_validation(validation.size(), best_.record, options.early_stop);
        return train(data, validation, options);
    }

    /// One step of the plan.
    /// @par Ranks     collective
    template <Dataset D>
    step_outcome train_step(D const& data) {
        auto const in = next_step(data);
        if constexpr (requires { requires C::static_size == 1; } && P::plan_capacity <= 64 && !replica_type::is_chunked) {
            auto const out = replica_.template run_static<plan_of_one<M, P>>(in);
            ++steps_done_;
            return out;
        } else {
            return train_step(data, no_recorder{});
        }
    }
    /// The same, with each action shown to `record` before it is run.
    template <Dataset D, class Recorder>
    step_outcome train_step(D const& data, Recorder&& record) {
        auto const out = replica_.run(plan_, next_step(data), record);
        ++steps_done_;
        return out;
    }

    /// The mean loss over a whole data set, without dropout and without changing anything.
    /// @par Ranks     collective; batches are dealt to replicas of the model in turn
    /// @par Numerics  one sum a batch, batches summed along the lane tree: the same bits on any number of ranks
    template <Dataset D>
    evaluation evaluate(D const& data) {
        check_shapes<M>(data);
        if constexpr (replica_type::prefetches) replica_.ahead().stop();  // the first slot is needed; the next step loads again
        std::int64_t const batches = (data.size() + P::batch - 1) / P::batch;
        std::vector<double> sums(static_cast<std::size_t>(2 * batches), 0.0);  // sums, then weights
        std::vector<std::int64_t> sample(static_cast<std::size_t>(P::batch));
        std::int64_t const replicas = plan_.replicas();
        for (std::int64_t round = 0; round * replicas < batches; ++round) {
            std::int64_t const i     = round * replicas + plan_.replica();
            std::int64_t const first = i * P::batch, count = std::clamp<std::int64_t>(data.size() - first, 0, P::batch);
            for (std::int64_t k = 0; k < P::batch && count > 0; ++k) sample[static_cast<std::size_t>(k)] = first + std::min(k, count - 1);
            if (count == 0 && !replica_type::is_chunked) continue;
            loss_sum const loss = replica_.evaluate(plan_, data, sample, count);
            if (count == 0) continue;
            if (plan_.tensor_rank() != 0) continue;  // all ranks of a tensor axis have the same
            sums[static_cast<std::size_t>(i)]           = loss.sum;
            sums[static_cast<std::size_t>(batches + i)] = loss.weight;
        }
        world_.all_reduce(sums.data(), sums.data(), 2 * batches, sum{});  // each element is zero on all ranks but one
        double const weight = math::tree_sum(batches, sums.data() + batches);
        return {weight > 0 ? math::tree_sum(batches, sums.data()) / weight : 0.0, data.size()};
    }

    /// Writes a checkpoint of the steps done so far; when it is verified, older ones go beyond those that the place is to keep.
    /// @par Ranks     collective: each rank writes a part, rank 0 commits
    ESPALIER_COLD() void save() { kept_.save(steps_done_); }

    /// Puts the weights of the best validation in the place of the current ones: `evaluate` and `weights` then speak of them. A step, or
    /// `resume` from a checkpoint, puts the run's own back before it begins; checkpoints always hold both.
    /// @par Ranks     local: every rank calls it, at the same place
    /// @throws invalid_setting where no epoch was validated
    ESPALIER_COLD() void use_best_weights() {
        require_best();
        best_.put_in_use();
        replica_.weights_changed();
        epoch_.end_step = 0;  // the next step begins with begin_epoch, which puts the run's own back
    }
    /// The weights of the best validation as named tensors, under the names that `weights` gives. They refer to the trainer's memory and
    /// change with the next better epoch and with `use_best_weights`.
    /// @par Ranks     as `weights`
    /// @throws invalid_setting where no epoch was validated
    [[nodiscard]] ESPALIER_COLD() std::vector<checkpoint::named_tensor> best_weights() {
        require_best();
        std::vector<scalar*> mine;
        for (std::size_t i = 0; i < best_.ranges(); ++i) mine.push_back(best_.best(i));
        return whole_tensors(mine, whole_best_);
    }

    /// The weights as named tensors; they refer to the trainer's memory and change with the next step.
    /// @par Ranks     local where every rank holds the whole model; else collective, and each rank gets a copy of the whole, which stays
    ///                as it is until the next call
    [[nodiscard]] ESPALIER_COLD() std::vector<checkpoint::named_tensor> weights() const {
        std::vector<scalar*> mine;
        for (auto const& held : replica_.part().weights()) mine.push_back(held.data);
        return whole_tensors(mine, whole_weights_);
    }
    /// Takes weights by name, such as those of a PyTorch module; optimizer state, step number and best weights stay.
    /// @par Ranks     local: every rank must read the same file
    /// @throws checkpoint::bad_checkpoint where a tensor is missing or has another shape
    ESPALIER_COLD() void set_weights(checkpoint::safetensors_view const& file) {
        best_.put_back();
        if constexpr (replica_type::is_chunked) {
            std::vector<scalar> whole(static_cast<std::size_t>(net::tensors.elements));
            checkpoint::read_tensors<typename M::network_type>(file, whole.data());
            whole_state::take(whole.data(), replica_.part().weights(), plan_);
        } else {
            checkpoint::read_tensors<typename M::network_type>(file, replica_.part().region(region_kind::parameters));
        }
        replica_.weights_changed();
    }

    [[nodiscard]] std::int64_t steps_done() const noexcept { return steps_done_; }
    [[nodiscard]] plan_type const& plan() const noexcept { return plan_; }
    /// Memory that libraries hold for packed weights and scratch, beyond the plan's.
    [[nodiscard]] std::size_t workspace_bytes() const noexcept { return replica_.workspace_bytes(); }

private:
    using local        = local_model<P, M>;  ///< what a rank trains: M, or its piece of it
    using net          = network<typename M::network_type>;
    using replica_type = replica<local, P, C>;
    using whole_state  = chunked_state<typename local::network_type, scalar, typename M::network_type>;
    /// The same on every layout.
    static constexpr std::int64_t samples_per_step = smallest_plan<M, P>.samples_per_step();

    [[nodiscard]] static plan_type checked_plan(C& world) {
        P::check_ranks(world.size());
        plan_type const plan = P::template plan<M>(world.size(), world.rank());
        check_device<P>(plan, 0);
        return plan;
    }

    /// @param mine where each range of this rank lies
    /// @param copy for the whole, where no rank has it
    [[nodiscard]] ESPALIER_COLD() std::vector<checkpoint::named_tensor> whole_tensors(std::vector<scalar*> const& mine, std::vector<scalar>& copy) const {
        if constexpr (replica_type::is_chunked) {
            copy = whole_state::template everywhere<P, M>(world_, mine, plan_.gathered_chunks > 0);
            return checkpoint::tensors_of<typename M::network_type>(static_cast<scalar const*>(copy.data()));
        } else {
            return checkpoint::tensors_of<typename M::network_type>(static_cast<scalar const*>(mine[0]));
        }
    }

    template <class D>
    [[nodiscard]] std::int64_t epoch_of(D const& data, std::int64_t steps) const noexcept {
        return steps / (data.size() / samples_per_step);
    }

    /// The samples of the next step.
    template <class D>
    [[nodiscard]] ESPALIER_INLINE() step_samples<D> next_step(D const& data) {
        if (!epoch_.has(data.size(), steps_done_)) begin_epoch(data);
        if constexpr (replica_type::prefetches)
            if (steps_done_ < load_ahead_to_ && !replica_.ahead().is_running())
                load_ahead(replica_, plan_, data, epoch_, settings_.seed, steps_done_, load_ahead_to_);
        return {data, epoch_.order, epoch_.position(steps_done_), steps_done_ + 1};
    }
    template <class D>
    ESPALIER_NOINLINE() void begin_epoch(D const& data) {
        epoch_ = epoch_order::of(data.size(), samples_per_step, settings_.seed, steps_done_);
        if (!best_.are_in_use()) return;
        best_.put_back();
        replica_.weights_changed();
    }

    /// @param validation data, or `not_validated`
    template <class D, class V>
    fit_result train(D const& data, V const& validation, fit_options const& options) {
        constexpr bool validates = !std::is_same_v<V, not_validated>;
        check_shapes<M>(data);
        check_fills_a_step(data, plan_);
        kept_.begin(data.size());
        if constexpr (validates) best_.record.samples = validation.size();
        replica_.watch(options.stop);
        fit_result result;
        result.steps_per_epoch = data.size() / samples_per_step;
        result.dropped_samples = data.size() % samples_per_step;
        std::int64_t const end = std::min(result.steps_per_epoch * options.epochs,
                                          options.steps > 0 ? options.steps : std::numeric_limits<std::int64_t>::max());
        step_report report{steps_done_, epoch_of(data, steps_done_) + 1, end, samples_per_step, 0, 0, 0};
        watchers const watch{world_.rank(), options.observers};
        auto const is_over = [&] { return steps_done_ >= end || (validates && best_.record.is_over(options.early_stop.patience)); };
        auto const save_watched = [&] {
            if (K::keeps) watch.tell(&observer::on_save, report);
            save();
        };
        watch.tell(&observer::on_start, report);
        loading_to const loading{replica_, load_ahead_to_, end};
        while (!is_over()) {
            report.epoch         = epoch_of(data, steps_done_) + 1;
            step_outcome const s = train_step(data);
            result.last_loss     = s.loss;
            if (++result.steps == 1) result.first_loss = s.loss;
            if (watch.are_here()) {
                report.step          = steps_done_;
                report.loss          = s.loss;
                report.gradient_norm = s.gradient_norm;
                report.learning_rate = settings_.learning_rate.at(steps_done_);
                watch.tell(&observer::on_step, report);
            }
            if constexpr (validates)
                if (steps_done_ % result.steps_per_epoch == 0) watch.tell(&observer::on_validate, validate(validation, report.epoch, options));
            if (is_over()) break;
            if (s.stop) {
                result.stopped = true;
                break;
            }
            if (options.checkpoint_every > 0 && steps_done_ % options.checkpoint_every == 0) save_watched();
        }
        replica_.watch(nullptr);
        result.stopped_early        = steps_done_ < end && !result.stopped;
        result.best_step            = best_.record.best_step;
        result.best_validation_loss = best_.record.best_loss;
        if (result.steps > 0) save_watched();
        watch.tell(&observer::on_finish, report);
        return result;
    }

    /// Judges the epoch that has ended, and keeps its weights where they are the best.
    template <class V>
    validation_report validate(V const& validation, std::int64_t epoch, fit_options const& options) {
        double const loss = evaluate(validation).loss;
        if (!std::isfinite(loss)) throw non_finite_validation{steps_done_, epoch, loss};
        if (best_.record.note(steps_done_, loss, options.early_stop.min_delta)) best_.keep();
        return {steps_done_, epoch, loss, best_.record.best_loss, best_.record.best_step, best_.record.epochs_waited};
    }
    void require_best() const {
        if (best_.record.best_step == 0)
            reject_data("an epoch that was validated", "none", "Call fit(data, validation, options) for an epoch at least");
    }

    C& world_;
    settings settings_;
    plan_type plan_;
    replica_type replica_;
    detail::best_weights<M, C> best_;
    [[no_unique_address]] kept_run<M, P, C, K, local> kept_;
    std::int64_t steps_done_ = 0;
    epoch_order epoch_;               ///< of the step that is next, once it has begun
    mutable std::vector<scalar> whole_weights_, whole_best_;  ///< for who asks, where no rank has the whole
    std::int64_t load_ahead_to_ = 0;  ///< steps of the `fit` that is running, whose samples may be loaded ahead; 0: none is
};

template <class M, class P, class C, class K>
struct trainer_body_of {
    using type = trainer_body<M, P, C, K>;
};

}  // namespace espalier::detail

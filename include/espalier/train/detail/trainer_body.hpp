// SPDX-License-Identifier: BSL-1.0
/// @file
/// The trainer of a composition that fits: order of samples, steps, epochs, evaluation, checkpoints.
#pragma once

#include <espalier/checkpoint/concepts.hpp>
#include <espalier/data/dataset.hpp>
#include <espalier/math/block_sum.hpp>
#include <espalier/train/detail/kept_run.hpp>
#include <espalier/train/replica.hpp>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace espalier::detail {

/// The plan of a world of one as a type, so that each of its actions is compiled where it stands.
template <class M, class P>
struct plan_of_one {
    static constexpr auto value = P::template plan<M>(1, 0);
};

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
    /// @throws invalid_setting where the partition cannot use a world of this size
    trainer_body(C& world, settings const& s, K place = {})
        : world_{world}, settings_{s}, plan_{checked_plan(world)}, replica_{world, plan_, s},
          kept_{world, std::move(place), s.seed, replica_.region(region_kind::parameters), replica_.region(region_kind::optimizer_state)} {}

    /// Continues from the newest sound checkpoint of the place, whatever number of ranks and communicator wrote it; without one,
    /// starts afresh. A damaged checkpoint is passed over with a note, and the one before is taken.
    /// @par Ranks     collective
    /// @throws checkpoint::bad_checkpoint where that checkpoint is of another network, loss, optimizer, precision, seed or step, and
    ///         where there are checkpoints and all are damaged
    resume_result resume() {
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
    ///         is resumed; bad_checkpoint where the place holds another run; non_finite; what the communicator throws
    template <Dataset D>
    fit_result fit(D const& data, fit_options const& options = {}) {
        check(data);
        kept_.begin(data.size());
        replica_.watch(options.stop);
        fit_result result;
        result.steps_per_epoch = data.size() / samples_per_step;
        result.dropped_samples = data.size() % samples_per_step;
        std::int64_t const end = std::min(result.steps_per_epoch * options.epochs,
                                          options.steps > 0 ? options.steps : std::numeric_limits<std::int64_t>::max());
        step_report report{steps_done_, epoch_of(data, steps_done_) + 1, end, samples_per_step, 0, 0, 0};
        bool const watched      = world_.rank() == 0 && !options.observers.empty();
        auto const save_watched = [&] {
            if (watched && K::keeps) for (auto* o : options.observers) o->on_save(report);
            save();
        };
        if (watched) for (auto* o : options.observers) o->on_start(report);
        while (steps_done_ < end) {
            report.epoch         = epoch_of(data, steps_done_) + 1;
            step_outcome const s = train_step(data);
            result.last_loss     = s.loss;
            if (++result.steps == 1) result.first_loss = s.loss;
            if (watched) {
                report.step          = steps_done_;
                report.loss          = s.loss;
                report.gradient_norm = s.gradient_norm;
                report.learning_rate = settings_.learning_rate.at(steps_done_);
                for (auto* o : options.observers) o->on_step(report);
            }
            if (s.stop && steps_done_ < end) {
                result.stopped = true;
                break;
            }
            if (options.checkpoint_every > 0 && steps_done_ % options.checkpoint_every == 0 && steps_done_ < end) save_watched();
        }
        replica_.watch(nullptr);
        if (result.steps > 0) save_watched();
        if (watched) for (auto* o : options.observers) o->on_finish(report);
        return result;
    }

    /// One step of the plan.
    /// @par Ranks     collective
    template <Dataset D>
    step_outcome train_step(D const& data) {
        auto const in = next_step(data);
        if constexpr (requires { requires C::static_size == 1; } && P::plan_capacity <= 64) {
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
    /// @par Ranks     collective; batches are dealt to ranks in turn
    /// @par Numerics  one sum a batch, batches summed along the lane tree: the same bits on any number of ranks
    template <Dataset D>
    evaluation evaluate(D const& data) {
        check_shapes(data);
        std::int64_t const batches = (data.size() + P::batch - 1) / P::batch;
        std::vector<double> sums(static_cast<std::size_t>(2 * batches), 0.0);  // sums, then weights
        std::vector<std::int64_t> sample(static_cast<std::size_t>(P::batch));
        for (std::int64_t i = world_.rank(); i < batches; i += world_.size()) {
            std::int64_t const first = i * P::batch, count = std::min<std::int64_t>(P::batch, data.size() - first);
            for (std::int64_t k = 0; k < P::batch; ++k) sample[static_cast<std::size_t>(k)] = first + std::min(k, count - 1);
            loss_sum const loss                                = replica_.evaluate(data, sample, count);
            sums[static_cast<std::size_t>(i)]           = loss.sum;
            sums[static_cast<std::size_t>(batches + i)] = loss.weight;
        }
        world_.all_reduce(sums.data(), sums.data(), 2 * batches, sum{});  // each element is zero on all ranks but one
        double const weight = math::tree_sum(batches, sums.data() + batches);
        return {weight > 0 ? math::tree_sum(batches, sums.data()) / weight : 0.0, data.size()};
    }

    /// Writes a checkpoint of the steps done so far; when it is verified, older ones go beyond those that the place is to keep.
    /// @par Ranks     collective: each rank writes a part, rank 0 commits
    void save() { kept_.save(steps_done_); }

    /// The weights as named tensors; they refer to the trainer's memory and change with the next step.
    /// @par Ranks     local: every rank holds all of them
    [[nodiscard]] std::vector<checkpoint::named_tensor> weights() const {
        return checkpoint::tensors_of<typename M::network_type>(replica_.region(region_kind::parameters));
    }
    /// Takes weights by name, such as those of a PyTorch module; optimizer state and step number stay.
    /// @par Ranks     local: every rank must read the same file
    /// @throws checkpoint::bad_checkpoint where a tensor is missing or has another shape
    void set_weights(checkpoint::safetensors_view const& file) {
        checkpoint::read_tensors<typename M::network_type>(file, replica_.region(region_kind::parameters));
        replica_.weights_changed();
    }

    [[nodiscard]] std::int64_t steps_done() const noexcept { return steps_done_; }
    [[nodiscard]] plan_type const& plan() const noexcept { return plan_; }
    /// Memory that libraries hold for packed weights and scratch, beyond the plan's.
    [[nodiscard]] std::size_t workspace_bytes() const noexcept { return replica_.workspace_bytes(); }

private:
    using net = network<typename M::network_type>;
    /// The same on every layout.
    static constexpr std::int64_t samples_per_step = plan_of_one<M, P>::value.samples_per_step();

    [[nodiscard]] static plan_type checked_plan(C& world) {
        P::check_ranks(world.size());
        return P::template plan<M>(world.size(), world.rank());
    }

    template <class D>
    [[nodiscard]] std::int64_t epoch_of(D const& data, std::int64_t steps) const noexcept {
        return steps / (data.size() / samples_per_step);
    }

    /// The samples of the next step. What follows from the step number is kept for an epoch, because it costs divisions.
    template <class D>
    [[nodiscard]] ESPALIER_INLINE() step_samples<D> next_step(D const& data) noexcept {
        if (data.size() != epoch_.order.size() || steps_done_ < epoch_.first_step || steps_done_ >= epoch_.end_step) begin_epoch(data);
        return {data, epoch_.order, (steps_done_ - epoch_.first_step) * samples_per_step, steps_done_ + 1};
    }
    template <class D>
    ESPALIER_NOINLINE() void begin_epoch(D const& data) noexcept {
        std::int64_t const steps = data.size() / samples_per_step, epoch = steps_done_ / steps;
        epoch_ = {permutation{data.size(), random_key{settings_.seed, "order"}, static_cast<std::uint64_t>(epoch)}, epoch * steps,
                  (epoch + 1) * steps};
    }

    [[nodiscard]] static std::string to_string(shape const& s) {
        std::string out = "(";
        for (int i = 0; i < s.rank; ++i) out += joined(i > 0 ? "," : "", s.extent[i]);
        return out + ")";
    }
    template <class D>
    static void check_shapes(D const& data) {
        shape const target = M::loss_type::target(net::output);
        if (data.input() == net::input && data.target() == target) return;
        throw invalid_setting{complaint{.entity   = "trainer",
                                        .required = joined("samples of input ", to_string(net::input), " and target ", to_string(target)),
                                        .got      = joined("input ", to_string(data.input()), " and target ", to_string(data.target())),
                                        .fix      = "Change the network's first layer or the windows of the data",
                                        .page     = "policies/model.md"}};
    }
    template <class D>
    void check(D const& data) const {
        check_shapes(data);
        if (data.size() >= samples_per_step) return;
        throw invalid_setting{complaint{.entity   = "trainer",
                                        .required = joined("data that fill a step: ", plan_.lanes, " lanes × ", plan_.micro_batches,
                                                           " micro-batches × ", plan_.samples, " samples = ", samples_per_step),
                                        .got      = joined(data.size(), " samples"),
                                        .fix      = "Give more data, or take fewer lanes, micro-batches or samples",
                                        .page     = "policies/partition.md"}};
    }

    C& world_;
    settings settings_;
    plan_type plan_;
    replica<M, P, C> replica_;
    [[no_unique_address]] kept_run<M, P, C, K> kept_;
    std::int64_t steps_done_ = 0;
    struct {
        permutation order{0, random_key{}, 0};
        std::int64_t first_step = 0, end_step = 0;
    } epoch_;  ///< of the step that is next, once it has begun
};

template <class M, class P, class C, class K>
struct trainer_body_of {
    using type = trainer_body<M, P, C, K>;
};

}  // namespace espalier::detail

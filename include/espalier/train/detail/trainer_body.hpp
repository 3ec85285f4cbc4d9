// SPDX-License-Identifier: BSL-1.0
/// @file
/// The trainer of a composition that fits: order of samples, steps, epochs, evaluation, checkpoints.
#pragma once

#include <espalier/checkpoint/concepts.hpp>
#include <espalier/data/dataset.hpp>
#include <espalier/math/block_sum.hpp>
#include <espalier/train/detail/run_state.hpp>
#include <espalier/train/replica.hpp>

#include <algorithm>
#include <charconv>
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
        : world_{world}, settings_{s}, place_{std::move(place)}, plan_{checked_plan(world)}, replica_{world, plan_, s} {}

    /// Continues from the newest sound checkpoint of the place, whatever number of ranks and communicator wrote it; without one,
    /// starts afresh. A damaged checkpoint is passed over with a note, and the one before is taken.
    /// @par Ranks     collective
    /// @throws checkpoint::bad_checkpoint where that checkpoint is of another network, loss, optimizer, precision, seed or step, and
    ///         where there are checkpoints and all are damaged
    resume_result resume() {
        resume_result result;
        if constexpr (K::keeps) {
            checkpoint::manifest contents;
            std::int64_t step = -1;
            if (world_.rank() == 0)
                if (auto found = checkpoint::newest_sound(place_)) {
                    step         = found->step;
                    contents     = std::move(found->contents);
                    result.notes = std::move(found->passed_over);
                }
            world_.broadcast(&step, std::int64_t{1}, 0);
            if (step >= 0) {
                if (world_.rank() != 0) contents = checkpoint::read_manifest(place_, step);
                take(contents, result);
                world_.barrier();
            }
            is_own_place_ = true;
        }
        result.step = steps_done_;
        return result;
    }

    /// Removes every checkpoint of the place, for a run that is to begin anew where another one was.
    /// @par Ranks     collective
    void start_over() {
        if constexpr (K::keeps) {
            if (world_.rank() == 0)
                for (std::int64_t const step : place_.list()) place_.remove(step);
            world_.barrier();
            is_own_place_ = true;
        }
    }

    /// Trains until `options.epochs` epochs of the run are done, those before a resume included.
    /// @par Ranks     collective: every rank passes the same data and options; observers are called on rank 0
    /// @throws invalid_setting where the data do not fit the network or do not fill a step, or are not as many as those of the run that
    ///         is resumed; bad_checkpoint where the place holds another run; non_finite; what the communicator throws
    template <Dataset D>
    fit_result fit(D const& data, fit_options const& options = {}) {
        check(data);
        require_own_place();
        data_samples_ = data.size();
        replica_.watch(options.stop);
        fit_result result;
        result.steps_per_epoch = data.size() / samples_per_step;
        result.dropped_samples = data.size() % samples_per_step;
        std::int64_t const end = std::min(result.steps_per_epoch * options.epochs,
                                          options.steps > 0 ? options.steps : std::numeric_limits<std::int64_t>::max());
        step_report report{steps_done_, epoch_of(data, steps_done_) + 1, end, samples_per_step, 0, 0, 0};
        bool const watched = world_.rank() == 0 && !options.observers.empty();
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
            if (options.checkpoint_every > 0 && steps_done_ % options.checkpoint_every == 0 && steps_done_ < end) save();
        }
        replica_.watch(nullptr);
        if (result.steps > 0) save();
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
    void save() {
        if constexpr (K::keeps) {
            require_own_place();
            auto run            = identity_of<M, P>(settings_.seed);
            run["arithmetic"]   = math::backend_name();
            run["ranks"]        = joined(world_.size());
            run["data_samples"] = joined(data_samples_);
            auto const tensors  = state();
            checkpoint::save_state(place_, world_, steps_done_, run, own_pieces(tensors, world_.size(), world_.rank()));
        }
    }

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

    [[nodiscard]] std::vector<checkpoint::named_tensor> state() const {
        return state_tensors<M>(replica_.region(region_kind::parameters), replica_.region(region_kind::optimizer_state));
    }
    /// Becomes what a checkpoint holds.
    void take(checkpoint::manifest const& contents, resume_result& result) {
        require_same_run(identity_of<M, P>(settings_.seed), contents.run);
        auto const tensors = state();
        checkpoint::load_state(place_, contents, all_wanted(tensors));
        replica_.weights_changed();
        steps_done_ = contents.step;
        auto const samples = fact(contents.run, "data_samples");
        std::from_chars(samples.data(), samples.data() + samples.size(), resumed_samples_);
        if (auto const its = fact(contents.run, "arithmetic"); world_.rank() == 0 && its != math::backend_name())
            result.notes.push_back(joined("the checkpoint was computed by ", its, ", this run computes by ", math::backend_name(),
                                          ": its bits will differ from those of a run that never stopped"));
    }
    /// A run that neither resumed nor started over must not write among the checkpoints of another one.
    void require_own_place() {
        if constexpr (K::keeps) {
            if (is_own_place_) return;
            if (world_.rank() == 0)
                if (auto const steps = place_.list(); !steps.empty())
                    throw checkpoint::bad_checkpoint{complaint{.entity   = "trainer",
                                                               .required = "a place without checkpoints, or one whose run is resumed",
                                                               .got      = joined(steps.size(), " checkpoints, the newest of step ", steps.back()),
                                                               .fix      = "Call resume(), or start_over() to remove them",
                                                               .page     = "policies/checkpoint.md"}};
            is_own_place_ = true;
        }
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
        if (resumed_samples_ != 0 && data.size() != resumed_samples_)
            throw invalid_setting{complaint{.entity   = "trainer",
                                            .required = joined("the ", resumed_samples_, " samples that the resumed run was trained on"),
                                            .got      = joined(data.size(), " samples"),
                                            .fix      = "Give the same data, or begin a new run from these weights (set_weights)",
                                            .page     = "policies/checkpoint.md"}};
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
    K place_;
    plan_type plan_;
    replica<M, P, C> replica_;
    std::int64_t steps_done_      = 0;
    std::int64_t data_samples_    = 0;      ///< of the last fit: the order of samples depends on their number
    std::int64_t resumed_samples_ = 0;      ///< of the run that is resumed; 0: none
    bool is_own_place_            = false;  ///< the place holds this run's checkpoints, or none
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

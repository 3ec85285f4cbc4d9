// SPDX-License-Identifier: BSL-1.0
/// @file
/// The checkpoints of one run as a rank sees them: whose they are, when one may be written, what is taken from one.
/// Steps and data are the trainer's; how tensors are written and read is checkpoint/'s business.
#pragma once

#include <espalier/checkpoint/concepts.hpp>
#include <espalier/train/detail/best_weights.hpp>
#include <espalier/train/detail/chunked_state.hpp>
#include <espalier/train/detail/run_state.hpp>
#include <espalier/train/replica.hpp>
#include <espalier/train/settings.hpp>

#include <charconv>
#include <cstdint>
#include <utility>

namespace espalier::detail {

/// @tparam M the whole model, as which the run is known
/// @tparam Local what a rank of a tensor axis computes of it
template <class M, class P, class C, class K, class Local = M>
class kept_run {
public:
    using scalar       = typename M::precision_type::scalar;
    using replica_type = replica<Local, P, C>;

    /// @param holder of the weights and the optimizer's state, which `save` reads and `resume` writes
    kept_run(C& world, K place, std::uint64_t seed, best_weights<M, C>& weights, replica_type& holder)
        : world_{world}, place_{std::move(place)}, seed_{seed}, weights_{weights}, holder_{holder} {}

    /// Takes the newest sound checkpoint.
    /// @par Ranks     collective
    /// @return whether there was one; then `result` has its step
    /// @throws bad_checkpoint where it is of another run, or where there are checkpoints and all are damaged
    ESPALIER_COLD() bool resume(resume_result& result) {
        checkpoint::manifest contents;
        std::int64_t step = -1;
        if (world_.rank() == 0)
            if (auto found = checkpoint::newest_sound(place_)) {
                step         = found->step;
                contents     = std::move(found->contents);
                result.notes = std::move(found->passed_over);
            }
        world_.broadcast(&step, std::int64_t{1}, 0);
        is_own_place_ = true;
        if (step < 0) return false;
        if (world_.rank() != 0) contents = checkpoint::read_manifest(place_, step);
        require_same_run(identity_of<M, P>(seed_), contents.run);
        auto const validations = validations_in(contents.run);
        weights_.put_back();
        if (validations.best_step > 0) weights_.make_room();
        weights_.record    = validations;
        load(contents);
        result.step        = step;
        auto const samples = fact(contents.run, "data_samples");
        std::from_chars(samples.data(), samples.data() + samples.size(), resumed_samples_);
        data_samples_ = resumed_samples_;
        if (auto const its = fact(contents.run, "arithmetic"); world_.rank() == 0 && its != math::backend_name())
            result.notes.push_back(joined("the checkpoint was computed by ", its, ", this run computes by ", math::backend_name(),
                                          ": its bits will differ from those of a run that never stopped"));
        note_other_slices(contents, result);
        world_.barrier();
        return true;
    }

    /// Removes every checkpoint of the place.
    /// @par Ranks     collective
    ESPALIER_COLD() void start_over() {
        if (world_.rank() == 0)
            for (std::int64_t const step : place_.list()) place_.remove(step);
        world_.barrier();
        is_own_place_ = true;
    }

    /// To be called before the first step on a data set of `samples` samples: the order of samples depends on their number.
    /// @throws invalid_setting where the run that was resumed had another number
    ESPALIER_COLD() void begin(std::int64_t samples) {
        if (resumed_samples_ != 0 && samples != resumed_samples_)
            throw invalid_setting{complaint{.entity   = "trainer",
                                            .required = joined("the ", resumed_samples_, " samples that the resumed run was trained on"),
                                            .got      = joined(samples, " samples"),
                                            .fix      = "Give the same data, or begin a new run from these weights (set_weights)",
                                            .page     = "policies/checkpoint.md"}};
        data_samples_ = samples;
        require_own_place();
    }

    /// @par Ranks     collective: each rank writes a part, rank 0 commits, verifies, and removes what the place need not keep
    ESPALIER_COLD() void save(std::int64_t step) {
        require_own_place();
        auto run            = identity_of<M, P>(seed_);
        run["arithmetic"]   = math::backend_name();
        run["ranks"]        = joined(world_.size());
        run["data_samples"] = joined(data_samples_);
        if (holder_.plan().slices > 1) run["slices"] = joined(holder_.plan().slices);
        add_facts(weights_.record, run);
        if constexpr (replica_type::is_chunked) {
            gathered_pieces pieces;
            for (auto const& array : arrays()) state_type::add_pieces(holder_.part(), holder_.plan(), holder_.replicas(), array, pieces);
            checkpoint::save_state(place_, world_, step, run, pieces.item);
        } else {
            auto const tensors = state();
            checkpoint::save_state(place_, world_, step, run, own_pieces(tensors, world_.size(), world_.rank()));
        }
    }

private:
    using state_type = chunked_state<typename Local::network_type, scalar, typename M::network_type>;

    ESPALIER_COLD() void load(checkpoint::manifest const& contents) {
        if constexpr (replica_type::is_chunked) {
            for (auto const& array : arrays()) state_type::load(place_, contents, holder_.part(), holder_.plan(), array);
        } else {
            auto const tensors = state();
            checkpoint::load_state(place_, contents, all_wanted(tensors));
        }
    }
    /// Layouts with other numbers of slices go on with a run; but sums over slices round otherwise.
    void note_other_slices(checkpoint::manifest const& contents, resume_result& result) const {
        auto const its  = contents.run.contains("slices") ? fact(contents.run, "slices") : "1";
        auto const mine = joined(holder_.plan().slices);
        if (world_.rank() != 0 || its == mine) return;
        auto const layers = [](std::string const& slices) { return slices == "1" ? "whole layers" : joined("layers in ", slices, " slices"); };
        result.notes.push_back(joined("the checkpoint was computed with ", layers(its), ", this run computes with ", layers(mine),
                                      ": its bits will differ from those of a run that never stopped"));
    }
    /// The run's own weights are saved, also while the best are in their place.
    [[nodiscard]] ESPALIER_COLD() std::vector<checkpoint::named_tensor> state() {
        auto tensors = state_tensors<M>(weights_.own(), holder_.part().region(region_kind::optimizer_state));
        if (weights_.record.best_step == 0) return tensors;
        auto const more = best_tensors<M>(weights_.best());
        tensors.insert(tensors.end(), more.begin(), more.end());
        return tensors;
    }
    /// The same where ranks hold chunks.
    [[nodiscard]] std::vector<held_array<scalar>> arrays() {
        auto const& part       = holder_.part();
        bool const in_shards   = part.has_shards(), weights_in_shards = holder_.plan().gathered_chunks > 0;
        std::vector<held_array<scalar>> all(1);
        all[0].is_sharded = weights_in_shards;
        for (std::size_t i = 0; i < weights_.ranges(); ++i) all[0].chunk.push_back(weights_.own(i));
        for (int i = 0; i < M::optimizer_type::states; ++i) {
            held_array<scalar> array{joined("optimizer.", M::optimizer_type::state_name(i), "."), {}, in_shards};
            for (auto const& held : part.state(i)) array.chunk.push_back(held.data);
            all.push_back(std::move(array));
        }
        if (weights_.record.best_step == 0) return all;
        held_array<scalar> best{"best.", {}, weights_in_shards};
        for (std::size_t i = 0; i < weights_.ranges(); ++i) best.chunk.push_back(weights_.best(i));
        all.push_back(std::move(best));
        return all;
    }

    /// A run that neither resumed nor started over must not write among the checkpoints of another one.
    ESPALIER_COLD() void require_own_place() {
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

    C& world_;
    K place_;
    std::uint64_t seed_;
    best_weights<M, C>& weights_;
    replica_type& holder_;
    std::int64_t data_samples_    = 0;
    std::int64_t resumed_samples_ = 0;      ///< of the run that was resumed; 0: none was
    bool is_own_place_            = false;  ///< the place holds this run's checkpoints, or none
};

/// The same over a place that keeps nothing: nothing is done.
template <class M, class P, class C, class K, class Local>
    requires(!K::keeps)
class kept_run<M, P, C, K, Local> {
public:
    template <class... Anything>
    constexpr explicit kept_run(Anything const&...) noexcept {}
    constexpr bool resume(resume_result&) noexcept { return false; }
    constexpr void start_over() noexcept {}
    constexpr void begin(std::int64_t) noexcept {}
    constexpr void save(std::int64_t) noexcept {}
};

}  // namespace espalier::detail

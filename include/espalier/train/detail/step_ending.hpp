// SPDX-License-Identifier: BSL-1.0
/// @file
/// The end of a step: from the summed gradients to new weights, by way of the mean, clipping and the optimizer; where ranks hold chunks, with
/// what they tell each other for it. The sums themselves are the interpreter's business (replica.hpp).
#pragma once

#include <espalier/comm/reductions.hpp>
#include <espalier/models/model.hpp>
#include <espalier/partition/detail/chunked_partition.hpp>
#include <espalier/train/detail/place_of.hpp>
#include <espalier/train/gradient_norm.hpp>
#include <espalier/train/settings.hpp>
#include <espalier/train/weight_update.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier {

/// What a finished step knows; the same on every rank.
struct step_outcome {
    double loss          = 0;  ///< mean
    double gradient_norm = 0;  ///< before clipping; 0 where gradients are not clipped
    bool stop            = false;  ///< a rank wants to stop after this step
};

namespace detail {

/// What both kinds of ending have.
template <Model M>
class ending_of_a_step {
public:
    using scalar   = typename M::precision_type::scalar;
    using settings = training_settings<typename M::optimizer_type>;

    explicit ending_of_a_step(settings const& s) : settings_{s} {
        if (s.clip_norm > 0) norm_ = gradient_norm<typename M::network_type>::for_use();
        if constexpr (needs_norms) update_ = update_type::for_use();
    }
    [[nodiscard]] std::size_t workspace_bytes() const noexcept { return norm_.workspace_bytes() + update_.workspace_bytes(); }

protected:
    using update_type                 = weight_update<typename M::network_type, typename M::optimizer_type>;
    static constexpr bool needs_norms = UsesTensorNorms<typename M::optimizer_type>;

    /// What turns sums of gradients into what is applied: the mean, clipped.
    /// @param norm_of_sum () the norm of the summed gradient; asked for where gradients are clipped
    template <class Norm>
    [[nodiscard]] ESPALIER_INLINE() double scale_of(double loss, double weight, Norm norm_of_sum, step_outcome& out) const {
        double scale = weight > 0 ? 1 / weight : 0.0;  // 0: every target of the step is left out
        out.loss     = loss * scale;
        if (settings_.clip_norm > 0) {
            out.gradient_norm = norm_of_sum() * scale;
            if (out.gradient_norm > settings_.clip_norm) scale *= settings_.clip_norm / out.gradient_norm;
        }
        return scale;
    }

    settings settings_;
    gradient_norm<typename M::network_type> norm_;
    update_type update_;
};

/// Where every rank has the sums of all gradients, and all weights.
template <Model M>
class whole_ending : public ending_of_a_step<M> {
    using base   = ending_of_a_step<M>;
    using scalar = typename base::scalar;

public:
    template <class Plan>
    whole_ending(typename base::settings const& s, Plan const&) : base{s} {}

    template <class Part, class Plan>
    ESPALIER_INLINE() void update(Part& part, Plan const&, int buffer, std::int64_t step, step_outcome& out) {
        constexpr std::int64_t n = network<typename M::network_type>::tensors.elements;
        scalar const* const tail = part.tail(buffer);
        double const scale = this->scale_of(static_cast<double>(tail[tail_loss]), static_cast<double>(tail[tail_weight]),
                                            [&] { return this->norm_(part.gradients(0, buffer)); }, out);
        out.stop           = tail[tail_stop] > scalar{0};
        this->update_(this->settings_.optimizer,
                      update_pass<scalar>{n, part.region(region_kind::parameters), part.gradients(0, buffer), part.region(region_kind::optimizer_state), n, step,
                                          this->settings_.learning_rate.at(step), scale});
        part.pack();
    }
};

/// Where a rank has chunks of the network, or shards of them.
template <Model M>
class chunked_ending : public ending_of_a_step<M> {
    using base   = ending_of_a_step<M>;
    using scalar = typename base::scalar;

public:
    template <class Plan>
    chunked_ending(typename base::settings const& s, Plan const& plan) : base{s}, shared_(static_cast<std::size_t>(plan.shared_elements)) {}
    [[nodiscard]] std::size_t workspace_bytes() const noexcept { return base::workspace_bytes() + shared_.size() * sizeof(double); }

    /// Loss, weight and wishes to stop, and the sums of blocks of the gradient where it is clipped: each number from one rank, zeros from
    /// the others, so that no order matters. Of ranks of a tensor axis, all of which know the loss, the first speaks.
    /// @par Ranks     collective over `world`
    template <class C, class Part, class Plan>
    void share(C& world, Part const& part, Plan const& plan, bool wants_to_stop) {
        std::fill(shared_.begin(), shared_.end(), 0.0);
        bool const shards = part.has_shards();
        if (part.ends_with(plan.chunks - 1) && plan.replica() == (shards ? plan.replicas() - 1 : 0) && plan.tensor_rank() == 0) {
            scalar const* const tail = shards ? part.shard_tail() : part.tail(0);
            shared_[0] = static_cast<double>(tail[tail_loss]);
            shared_[1] = static_cast<double>(tail[tail_weight]);
        }
        shared_[2] = wants_to_stop ? 1.0 : 0.0;
        if (this->settings_.clip_norm > 0) {
            add_blocks(part, plan, speaks(part, plan));
            std::copy(this->norm_.blocks().begin(), this->norm_.blocks().end(), shared_.begin() + shared_facts);
        }
        world.all_reduce(shared_.data(), shared_.data(), static_cast<std::int64_t>(shared_.size()), sum{});
        if (this->settings_.clip_norm > 0) std::copy(shared_.begin() + shared_facts, shared_.end(), this->norm_.blocks().begin());
    }
    /// The sums of blocks for an optimizer that needs the norms of tensors; its moments move here.
    /// @par Ranks     collective over `world`, after `share`
    template <class C, class Part, class Plan>
    void measure(C& world, Part const& part, Plan const& plan, std::int64_t step) {
        if constexpr (base::needs_norms) {
            step_outcome unused;
            measure_here(part, plan, step, shared_scale(unused));
            if (!speaks(part, plan)) this->update_.clear();
            auto const blocks = this->update_.blocks();
            world.all_reduce(blocks.data(), blocks.data(), static_cast<std::int64_t>(blocks.size()), sum{});
        }
    }
    /// Weights and optimizer state of what this rank owns.
    template <class Part, class Plan>
    void update(Part& part, Plan const& plan, int buffer, std::int64_t step, step_outcome& out) {
        double scale = 0;
        if (plan.shared_elements > 0) {
            scale    = shared_scale(out);
            out.stop = shared_[2] > 0;
        } else {
            scalar const* const tail = part.tail(buffer);
            if (this->settings_.clip_norm > 0) add_blocks(part, plan, true);
            scale    = this->scale_of(static_cast<double>(tail[tail_loss]), static_cast<double>(tail[tail_weight]), [&] { return this->norm_.combined(); }, out);
            out.stop = tail[tail_stop] > scalar{0};
            if constexpr (base::needs_norms) measure_here(part, plan, step, scale);
        }
        for (int c = 0; c < plan.chunks; ++c) {
            if constexpr (base::needs_norms) this->update_.apply(this->settings_.optimizer, part.owned(c), pass_over(part, c, step, scale));
            else this->update_(this->settings_.optimizer, pass_over(part, c, step, scale));
        }
        if (!part.has_shards()) part.pack();  // shards are gathered first
    }

private:
    /// Of replicas that hold the same, one speaks.
    template <class Part, class Plan>
    [[nodiscard]] static bool speaks(Part const& part, Plan const& plan) noexcept { return part.has_shards() || plan.replica() == 0; }
    [[nodiscard]] double shared_scale(step_outcome& out) const {
        return this->scale_of(shared_[0], shared_[1], [&] { return this->norm_.combined(); }, out);
    }
    template <class Part, class Plan>
    void add_blocks(Part const& part, Plan const& plan, bool speaks) {
        this->norm_.clear();
        for (int c = 0; c < plan.chunks && speaks; ++c) this->norm_.add_blocks(part.owned(c), part.owned_gradients(c), place_of(plan));
    }
    template <class Part, class Plan>
    void measure_here(Part const& part, Plan const& plan, std::int64_t step, double scale) {
        this->update_.clear();
        for (int c = 0; c < plan.chunks; ++c) this->update_.measure(this->settings_.optimizer, part.owned(c), pass_over(part, c, step, scale), place_of(plan));
    }
    /// Over what this rank owns of a chunk.
    template <class Part>
    [[nodiscard]] update_pass<scalar> pass_over(Part const& part, int chunk, std::int64_t step, double scale) const {
        auto const owned = part.owned(chunk);
        return {owned.last - owned.first, part.owned_parameters(chunk), part.owned_gradients(chunk), part.state(chunk, 0), part.state_stride(), step,
                this->settings_.learning_rate.at(step), scale};
    }

    std::vector<double> shared_;
};

}  // namespace detail
}  // namespace espalier

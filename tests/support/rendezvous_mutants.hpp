// SPDX-License-Identifier: BSL-1.0
/// @file
/// The plans of a pipeline's ranks as something to be changed by chance: places in them are drawn, actions swapped, dropped and put in.
/// Which changes there are: rendezvous_faults.hpp.
#pragma once

#include "support/stage_plans.hpp"

#include <espalier/core/philox.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace espalier_test {

/// The plans of all ranks.
template <class S, int MaxMicroBatches, int TensorRanks = 1>
[[nodiscard]] std::vector<stage_plan<S, MaxMicroBatches, TensorRanks>> stage_plans_of(pipeline_sizes const& sizes) {
    std::vector<stage_plan<S, MaxMicroBatches, TensorRanks>> plans;
    for (int r = 0; r < sizes.stages * sizes.replicas * TensorRanks; ++r) plans.push_back(stage_plan_of<S, MaxMicroBatches, TensorRanks>(sizes, r));
    return plans;
}
template <class Plan>
[[nodiscard]] espalier::verdict prove_all(std::vector<Plan> const& plans) {
    return espalier::prove(static_cast<int>(plans.size()), [&](int rank) -> Plan const& { return plans[static_cast<std::size_t>(rank)]; });
}

/// What chance decides for mutant number `mutant` of a kind: always the same.
class dice {
public:
    dice(std::string_view kind, std::uint64_t mutant) : key_{11, kind}, mutant_{mutant} {}

    /// One of 0 … n − 1.
    [[nodiscard]] int below(int n) { return static_cast<int>(key_.at(drawn_++, mutant_).word[0] % static_cast<std::uint32_t>(n)); }

private:
    espalier::random_key key_;
    std::uint64_t mutant_, drawn_ = 0;
};

/// Where an action stands.
struct place {
    std::size_t rank = 0;
    int at           = 0;
};

/// @tparam Plan with room for two more actions
template <class Plan>
class mutant {
public:
    using action = espalier::action;

    explicit mutant(std::vector<Plan> sound, dice draw = {"", 0}) : plans{std::move(sound)}, draw_{draw} {}

    std::vector<Plan> plans;

    [[nodiscard]] int below(int n) { return draw_.below(n); }
    [[nodiscard]] action& item(place const& p) { return plans[p.rank].item[p.at]; }

    template <class Wanted>
    [[nodiscard]] std::vector<place> all(Wanted const& wanted) const {
        std::vector<place> found;
        for (std::size_t r = 0; r < plans.size(); ++r)
            for (int i = 0; i < plans[r].count; ++i)
                if (wanted(plans[r].item[i])) found.push_back({r, i});
        return found;
    }
    /// An action of any rank; there must be one that is wanted.
    template <class Wanted>
    [[nodiscard]] place any(Wanted const& wanted) {
        return drawn_from(all(wanted));
    }
    /// Another one of the same rank; the same one where there is no other.
    template <class Wanted>
    [[nodiscard]] place another(place const& first, Wanted const& wanted) {
        std::vector<place> others;
        for (place const& p : all(wanted))
            if (p.rank == first.rank && p.at != first.at) others.push_back(p);
        return others.empty() ? first : drawn_from(others);
    }
    /// The nearest one behind (`step` 1) or before (−1) a place; the place itself where there is none.
    template <class Wanted>
    [[nodiscard]] place nearest(place const& from, int step, Wanted const& wanted) const {
        Plan const& p = plans[from.rank];
        for (int i = from.at + step; i >= 0 && i < p.count; i += step)
            if (wanted(p.item[i])) return {from.rank, i};
        return from;
    }

    void swap(place const& a, place const& b) { std::swap(item(a), item(b)); }
    void drop(place const& p) {
        Plan& plan = plans[p.rank];
        std::copy(plan.item + p.at + 1, plan.item + plan.count, plan.item + p.at);
        --plan.count;
    }
    /// Before the action that is there.
    void insert(place const& p, action a) {
        Plan& plan = plans[p.rank];
        std::copy_backward(plan.item + p.at, plan.item + plan.count, plan.item + plan.count + 1);
        plan.item[p.at] = a;
        ++plan.count;
    }
    /// Lets the plans say what they do now: elements sent, and slots, boxes and buffers up to the highest that they write. What a plan
    /// misstates is not the question here; one that needs less than before is judged by what it computes.
    void restate() {
        for (Plan& p : plans) {
            p.activation_slots = p.received_boxes = p.gradient_buffers = 0;
            for (int i = 0; i < p.count; ++i) {
                action const& a     = p.item[i];
                using kind          = espalier::action_kind;
                bool const receives = a.kind == kind::post_recv && a.direction == espalier::way::forward;
                if (a.kind == kind::forward) p.activation_slots = std::max(p.activation_slots, a.activations + 1);
                if (receives) p.received_boxes = std::max(p.received_boxes, a.box + 1);
                if (a.kind == kind::clear || espalier::sums_to_all(a.kind)) p.gradient_buffers = std::max(p.gradient_buffers, a.buffer + 1);
            }
            state_memory(p);
            p.sent_elements = 0;
            for (int i = 0; i < p.count; ++i)
                if (p.item[i].chunk >= 0 && p.item[i].chunk < p.chunks) p.sent_elements += espalier::elements_sent(p, p.item[i]);
        }
    }

private:
    [[nodiscard]] place drawn_from(std::vector<place> const& places) { return places.at(static_cast<std::size_t>(below(static_cast<int>(places.size())))); }

    dice draw_;
};

}  // namespace espalier_test

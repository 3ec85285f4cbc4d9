// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a step's plans compute, found by running them over words instead of numbers: independent of the proof, which it judges.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/optim/sgd.hpp>
#include <espalier/partition/data/data_parallel.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace espalier_test {

/// A layer that only describes itself: plans need shapes and parameters to size their memory, and no arithmetic.
struct described_layer {
    static constexpr espalier::shape input() { return espalier::dims(3); }
    static constexpr bool takes(espalier::shape) { return true; }
    static constexpr espalier::shape gives(espalier::shape) { return espalier::dims(2); }
    static constexpr espalier::parameter_list<2> parameters(espalier::shape) {
        return {{{espalier::text{"weight"}, espalier::dims(2, 3), {}}, {espalier::text{"bias"}, espalier::dims(2), {}}}};
    }
};
using small_model = espalier::model<described_layer, espalier::mean_squared_error, espalier::sgd>;

namespace detail {

/// One rank's memory: what each gradient buffer and its loss hold, as words; "?" is what lay there before.
struct word_machine {
    std::vector<std::string> gradient, loss, slot;
    std::string activations = "?";

    word_machine(int buffers, int slots)
        : gradient(static_cast<std::size_t>(buffers), "?"), loss(gradient), slot(static_cast<std::size_t>(slots), "?") {}
};

inline std::string label_of(espalier::action const& a) { return espalier::joined("[", a.lane, ".", a.micro_batch, "]"); }

/// A loader that fills slots ahead, as soon as it may or as late as it can; real ones do something between.
struct word_loader {
    std::vector<std::string> micro_batches;
    std::size_t filled = 0, taken = 0, released = 0;
    bool is_eager;

    template <class Plan>
    word_loader(Plan const& plan, bool eager) : is_eager{eager} {
        for (int i = 0; i < plan.count && plan.prefetched_slots > 0; ++i)
            if (plan.item[i].kind == espalier::action_kind::load) micro_batches.push_back(label_of(plan.item[i]));
    }
    void fill(std::vector<std::string>& slot, std::size_t wanted) {
        for (; filled < wanted && filled < micro_batches.size() && filled - released < slot.size(); ++filled)
            slot[filled % slot.size()] = micro_batches[filled];
    }
    void fill_ahead(std::vector<std::string>& slot) {
        if (is_eager) fill(slot, micro_batches.size());
    }
    /// @return whether the load action ends
    bool take(std::vector<std::string>& slot) {
        fill(slot, taken + 1);
        return taken++ < filled;
    }
    void release(std::vector<std::string>& slot) {
        ++released;
        fill_ahead(slot);
    }
    [[nodiscard]] bool is_at_rest() const { return taken == micro_batches.size() && released == taken; }
};

/// A micro-batch added to a sum: braces, so that words tell apart what sums in another order.
inline std::string added(std::string const& sum, std::string const& micro_batch) { return espalier::joined("{", sum, micro_batch, "}"); }

inline std::string tree_word(espalier::lane_range node, std::map<std::pair<int, int>, std::string> const& known) {
    if (auto const at = known.find({node.first, node.last}); at != known.end()) return at->second;
    if (node.size() == 1) return "?";
    int const middle = espalier::split_of(node);
    return espalier::joined("(", tree_word({node.first, middle}, known), tree_word({middle, node.last}, known), ")");
}

}  // namespace detail

/// Whether every rank ends with the gradients and losses of all lanes, each micro-batch once and in order, summed along the tree,
/// and updates once with them; collectives must be met by all ranks, and slots that are filled ahead are left as the next step needs them.
template <class Plan>
[[nodiscard]] bool sums_what_it_should(std::vector<Plan> const& plans, bool with_eager_loader) {
    using namespace espalier;
    int const lanes = plans[0].lanes;
    std::map<std::pair<int, int>, std::string> wanted_lanes;
    for (int l = 0; l < lanes; ++l) {
        std::string word;
        for (int j = 0; j < plans[0].micro_batches; ++j) word = detail::added(word, joined("[", l, ".", j, "]"));
        wanted_lanes[{l, l + 1}] = word;
    }
    std::string const wanted = detail::tree_word({0, lanes}, wanted_lanes);

    std::vector<detail::word_machine> machine;
    std::vector<detail::word_loader> loader;
    std::vector<int> at(plans.size(), 0), updates(plans.size(), 0);
    for (auto const& p : plans) {
        machine.emplace_back(p.gradient_buffers, p.slots());
        loader.emplace_back(p, with_eager_loader).fill_ahead(machine.back().slot);
        if (p.prefetched_slots > 0 && loader.back().micro_batches.size() != static_cast<std::size_t>(p.loads)) return false;
    }
    for (bool moved = true; moved;) {
        moved = false;
        for (std::size_t r = 0; r < plans.size(); ++r)
            for (; at[r] < plans[r].count && plans[r].item[at[r]].kind != action_kind::all_reduce; ++at[r], moved = true) {
                action const& a = plans[r].item[at[r]];
                auto& m         = machine[r];
                auto const ok   = [&](int b) { return b >= 0 && b < plans[r].gradient_buffers; };
                std::string const label = detail::label_of(a);
                auto const b = static_cast<std::size_t>(a.buffer), o = static_cast<std::size_t>(a.other), s = static_cast<std::size_t>(a.slot);
                bool const has_slot = a.slot >= 0 && a.slot < plans[r].slots();
                switch (a.kind) {
                case action_kind::clear:
                    if (!ok(a.buffer)) return false;
                    m.gradient[b] = m.loss[b] = "";
                    break;
                case action_kind::load:
                    if (a.lane < plans[r].mine.first || a.lane >= plans[r].mine.last || a.micro_batch >= plans[r].micro_batches) return false;
                    if (!has_slot || (plans[r].prefetched_slots > 0 && !loader[r].take(m.slot))) return false;
                    if (plans[r].prefetched_slots == 0) m.slot[s] = label;
                    else if (m.slot[s] != label) return false;
                    break;
                case action_kind::forward:
                    if (!has_slot || m.slot[s] != label) return false;
                    m.activations = label;
                    break;
                case action_kind::backward:
                    if (!ok(a.buffer) || !has_slot || m.slot[s] != label || m.activations != label) return false;
                    m.gradient[b] = detail::added(m.gradient[b], label);
                    m.loss[b]     = detail::added(m.loss[b], label);
                    m.activations = "spent";
                    if (plans[r].prefetched_slots > 0) loader[r].release(m.slot);
                    break;
                case action_kind::fold:
                    if (!ok(a.buffer) || !ok(a.other) || a.buffer == a.other) return false;
                    m.gradient[b] = joined("(", m.gradient[b], m.gradient[o], ")");
                    m.loss[b]     = joined("(", m.loss[b], m.loss[o], ")");
                    break;
                case action_kind::update:
                    if (!ok(a.buffer) || m.gradient[b] != wanted || m.loss[b] != wanted) return false;
                    ++updates[r];
                    break;
                default: break;
                }
            }
        bool const all_wait = std::all_of(plans.begin(), plans.end(), [&](auto const& p) {
            auto const r = static_cast<std::size_t>(&p - plans.data());
            return at[r] < p.count;
        });
        if (!all_wait) continue;
        std::map<std::pair<int, int>, std::string> gradients, losses;
        for (std::size_t r = 0; r < plans.size(); ++r)
            for (int i = 0; i < plans[r].partials; ++i) {
                auto const b = static_cast<std::size_t>(plans[r].partial[i].buffer);
                std::pair const key{plans[r].partial[i].lanes.first, plans[r].partial[i].lanes.last};
                gradients[key] = machine[r].gradient[b];
                losses[key]    = machine[r].loss[b];
            }
        for (std::size_t r = 0; r < plans.size(); ++r) {
            int const b = plans[r].item[at[r]++].buffer;
            if (b < 0 || b >= plans[r].gradient_buffers) return false;
            machine[r].gradient[static_cast<std::size_t>(b)] = detail::tree_word({0, lanes}, gradients);
            machine[r].loss[static_cast<std::size_t>(b)]     = detail::tree_word({0, lanes}, losses);
        }
        moved = true;
    }
    for (std::size_t r = 0; r < plans.size(); ++r)
        if (at[r] < plans[r].count || updates[r] != 1 || !loader[r].is_at_rest()) return false;
    return true;
}

/// The same, whatever a loader does.
template <class Plan>
[[nodiscard]] bool sums_what_it_should(std::vector<Plan> const& plans) {
    return sums_what_it_should(plans, true) && sums_what_it_should(plans, false);
}

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a step's plans compute, found by running them over words instead of numbers: independent of the proof, which it judges.
#pragma once

#include <espalier/optim/sgd.hpp>
#include <espalier/partition/data/data_parallel.hpp>

#include <algorithm>
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
    std::vector<std::string> gradient, loss;
    std::string input = "?", activations = "?";

    explicit word_machine(int buffers) : gradient(static_cast<std::size_t>(buffers), "?"), loss(gradient) {}
};

/// A micro-batch added to a sum: braces, so that words tell apart what sums in another order.
inline std::string added(std::string const& sum, std::string const& micro_batch) { return "{" + sum + micro_batch + "}"; }

inline std::string tree_word(espalier::lane_range node, std::map<std::pair<int, int>, std::string> const& known) {
    if (auto const at = known.find({node.first, node.last}); at != known.end()) return at->second;
    if (node.size() == 1) return "?";
    int const middle = espalier::split_of(node);
    return "(" + tree_word({node.first, middle}, known) + tree_word({middle, node.last}, known) + ")";
}

}  // namespace detail

/// Whether every rank ends with the gradients and losses of all lanes, each micro-batch once and in order, summed along the tree,
/// and updates once with them; collectives must be met by all ranks.
template <class Plan>
[[nodiscard]] bool sums_what_it_should(std::vector<Plan> const& plans) {
    using namespace espalier;
    int const lanes = plans[0].lanes;
    std::map<std::pair<int, int>, std::string> wanted_lanes;
    for (int l = 0; l < lanes; ++l) {
        std::string word;
        for (int j = 0; j < plans[0].micro_batches; ++j) word = detail::added(word, "[" + std::to_string(l) + "." + std::to_string(j) + "]");
        wanted_lanes[{l, l + 1}] = word;
    }
    std::string const wanted = detail::tree_word({0, lanes}, wanted_lanes);

    std::vector<detail::word_machine> machine;
    std::vector<int> at(plans.size(), 0), updates(plans.size(), 0);
    for (auto const& p : plans) machine.emplace_back(p.gradient_buffers);
    for (bool moved = true; moved;) {
        moved = false;
        for (std::size_t r = 0; r < plans.size(); ++r)
            for (; at[r] < plans[r].count && plans[r].item[at[r]].kind != action_kind::all_reduce; ++at[r], moved = true) {
                action const& a = plans[r].item[at[r]];
                auto& m         = machine[r];
                auto const ok   = [&](int b) { return b >= 0 && b < plans[r].gradient_buffers; };
                std::string const label = "[" + std::to_string(a.lane) + "." + std::to_string(a.micro_batch) + "]";
                auto const b = static_cast<std::size_t>(a.buffer), o = static_cast<std::size_t>(a.other);
                switch (a.kind) {
                case action_kind::clear:
                    if (!ok(a.buffer)) return false;
                    m.gradient[b] = m.loss[b] = "";
                    break;
                case action_kind::load:
                    if (a.lane < plans[r].mine.first || a.lane >= plans[r].mine.last || a.micro_batch >= plans[r].micro_batches) return false;
                    m.input = label;
                    break;
                case action_kind::forward:
                    if (!ok(a.buffer) || m.input != label) return false;
                    m.activations = label;
                    m.loss[b]     = detail::added(m.loss[b], label);
                    break;
                case action_kind::backward:
                    if (!ok(a.buffer) || m.input != label || m.activations != label) return false;
                    m.gradient[b] = detail::added(m.gradient[b], label);
                    m.activations = "spent";
                    break;
                case action_kind::fold:
                    if (!ok(a.buffer) || !ok(a.other) || a.buffer == a.other) return false;
                    m.gradient[b] = "(" + m.gradient[b] + m.gradient[o] + ")";
                    m.loss[b]     = "(" + m.loss[b] + m.loss[o] + ")";
                    break;
                case action_kind::update:
                    if (!ok(a.buffer) || m.gradient[b] != wanted || m.loss[b] != wanted) return false;
                    ++updates[r];
                    break;
                case action_kind::all_reduce: break;
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
        if (at[r] < plans[r].count || updates[r] != 1) return false;
    return true;
}

}  // namespace espalier_test

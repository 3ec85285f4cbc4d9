// SPDX-License-Identifier: BSL-1.0
/// @file
/// A whole training run on thread ranks, with everything that a test of layouts wants to know about it.
#pragma once

#include "support/counting.hpp"

#include <espalier/espalier.hpp>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace espalier_test {

/// What a run showed.
struct recorded_run {
    std::string hash;                            ///< of the weights on rank 0
    std::vector<std::string> hashes;             ///< of every rank
    double first_loss = 0, last_loss = 0;
    bool actions_equal_plans = true;             ///< every rank's recorded actions, every step
    bool elements_equal_plans = true;            ///< every rank's counted elements against its plan
    std::int64_t sent = 0;                       ///< by all ranks, counted
};

/// Trains `steps` steps on `ranks` counting thread ranks.
template <class M, class Partition, class Data>
[[nodiscard]] recorded_run run_recorded(int ranks, Data const& data, std::uint64_t seed, std::int64_t steps) {
    using namespace espalier;
    using world_type   = counting<threads>;
    using trainer_type = trainer<M, Partition, world_type, checkpoint::none>;
    recorded_run result;
    result.hashes.resize(static_cast<std::size_t>(ranks));
    std::mutex guard;
    launch<trainer_type>(ranks, [&](world_type& world) {
        trainer_type t{world, {.seed = seed, .learning_rate = 1e-3}};
        auto const& plan = t.plan();
        double first = 0, last = 0;
        bool same_actions = true, same_elements = true;
        std::int64_t const before = world.elements_sent();
        for (std::int64_t s = 0; s < steps; ++s) {
            int next = 0;
            std::int64_t const sent = world.elements_sent();
            auto const outcome      = t.train_step(data, [&](action const& a) {
                same_actions = same_actions && next < plan.count && a == plan.item[next];
                ++next;
            });
            same_actions  = same_actions && next == plan.count;
            same_elements = same_elements && world.elements_sent() - sent == plan.sent_elements;
            if (s == 0) first = outcome.loss;
            last = outcome.loss;
        }
        std::lock_guard const lock{guard};
        result.hashes[static_cast<std::size_t>(world.rank())] = checkpoint::weights_hash(t.weights());
        result.actions_equal_plans  = result.actions_equal_plans && same_actions;
        result.elements_equal_plans = result.elements_equal_plans && same_elements;
        result.sent += world.elements_sent() - before;
        if (world.rank() == 0) result.first_loss = first, result.last_loss = last;
    });
    result.hash = result.hashes[0];
    return result;
}

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A whole training run on thread ranks, with everything that a test of layouts wants to know about it.
#pragma once

#include "support/counting.hpp"

#include <espalier/espalier.hpp>

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace espalier_test {

/// What a run showed.
struct recorded_run {
    std::string hash;                            ///< of the weights on rank 0
    std::vector<std::string> hashes;             ///< of every rank
    double first_loss = 0, last_loss = 0;        ///< over a fixed part of the data, before and after
    bool actions_equal_plans = true;             ///< every rank's recorded actions, every step
    bool elements_equal_plans = true;            ///< every rank's counted elements against its plan
    std::int64_t sent = 0;                       ///< by all ranks, counted
};

/// The first `n` samples of a data set.
template <class Data>
struct first_samples {
    Data const& data;
    std::int64_t n;
    [[nodiscard]] std::int64_t size() const { return n < data.size() ? n : data.size(); }
    [[nodiscard]] espalier::shape input() const { return data.input(); }
    [[nodiscard]] espalier::shape target() const { return data.target(); }
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        data.gather(samples, x, y);
    }
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
        first_samples<Data> const judged{data, 4096};
        double const first = t.evaluate(judged).loss;
        bool same_actions = true, same_elements = true;
        std::int64_t sent_in_steps = 0;
        for (std::int64_t s = 0; s < steps; ++s) {
            int next = 0;
            std::int64_t const sent = world.sent().total();
            t.train_step(data, [&](action const& a) {
                same_actions = same_actions && next < plan.count && a == plan.item[next];
                ++next;
            });
            same_actions  = same_actions && next == plan.count;
            sent_in_steps += world.sent().total() - sent;
            same_elements = same_elements && world.sent().total() - sent == plan.sent_elements;
        }
        double const last = t.evaluate(judged).loss;
        std::lock_guard const lock{guard};
        result.hashes[static_cast<std::size_t>(world.rank())] = checkpoint::weights_hash(t.weights());
        result.actions_equal_plans  = result.actions_equal_plans && same_actions;
        result.elements_equal_plans = result.elements_equal_plans && same_elements;
        result.sent += sent_in_steps;
        if (world.rank() == 0) result.first_loss = first, result.last_loss = last;
    });
    result.hash = result.hashes[0];
    return result;
}

}  // namespace espalier_test

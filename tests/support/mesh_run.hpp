// SPDX-License-Identifier: BSL-1.0
/// @file
/// A run that is judged by other samples each epoch, on any layout, from where its place is: what it ended with can be compared across
/// layouts. Which layouts, and what must come out, is the tests' business.
#pragma once

#include "support/mesh_problem.hpp"

#include <ostream>
#include <string>
#include <vector>

namespace espalier_test {

/// What a run ended with, the same on every rank.
struct run_ending {
    std::string weights, best;  ///< hashes; no best without validation
    std::int64_t steps = 0, best_step = 0;
    double best_loss = 0;
    bool stopped_early = false;

    friend bool operator==(run_ending const&, run_ending const&) = default;
    friend std::ostream& operator<<(std::ostream& out, run_ending const& e) {
        return out << e.weights << " after " << e.steps << " steps, best " << e.best << " of step " << e.best_step << ", loss " << e.best_loss
                   << (e.stopped_early ? ", stopped early" : "");
    }
};

/// 130 samples to train on and 37 others to judge by: with steps of 24 samples, five steps an epoch.
inline auto const mesh_training   = mesh_problem(130);
inline auto const mesh_validation = mesh_problem(37, 130);

/// Trains from where the place is, judged each epoch.
/// @throws std::runtime_error where ranks ended with unlike results
template <class M, class P, class Place, class C = espalier::threads>
[[nodiscard]] run_ending judged_run(int ranks, Place const& place, espalier::fit_options const& options) {
    using namespace espalier;
    using trainer_type = trainer<M, P, C, Place>;
    std::vector<run_ending> end(static_cast<std::size_t>(ranks));
    launch<trainer_type>(ranks, [&](C& world) {
        trainer_type t{world, {.seed = 3, .learning_rate = 2e-2, .clip_norm = 2}, place};
        t.resume();
        auto const r = t.fit(mesh_training, mesh_validation, options);
        end[static_cast<std::size_t>(world.rank())] = {checkpoint::weights_hash(t.weights()), r.best_step > 0 ? checkpoint::weights_hash(t.best_weights()) : "",
                                                       t.steps_done(), r.best_step, r.best_validation_loss, r.stopped_early};
    });
    for (run_ending const& e : end)
        if (e != end[0]) throw std::runtime_error{"ranks end with unlike results"};
    return end[0];
}

/// A layout of which a test only needs to run it.
template <class Place>
struct mesh_layout {
    char const* name;
    int ranks;
    run_ending (*run)(int ranks, Place const& place, espalier::fit_options const& options);
};
template <class M, class P, class Place, class C = espalier::threads>
[[nodiscard]] mesh_layout<Place> layout_of(char const* name, int ranks) {
    return {name, ranks, &judged_run<M, P, Place, C>};
}

}  // namespace espalier_test

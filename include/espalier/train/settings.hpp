// SPDX-License-Identifier: BSL-1.0
/// @file
/// The run-time settings of training: plain aggregates with designated initialisers.
#pragma once

#include <espalier/observe/observer.hpp>
#include <espalier/train/learning_rate.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace espalier {

/// How a model is trained: `{.seed = 7, .learning_rate = 1e-3f}`.
template <class OptimizerRule>
struct training_settings {
    std::uint64_t seed      = 0;                ///< of initial weights, the order of samples and dropout
    rate_rule learning_rate = 1e-3;             ///< a number or a rule such as cosine(1e-3, 5000)
    double clip_norm        = 0;                ///< gradients of a larger global norm are scaled down to it; 0: never
    typename OptimizerRule::settings optimizer = {};
};

/// When a run that is validated ends before its last epoch.
struct early_stop_options {
    std::int64_t patience = 0;  ///< epochs without improvement after which training ends; 0: never, but the best weights are kept
    double min_delta      = 0;  ///< how much lower than the best a loss must be, more than this, to be an improvement
};

/// How long `fit` trains and who watches.
struct fit_options {
    std::int64_t epochs           = 1;
    std::int64_t steps            = 0;          ///< stop when the run has done this many steps in all; 0: no such limit
    std::int64_t checkpoint_every = 0;          ///< steps between checkpoints; 0: only at the end, where the place keeps any
    early_stop_options early_stop = {};         ///< for `fit` with validation data
    std::vector<observer*> observers = {};      ///< called on rank 0; not owned
    /// Once true on any rank, all ranks finish the same step, save and return. See `stop_on_signal`; not owned.
    std::atomic<bool> const* stop = nullptr;
};

/// What `fit` did. The same on every rank.
struct fit_result {
    std::int64_t steps           = 0;  ///< done by this call
    std::int64_t steps_per_epoch = 0;
    std::int64_t dropped_samples = 0;  ///< an epoch: they do not fill a step
    double first_loss            = 0;  ///< mean loss of the first step of this call
    double last_loss             = 0;
    bool stopped                 = false;  ///< by `fit_options::stop`, before the last step
    bool stopped_early           = false;  ///< by `fit_options::early_stop`, before the last step
    std::int64_t best_step       = 0;      ///< of the whole run, where the validation loss was best; 0: no epoch was validated
    double best_validation_loss  = 0;
};

/// What `resume` found.
struct resume_result {
    std::int64_t step = 0;                ///< steps that are done; 0: a fresh start
    std::vector<std::string> notes = {};  ///< on rank 0: checkpoints that were passed over and why, and other arithmetic
};

/// What `evaluate` found. The same bits on every rank and layout.
struct evaluation {
    double loss           = 0;  ///< mean
    std::int64_t samples  = 0;
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What training tells those who watch it. Observers read; nothing that they do changes a number.
#pragma once

#include <cstdint>

namespace espalier {

/// One finished step. Losses are means over the step's samples.
struct step_report {
    std::int64_t step          = 0;  ///< from 1, over the whole run
    std::int64_t epoch         = 0;  ///< from 1
    std::int64_t last_step     = 0;  ///< the step with which this call of `fit` will end
    std::int64_t samples       = 0;  ///< in a step
    double loss                = 0;
    double learning_rate       = 0;
    double gradient_norm       = 0;  ///< before clipping; 0 where gradients are not clipped
};

/// The validation at the end of an epoch. Losses are means over the validation data.
struct validation_report {
    std::int64_t step          = 0;  ///< the epoch's last, over the whole run
    std::int64_t epoch         = 0;  ///< from 1
    double loss                = 0;
    double best_loss           = 0;  ///< of the run, this validation included
    std::int64_t best_step     = 0;  ///< where it was found
    std::int64_t epochs_waited = 0;  ///< validations since
};

/// An observer is called on rank 0, between steps, on the thread that trains.
class observer {
public:
    virtual ~observer() = default;
    virtual void on_start(step_report const& /*before the first step*/) {}
    virtual void on_step(step_report const&) {}
    virtual void on_validate(validation_report const& /*after the epoch's last on_step, before a checkpoint of it*/) {}
    virtual void on_save(step_report const& /*the last step, before a checkpoint of it is written*/) {}
    virtual void on_finish(step_report const& /*the last one*/) {}

protected:
    observer()                           = default;
    observer(observer const&)            = default;
    observer& operator=(observer const&) = default;
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What stands in for a trainer whose composition does not fit: it accepts every call, so that the one line of the unmet
/// requirement is the only error.
#pragma once

#include <espalier/checkpoint/tensor.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/plan/plan.hpp>
#include <espalier/train/replica.hpp>
#include <espalier/train/settings.hpp>

#include <cstdint>
#include <vector>

namespace espalier::detail {

struct anything {
    anything() = default;
    template <class T>
    anything(T const&) {}  // NOLINT(google-explicit-constructor): takes whatever a program passes
};

template <class C>
class rejected_trainer {
public:
    using communicator = C;
    using rejected     = void;  ///< says that this is no trainer, so that `launch` leaves it alone

    template <class World>
    rejected_trainer(World&, training_settings<adamw> const&, anything const& = {}) {}

    resume_result resume() { return {}; }
    void start_over() {}
    fit_result fit(anything const&, fit_options const& = {}) { return {}; }
    template <class Validation>
    fit_result fit(anything const&, Validation const&, fit_options const& = {}) {
        return {};
    }
    void use_best_weights() {}
    [[nodiscard]] std::vector<checkpoint::named_tensor> best_weights() { return {}; }
    evaluation evaluate(anything const&) { return {}; }
    step_outcome train_step(anything const&, anything const& = {}) { return {}; }
    void save() {}
    void set_weights(anything const&) {}
    [[nodiscard]] std::vector<checkpoint::named_tensor> weights() const { return {}; }
    [[nodiscard]] std::int64_t steps_done() const { return 0; }
    [[nodiscard]] rank_plan<1> const& plan() const { return plan_; }
    [[nodiscard]] std::size_t workspace_bytes() const { return 0; }

private:
    rank_plan<1> plan_;
};

template <class C>
struct rejected_trainer_of {
    using type = rejected_trainer<self>;
};
template <Communicator C>
struct rejected_trainer_of<C> {
    using type = rejected_trainer<C>;
};

}  // namespace espalier::detail

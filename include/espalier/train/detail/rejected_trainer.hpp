// SPDX-License-Identifier: BSL-1.0
/// @file
/// What stands in for a trainer whose composition does not fit: it accepts every call, so that the one line of the unmet
/// requirement is the only error.
#pragma once

#include <espalier/comm/self.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/train/settings.hpp>

#include <cstdint>
#include <string>
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

    std::int64_t resume() { return 0; }
    fit_result fit(anything const&, fit_options const& = {}) { return {}; }
    evaluation evaluate(anything const&) { return {}; }
    void save() {}
    void set_weights(anything const&) {}
    [[nodiscard]] std::int64_t steps_done() const { return 0; }
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

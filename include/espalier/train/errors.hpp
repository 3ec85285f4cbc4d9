// SPDX-License-Identifier: BSL-1.0
/// @file
/// What training can fail with, beyond what communicators and checkpoints throw.
#pragma once

#include <espalier/core/error.hpp>

#include <cstdint>
#include <string>

namespace espalier {

/// A loss became infinite or not a number. Thrown on the rank that computed it, before any weight is changed by it.
class non_finite : public error {
public:
    non_finite(std::int64_t step, int lane, std::string layer)
        : error{complaint{.entity   = "trainer",
                          .required = "a finite loss",
                          .got      = joined("one that is not, first in ", layer, ", at step ", step, ", lane ", lane),
                          .fix      = "Lower the learning rate, clip gradients (clip_norm) or look at the data",
                          .page     = "policies/model.md"}},
          step_{step}, lane_{lane}, layer_{std::move(layer)} {}

    [[nodiscard]] std::int64_t step() const noexcept { return step_; }
    [[nodiscard]] int lane() const noexcept { return lane_; }
    /// The first layer whose output is not finite, or what else is not: "the input", "the target".
    [[nodiscard]] std::string const& layer() const noexcept { return layer_; }

private:
    std::int64_t step_;
    int lane_;
    std::string layer_;
};

/// The validation loss of an epoch became infinite or not a number. Thrown on every rank alike; nothing is saved of that step.
class non_finite_validation : public error {
public:
    non_finite_validation(std::int64_t step, std::int64_t epoch, double loss)
        : error{complaint{.entity   = "trainer",
                          .required = "a finite validation loss",
                          .got      = joined(loss, " at step ", step, ", the end of epoch ", epoch),
                          .fix      = "Look at the validation data, lower the learning rate or clip gradients (clip_norm)",
                          .page     = "policies/model.md"}},
          step_{step} {}

    [[nodiscard]] std::int64_t step() const noexcept { return step_; }

private:
    std::int64_t step_;
};

}  // namespace espalier

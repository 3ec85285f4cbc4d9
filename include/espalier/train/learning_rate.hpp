// SPDX-License-Identifier: BSL-1.0
/// @file
/// Learning-rate rules: pure functions of the step number, so that a resumed run needs no state.
#pragma once

#include <cstdint>

namespace espalier {

/// The learning rate as a function of the step. A plain number is the constant rule: `.learning_rate = 1e-3f`.
class rate_rule {
public:
    /// The same rate at every step.
    constexpr rate_rule(double constant) noexcept : peak_{constant} {}  // NOLINT(google-explicit-constructor): a number is a rule

    /// @param step from 1
    [[nodiscard]] constexpr double at(std::int64_t step) const noexcept {
        if (step >= warm_up_steps_) return peak_;
        return peak_ * static_cast<double>(step) / static_cast<double>(warm_up_steps_);
    }
    [[nodiscard]] constexpr double peak() const noexcept { return peak_; }

    friend constexpr rate_rule warm_up(double peak, std::int64_t steps) noexcept;

private:
    double peak_;
    std::int64_t warm_up_steps_ = 0;
};

/// Rises in a straight line to `peak` at step `steps` and stays there.
/// @par Source    Goyal et al. 2017, arXiv 1706.02677, section 2.2: gradual warm-up
[[nodiscard]] constexpr rate_rule warm_up(double peak, std::int64_t steps) noexcept {
    rate_rule rule{peak};
    rule.warm_up_steps_ = steps;
    return rule;
}

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Learning-rate rules: pure functions of the step number, so that a resumed run needs no state. How a rate follows the size of the
/// step is batch_scaling.hpp.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/core/error.hpp>
#include <espalier/train/detail/elementary.hpp>

#include <cstdint>

namespace espalier {

/// How a cosine rule begins and ends.
struct cosine_options {
    std::int64_t warm_up = 0;  ///< steps of a straight rise to the peak, before
    double floor         = 0;  ///< the rate after the last step
};

/// The learning rate as a function of the step. A plain number is the constant rule: `.learning_rate = 1e-3f`.
/// The others are made by `warm_up`, `cosine`, `inverse_square_root` and `inverse_square_root_of_width`.
class rate_rule {
public:
    /// The same rate at every step.
    constexpr rate_rule(double constant) noexcept : peak_{constant} {}  // NOLINT(google-explicit-constructor): a number is a rule

    /// @param step from 1
    [[nodiscard]] constexpr double at(std::int64_t step) const noexcept {
        if (step >= warm_up_steps_) return fall_ == fall::none ? peak_ : after_warm_up(step);
        return peak_ * static_cast<double>(step) / static_cast<double>(warm_up_steps_);
    }
    [[nodiscard]] constexpr double peak() const noexcept { return peak_; }

    friend constexpr rate_rule warm_up(double peak, std::int64_t steps) noexcept;
    friend constexpr rate_rule cosine(double peak, std::int64_t steps, cosine_options const& options);
    friend constexpr rate_rule inverse_square_root(double peak, std::int64_t warm_up_steps);

private:
    enum class fall : unsigned char { none, cosine, inverse_square_root };

    /// One function for all callers, so that none of them rounds differently: the rate is part of the bits.
    [[nodiscard]] ESPALIER_NOINLINE() constexpr double after_warm_up(std::int64_t step) const noexcept {
        auto const t = static_cast<double>(step), w = static_cast<double>(warm_up_steps_);
        if (fall_ == fall::inverse_square_root) return peak_ * detail::square_root(w / t);
        if (step <= warm_up_steps_) return peak_;
        if (step > steps_) return floor_;
        return floor_ + (peak_ - floor_) / 2 * (1 + detail::cosine_of_half_turns((t - 1 - w) / (static_cast<double>(steps_) - w)));
    }

    double peak_;
    double floor_               = 0;
    std::int64_t warm_up_steps_ = 0;
    std::int64_t steps_         = 0;  ///< of a cosine, warm-up included
    fall fall_                  = fall::none;
};

namespace detail {
/// Not constexpr: a rule that is refused while it is a constant expression is an error of the compiler, which names this function.
[[noreturn]] inline void reject_rate(char const* rule, std::string const& required, std::string const& got, char const* fix) {
    throw invalid_setting{{rule, required, got, fix, "policies/model.md"}};
}
}  // namespace detail

/// Rises in a straight line to `peak` at step `steps` and stays there.
/// @par Source    Goyal et al. 2017, arXiv 1706.02677, section 2.2: gradual warm-up
[[nodiscard]] constexpr rate_rule warm_up(double peak, std::int64_t steps) noexcept {
    rate_rule rule{peak};
    rule.warm_up_steps_ = steps;
    return rule;
}

/// Falls from `peak` to `options.floor` along half a cosine, without restarts.
/// ```
///   t ≤ w       peak · t / w                                             w = options.warm_up, t the step from 1
///   w < t ≤ n   floor + (peak − floor)/2 · (1 + cos(π (t − 1 − w)/(n − w)))      n = steps, those of the warm-up included
///   n < t       floor
/// ```
/// The first step after the warm-up has the peak; the step after the last would have the floor, so that no step is lost on it.
/// @throws invalid_setting unless 0 ≤ warm_up < steps and 0 ≤ floor ≤ peak
/// @par Source    Loshchilov and Hutter 2016, arXiv 1608.03983, equation 5, with T_cur = t − 1 − w and T_i = n − w
[[nodiscard]] constexpr rate_rule cosine(double peak, std::int64_t steps, cosine_options const& options = {}) {
    if (options.warm_up < 0 || options.warm_up >= steps)
        detail::reject_rate("cosine", joined("a warm-up of 0 to ", steps - 1, " of its ", steps, " steps"), joined(options.warm_up),
                            "Give more steps, or a shorter warm-up");
    if (!(options.floor >= 0 && options.floor <= peak))
        detail::reject_rate("cosine", joined("a floor from 0 to the peak, ", peak), joined(options.floor), "Lower the floor");
    rate_rule rule = warm_up(peak, options.warm_up);
    rule.floor_    = options.floor;
    rule.steps_    = steps;
    rule.fall_     = rate_rule::fall::cosine;
    return rule;
}

/// Rises in a straight line to `peak` at step w = `warm_up_steps`, then falls as √(w / t).
/// @throws invalid_setting unless warm_up_steps is at least 1
/// @par Source    Vaswani et al. 2017, arXiv 1706.03762, equation 3, scaled to reach `peak`
[[nodiscard]] constexpr rate_rule inverse_square_root(double peak, std::int64_t warm_up_steps) {
    if (warm_up_steps < 1)
        detail::reject_rate("inverse_square_root", "a warm-up of at least 1 step", joined(warm_up_steps), "Give the step of the peak");
    rate_rule rule = warm_up(peak, warm_up_steps);
    rule.fall_     = rate_rule::fall::inverse_square_root;
    return rule;
}

/// width^−0.5 · min(t^−0.5, t · w^−1.5) with w = `warm_up_steps`: the rule of the first transformer, whose peak follows from its width.
/// @param width   features that a position has in the model (d_model); at least 1
/// @throws invalid_setting unless width and warm_up_steps are at least 1
/// @par Source    Vaswani et al. 2017, arXiv 1706.03762, equation 3
[[nodiscard]] constexpr rate_rule inverse_square_root_of_width(std::int64_t width, std::int64_t warm_up_steps) {
    if (width < 1) detail::reject_rate("inverse_square_root_of_width", "a width of at least 1", joined(width), "Give the model's features");
    double const both = static_cast<double>(width) * static_cast<double>(warm_up_steps);
    return inverse_square_root(1 / detail::square_root(both), warm_up_steps);
}

}  // namespace espalier

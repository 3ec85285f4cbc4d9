// SPDX-License-Identifier: BSL-1.0
/// @file
/// How a learning rate that was tuned for steps of one size is carried over to steps of another. It gives a number, for a rule of
/// learning_rate.hpp to be built from.
#pragma once

#include <espalier/train/learning_rate.hpp>

#include <cstdint>

namespace espalier {

namespace detail {
constexpr void check_batches(char const* rule, std::int64_t base_batch, std::int64_t batch) {
    if (base_batch < 1 || batch < 1)
        reject_rate(rule, "steps of at least 1 sample", joined(base_batch, " and ", batch), "Give the samples of a step, before and now");
}
}  // namespace detail

/// base_rate · batch / base_batch, for plain gradient descent: k times the samples take the place of k steps. With a warm-up.
/// @param base_batch, batch samples of a step: lanes × micro-batches × samples
/// @throws invalid_setting unless both are at least 1
/// @par Source    Goyal et al. 2017, arXiv 1706.02677, section 2.1: the linear scaling rule
[[nodiscard]] constexpr double linear_scaling(double base_rate, std::int64_t base_batch, std::int64_t batch) {
    detail::check_batches("linear_scaling", base_batch, batch);
    return base_rate * static_cast<double>(batch) / static_cast<double>(base_batch);
}

/// base_rate · √(batch / base_batch), for optimizers that divide by the gradient's own size, such as Adam and LAMB.
/// @param base_batch, batch samples of a step: lanes × micro-batches × samples
/// @throws invalid_setting unless both are at least 1
/// @par Source    You et al. 2019, arXiv 1904.00962, section 4: the square-root scaling rule
[[nodiscard]] constexpr double square_root_scaling(double base_rate, std::int64_t base_batch, std::int64_t batch) {
    detail::check_batches("square_root_scaling", base_batch, batch);
    return base_rate * detail::square_root(static_cast<double>(batch) / static_cast<double>(base_batch));
}

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where the rank of a plan stands on the tensor axis.
/// What it holds there is nn/tensor_parts.hpp.
#pragma once

#include <espalier/nn/tensor_parts.hpp>
#include <espalier/partition/plan/plan.hpp>

namespace espalier::detail {

[[nodiscard]] constexpr tensor_place place_of(plan_facts const& plan) noexcept {
    return {{.ranks = plan.tensor_ranks, .slices = plan.slices}, plan.tensor_rank()};
}

}  // namespace espalier::detail

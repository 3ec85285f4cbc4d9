// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which samples a step takes: the order of an epoch, and the step's place in it. A pure function of sizes, seed and step.
#pragma once

#include <espalier/core/permutation.hpp>
#include <espalier/core/philox.hpp>

#include <cstdint>

namespace espalier::detail {

/// The order of one epoch, kept because it costs divisions. Steps count from 0: as many as are done before.
struct epoch_order {
    permutation order{0, random_key{}, 0};
    std::int64_t first_step = 0, end_step = 0;
    std::int64_t samples_per_step = 0;

    /// The order of the epoch that `step` belongs to.
    [[nodiscard]] static constexpr epoch_order of(std::int64_t samples, std::int64_t samples_per_step, std::uint64_t seed,
                                                  std::int64_t step) noexcept {
        std::int64_t const steps = samples / samples_per_step, epoch = step / steps;
        return {permutation{samples, random_key{seed, "order"}, static_cast<std::uint64_t>(epoch)}, epoch * steps, (epoch + 1) * steps,
                samples_per_step};
    }
    [[nodiscard]] constexpr bool has(std::int64_t samples, std::int64_t step) const noexcept {
        return samples == order.size() && step >= first_step && step < end_step;
    }
    /// Where a step begins in the order.
    [[nodiscard]] constexpr std::int64_t position(std::int64_t step) const noexcept { return (step - first_step) * samples_per_step; }
};

}  // namespace espalier::detail

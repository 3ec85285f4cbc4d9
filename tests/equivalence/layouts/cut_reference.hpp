// SPDX-License-Identifier: BSL-1.0
/// @file
/// What rows of the table of cut layouts are measured by: runs of one rank without a communicator. They are compiled apart from the rows,
/// because each trainer takes the compiler its time.
#pragma once

#include "equivalence/layouts/cut_models.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace espalier_test {

/// What one rank ends with, and on its way: of the first step the gradients by tensor, of each step the loss.
struct reference_run {
    using tested                        = ESPALIER_TEST_MODEL;
    static constexpr std::int64_t steps = 50;
    static constexpr std::uint64_t seed = 7;

    std::vector<std::pair<std::string, std::vector<float>>> gradients;
    std::vector<double> losses;
    std::string hash;
};

/// Nothing is cut.
[[nodiscard]] reference_run uncut_run();
/// Four slices of everything that is cut.
[[nodiscard]] reference_run four_slices_run();

/// The largest ‖Δ‖ / (‖r‖ + ‖R‖/100) over tensors, r the reference's gradient of a tensor and R that of all of them. Of a tensor whose gradient
/// is zero in truth the reference is noise: so ‖Δ‖ ≤ 1e-5·‖r‖ + 1e-7·‖R‖ where this is 1e-5.
[[nodiscard]] double largest_difference(reference_run const& reference, std::vector<espalier::checkpoint::named_tensor> const& gradients);

}  // namespace espalier_test

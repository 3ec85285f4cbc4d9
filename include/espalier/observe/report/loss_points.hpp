// SPDX-License-Identifier: BSL-1.0
/// @file
/// Losses by step, as a run has written them: read from its files of metrics, thinned and smoothed for drawing.
/// Who writes them is metrics_csv.hpp.
#pragma once

#include <espalier/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace espalier {

/// The loss of a step, or on the validation part after it.
struct loss_point {
    std::int64_t step = 0;
    double loss       = 0;

    friend bool operator==(loss_point const&, loss_point const&) = default;
};

/// Reads the columns `step` and `loss` of a CSV file such as metrics_csv writes; other columns are passed over.
/// A last line without its end is left out: a run that was killed has torn it.
/// @throws error   a file that cannot be opened; no such columns; a line whose step or loss is no number
[[nodiscard]] std::vector<loss_point> loss_points_of(std::filesystem::path const& file);

/// At most `most` of the points that are finite, the first and the last among them: of every stretch the lowest and the highest.
[[nodiscard]] std::vector<loss_point> thinned(std::vector<loss_point> const& points, std::size_t most = 2000);

/// At most `most` means of stretches of points that are finite, each at its middle step: what noise leaves of a curve.
[[nodiscard]] std::vector<loss_point> smoothed(std::vector<loss_point> const& points, std::size_t most = 150);

} // namespace espalier

#include <espalier/observe/report/detail/loss_points.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What copies of `windows` share: the grid, which window has which index, and the scalers; and how one window is gathered.
/// It is filled once, by windows_of.hpp, and never changes.
#pragma once

#include <espalier/data/detail/minute_grid.hpp>
#include <espalier/data/feature_scaler.hpp>

#include <algorithm>
#include <iterator>
#include <vector>

namespace espalier {

/// What became of the minutes that windows were cut from.
struct window_counts {
    std::int64_t bars           = 0; ///< after cleaning
    std::int64_t filled_minutes = 0; ///< minutes without a bar within a segment: close repeated, volume 0
    std::int64_t segments       = 0;
    std::int64_t short_segments = 0; ///< segments that cannot hold a window and its target
    std::int64_t left_out       = 0; ///< validation and test windows of series without a training window
};

namespace detail {

/// Consecutive windows of one segment, each a minute later than the one before.
struct window_run {
    std::int64_t first_sample = 0;
    std::int64_t count        = 0;
    std::int64_t last_row     = 0; // the last row of the first window
    std::int64_t last_minute  = 0; // and its minute
    int series                = 0;
};

/// Where one window ends.
struct window_end {
    std::int64_t row = 0, minute = 0;
    int series = 0;
};

/// The windows of one side of a cut.
struct window_part {
    std::vector<window_run> runs; // by first_sample
    std::int64_t size = 0;

    void append(window_run run) {
        run.first_sample = size;
        size += run.count;
        runs.push_back(run);
    }
    [[nodiscard]] window_end at(std::int64_t sample) const noexcept {
        auto const after          = std::upper_bound(runs.begin(), runs.end(), sample,
                                                     [](std::int64_t s, window_run const& r) { return s < r.first_sample; });
        window_run const& run     = *std::prev(after);
        std::int64_t const offset = sample - run.first_sample;
        return {run.last_row + offset, run.last_minute + offset, run.series};
    }
};

struct window_store {
    minute_grid grid;
    int steps = 0, horizon = 0;
    window_part train, validation, test;
    std::vector<feature_scaler> scalers; // a series
    double target_scale = 1;
    double mean_target  = 0; // of training windows, a log return
    window_counts counts;

    /// The log return from the window's last close to the close `horizon` minutes later.
    [[nodiscard]] double target_at(std::int64_t row) const noexcept {
        return grid.log_close[static_cast<std::size_t>(row + horizon)] - grid.log_close[static_cast<std::size_t>(row)];
    }

    /// Writes one window as sample b of a batch.
    /// @par Shapes    x (T,B,F), y (B,1)
    template <class T>
    void copy(window_end const& end, std::int64_t b, std::int64_t batch, T* x, T* y) const noexcept {
        int const count = grid.features();
        scaler_of<T> const scaled{scalers[static_cast<std::size_t>(end.series)]};
        float const* row = grid.feature.data() + (end.row - steps + 1) * count; // (T,F)
        T* to            = x + b * count;                                       // (T,B,F) from sample b on
        for (int t = 0; t < steps; ++t, row += count, to += batch * count) scaled(row, to);
        y[b] = static_cast<T>(target_at(end.row) / target_scale);
    }
};

} // namespace detail
} // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What copies of `windows` share: the grid, which window has which index, and the scalers; and how one window is gathered.
/// It is filled once, by windows_of.hpp, and never changes.
#pragma once

#include <espalier/data/detail/minute_grid.hpp>

#include <algorithm>
#include <iterator>
#include <vector>

namespace espalier {

/// A feature f of a series is gathered as (value − mean[f]) · scale[f].
struct feature_scaler {
    double mean[detail::minute_features]  = {0, 0}; ///< of {log return of the close, log(1 + volume)}
    double scale[detail::minute_features] = {1, 1};
};

/// What became of the bars that windows were cut from.
struct window_counts {
    std::int64_t bars           = 0;
    std::int64_t filled_minutes = 0; ///< minutes without a bar within a segment: close repeated, volume 0
    std::int64_t segments       = 0;
    std::int64_t short_segments = 0; ///< segments that cannot hold a window and its target
    std::int64_t left_out       = 0; ///< test windows of series without a training window
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

/// The windows of one side of the cut.
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
    window_part train, test;
    std::vector<feature_scaler> scalers; // a series
    double target_scale = 1;
    window_counts counts;

    /// The log return from the window's last close to the close `horizon` minutes later.
    [[nodiscard]] double target_at(std::int64_t row) const noexcept {
        return grid.log_close[static_cast<std::size_t>(row + horizon)] - grid.log_close[static_cast<std::size_t>(row)];
    }

    /// Writes one window as sample b of a batch.
    /// @par Shapes    x (T,B,2), y (B,1)
    template <class T>
    void copy(window_end const& end, std::int64_t b, std::int64_t batch, T* x, T* y) const noexcept {
        feature_scaler const& s = scalers[static_cast<std::size_t>(end.series)];
        auto const mean0 = static_cast<T>(s.mean[0]), mean1 = static_cast<T>(s.mean[1]);
        auto const scale0 = static_cast<T>(s.scale[0]), scale1 = static_cast<T>(s.scale[1]);
        float const* row = grid.feature.data() + (end.row - steps + 1) * minute_features; // (T,2)
        T* to            = x + b * minute_features;                                       // (T,B,2) from sample b on
        for (int t = 0; t < steps; ++t, row += minute_features, to += batch * minute_features) {
            to[0] = (static_cast<T>(row[0]) - mean0) * scale0;
            to[1] = (static_cast<T>(row[1]) - mean1) * scale1;
        }
        y[b] = static_cast<T>(target_at(end.row) / target_scale);
    }
};

} // namespace detail
} // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Windows of one-minute bars as samples, split by time into a training and a test part: what forecasters learn from.
/// Text, daily bars and other features have files of their own.
#pragma once

#include <espalier/data/bar.hpp>
#include <espalier/data/dataset.hpp>
#include <espalier/data/detail/window_store.hpp>
#include <espalier/data/errors.hpp>

#include <memory>
#include <string>
#include <vector>

namespace espalier {

/// How windows are cut and split.
struct window_settings {
    int steps             = 60;  ///< minutes that a model sees
    int horizon           = 5;   ///< minutes from the window's last close to the one that is forecast
    int max_gap_minutes   = 30;  ///< up to so many minutes in a row without a bar are filled; more of them end a segment
    double train_fraction = 0.8; ///< of the calendar, from the first bar to the last; 1: no test part
};

struct split_windows;

/// Windows of `steps` minutes and the log return over the `horizon` minutes that follow.
/// Nothing is copied until `gather`; copies share one immutable store.
///
/// Bars lie on a grid of one minute. Where minutes have no bar the close is repeated and the volume is 0; a gap longer than
/// `max_gap_minutes`, or another UTC day, starts a new segment, and a window and its target lie within one segment. A minute's
/// features are the log return of the close and log(1 + volume), each less its mean and over its standard deviation, every series
/// by itself; targets are divided by one number for all series. Those numbers come from the training part only.
///
///     first bar                                     cut                                                   last bar
///         ├─ training windows, targets included ─────┤├─ steps + horizon ─┤├─ test windows, targets included ─┤
///
/// @par Shapes    input (T,2), target (1): gathers x (T,B,2) and y (B,1)
/// @par Ranks     local; safe from several threads
class windows {
public:
    [[nodiscard]] std::int64_t size() const noexcept { return part_->size; }
    [[nodiscard]] shape input() const noexcept { return dims(store_->steps, detail::minute_features); }
    [[nodiscard]] shape target() const noexcept { return dims(1); }

    /// Writes samples as a batch, scaled.
    /// @param samples  indices in 0 … size() − 1, by series and then by time
    /// @par Shapes     x (T,B,2), y (B,1), B = samples.size()
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        auto const batch = static_cast<std::int64_t>(samples.size());
        for (std::int64_t b = 0; b < batch; ++b) store_->copy(part_->at(samples[static_cast<std::size_t>(b)]), b, batch, x, y);
    }

    /// What a scaled target of 1 is as a log return: multiply forecasts by it, and mean squared errors by its square.
    [[nodiscard]] double target_scale() const noexcept { return store_->target_scale; }
    /// The scale of a feature is the inverse of its standard deviation in the series' training windows; 1 where it is constant.
    [[nodiscard]] feature_scaler const& scaler_of(std::int64_t sample) const {
        return store_->scalers[static_cast<std::size_t>(part_->at(sample).series)];
    }
    /// The time of the window's last bar, whose close is the newest thing that a forecast may know.
    /// @par Units     milliseconds since 1970-01-01 UTC, the start of that minute
    [[nodiscard]] std::int64_t time_of(std::int64_t sample) const { return part_->at(sample).minute * minute_ms; }
    [[nodiscard]] std::string const& ticker_of(std::int64_t sample) const {
        return store_->grid.tickers[static_cast<std::size_t>(part_->at(sample).series)];
    }

    /// What became of the bars, the same for both parts.
    [[nodiscard]] window_counts const& counts() const noexcept { return store_->counts; }
    /// One line: how many windows of which tickers, from when to when, and what was filled or left out.
    [[nodiscard]] std::string summary() const;

private:
    windows(std::shared_ptr<detail::window_store const> store, detail::window_part const& part) noexcept
        : store_{std::move(store)}, part_{&part} {}

    std::shared_ptr<detail::window_store const> store_;
    detail::window_part const* part_; // within the store

    friend split_windows windows_of(std::vector<bar_series> const&, window_settings);
};

/// A training part, and a test part that is later by at least a window and a horizon.
struct split_windows {
    windows train, test;
};

/// Cuts series into windows, splits them at one moment of the calendar for all series, fits the scalers on the training part.
/// Training windows and their targets end before the cut; test windows begin `steps + horizon` minutes after it or later.
/// A series without a training window has no scaler: its test windows are left out, and counted.
/// @throws invalid_setting   steps or horizon below 1, max_gap_minutes below 0, train_fraction not above 0 and at most 1
/// @throws bad_data          no training window, or no test window with train_fraction below 1; a bar that cannot be used
[[nodiscard]] split_windows windows_of(std::vector<bar_series> const& bars, window_settings settings = {});

static_assert(Dataset<windows>);

} // namespace espalier

#include <espalier/data/detail/windows_of.hpp>

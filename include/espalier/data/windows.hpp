// SPDX-License-Identifier: BSL-1.0
/// @file
/// Windows of one-minute bars as samples, split by time into parts for training, validation and test: what forecasters learn from.
/// Which features a minute has is in feature.hpp, how bars are cleaned in clean.hpp.
#pragma once

#include <espalier/data/clean.hpp>
#include <espalier/data/dataset.hpp>
#include <espalier/data/detail/window_store.hpp>
#include <espalier/data/errors.hpp>
#include <espalier/data/market_features.hpp>
#include <espalier/data/table.hpp>

#include <memory>
#include <string>
#include <vector>

namespace espalier {

/// How windows are cut and split.
struct window_settings {
    int steps                  = 60;  ///< minutes that a model sees
    int horizon                = 5;   ///< minutes from the window's last close to the one that is forecast
    double train_fraction      = 0.8; ///< of the calendar, from the first bar to the last
    double validation_fraction = 0;   ///< of the calendar, after the training part; what is left is the test part
};

/// What the windows of a part span.
/// @par Units     minutes since 1970-01-01 UTC; both 0 where there is no window
struct window_extent {
    int tickers               = 0;
    std::int64_t first_minute = 0, last_minute = 0;
};

struct split_windows;
namespace detail {
void check(window_settings const& s);
split_windows split(minute_grid grid, window_settings const& s);
} // namespace detail

/// Windows of `steps` minutes and the log return over the `horizon` minutes that follow.
/// Nothing is copied until `gather`; copies share one immutable store.
///
/// Bars lie on a grid of one minute. In a minute without a bar the close is repeated and the volume is 0, for up to
/// `bar_rules::fill_minutes` and not beyond the session; a longer gap, or another day, starts a new segment, and a window and its
/// target lie within one segment. Each feature is used less its mean and over its standard deviation, every series by itself;
/// targets are divided by one number for all series. Those numbers come from the training part only.
///
///     first bar               first cut                      second cut                         last bar
///         ├─ training windows ─────┤├─ gap ─┤├─ validation ───────┤├─ gap ─┤├─ test windows ────────┤
///
/// Targets lie within the part too. The gap is steps + look-back of the features + horizon minutes, so that no two parts share a
/// minute. What is in a window that ends at minute t depends on bars up to t alone; its target, and whether there is a sample at t
/// at all, on bars up to t + horizon, and on nothing later.
///
/// @par Shapes    input (T,F), target (1): gathers x (T,B,F) and y (B,1)
/// @par Ranks     local; safe from several threads
class windows {
public:
    [[nodiscard]] std::int64_t size() const noexcept { return part_->size; }
    [[nodiscard]] shape input() const noexcept { return dims(store_->steps, store_->grid.features()); }
    [[nodiscard]] shape target() const noexcept { return dims(1); }

    /// Writes samples as a batch, scaled.
    /// @param samples  indices in 0 … size() − 1, by series and then by time
    /// @par Shapes     x (T,B,F), y (B,1), B = samples.size()
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

    /// The log return from the window's last close over the `horizon` minutes that follow: the target, not scaled.
    [[nodiscard]] double return_of(std::int64_t sample) const { return store_->target_at(part_->at(sample).row); }
    /// The log return over the last `horizon` minutes of the window, or of as many as it has.
    [[nodiscard]] double return_before(std::int64_t sample) const {
        auto const row = static_cast<std::size_t>(part_->at(sample).row);
        auto const ago = static_cast<std::size_t>(std::min(store_->horizon, store_->steps - 1));
        return store_->grid.log_close[row] - store_->grid.log_close[row - ago];
    }
    /// The mean of the targets of the training part, a log return.
    [[nodiscard]] double mean_training_return() const noexcept { return store_->mean_target; }

    [[nodiscard]] int steps() const noexcept { return store_->steps; }
    [[nodiscard]] int horizon() const noexcept { return store_->horizon; }
    /// How many minutes before a window's first one its features look back.
    [[nodiscard]] int look_back() const noexcept { return store_->grid.look_back; }
    [[nodiscard]] std::vector<std::string> const& feature_names() const noexcept { return store_->grid.names; }
    /// Of every series, those without a window in this part too.
    [[nodiscard]] std::vector<std::string> const& tickers() const noexcept { return store_->grid.tickers; }
    /// The series of a sample, as its index in `tickers()`.
    [[nodiscard]] int series_of(std::int64_t sample) const { return part_->at(sample).series; }
    /// The scalers of all series; a series without a training window has an empty one.
    [[nodiscard]] std::vector<feature_scaler> const& scalers() const noexcept { return store_->scalers; }

    /// The rules that the bars were cleaned by.
    [[nodiscard]] bar_rules const& rules() const noexcept { return store_->grid.rules; }

    /// What became of the minutes, the same for all parts.
    [[nodiscard]] window_counts const& counts() const noexcept { return store_->counts; }
    /// One line: how many windows of which tickers, from when to when, and what was filled or left out.
    [[nodiscard]] std::string summary() const;
    /// How many tickers, and from when to when, targets included.
    [[nodiscard]] window_extent extent() const;

private:
    windows(std::shared_ptr<detail::window_store const> store, detail::window_part const& part) noexcept
        : store_{std::move(store)}, part_{&part} {}

    std::shared_ptr<detail::window_store const> store_;
    detail::window_part const* part_; // within the store

    friend split_windows detail::split(detail::minute_grid, window_settings const&);
};

/// Three parts, each later than the one before by at least a window, what its features look back, and a horizon.
struct split_windows {
    windows train, validation, test;

    /// A row a part: windows, tickers, first and last minute.
    [[nodiscard]] table to_table() const;
};

/// Cuts cleaned series into windows of the features `Features`, splits them at the same moments for all series, fits the scalers
/// on the training part. A series without a training window has no scaler: its other windows are left out, and counted.
/// @throws invalid_setting   steps or horizon below 1; fractions that are not above 0 (training), below 0 (validation), or above 1
///                           together
/// @throws bad_data          no training window; no validation or test window where the fractions leave room for that part
template <FeatureRow Features = default_features>
[[nodiscard]] split_windows windows_of(cleaned_bars const& bars, window_settings const& settings = {}) {
    static_assert(Features::count <= max_features, "espalier: windows: requires at most 64 features. See docs/howto/own-features.md.");
    detail::check(settings);
    return detail::split(detail::grid_of<Features>(bars), settings);
}

/// The same of bars as they were read, which are cleaned by `rules` first.
/// @throws bad_data          what `clean` throws, too
template <FeatureRow Features = default_features>
[[nodiscard]] split_windows windows_of(std::vector<bar_series> bars, window_settings const& settings = {}, bar_rules const& rules = {}) {
    detail::check(settings);
    return windows_of<Features>(clean(std::move(bars), rules), settings);
}

static_assert(Dataset<windows>);

} // namespace espalier

#include <espalier/data/detail/windows_of.hpp>

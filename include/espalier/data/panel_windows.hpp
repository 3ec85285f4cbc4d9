// SPDX-License-Identifier: BSL-1.0
/// @file
/// Windows of a panel's days as samples, split by time into parts for training, validation and test.
/// What a day holds is panel.hpp's affair; windows of one-minute bars are in windows.hpp.
#pragma once

#include <espalier/data/dataset.hpp>
#include <espalier/data/detail/panel_window_store.hpp>
#include <espalier/data/panel.hpp>
#include <espalier/data/table.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace espalier {

/// How windows of a panel are cut and split.
struct panel_window_settings {
    int steps                  = 60;                 ///< days that a model sees
    int horizon                = 5;                  ///< days from the window's last to the one that is forecast
    change target_change       = change::log_return; ///< of the target over the horizon; or change::difference
    double train_fraction      = 0.8;                ///< of the panel's days, from the first
    double validation_fraction = 0; ///< of the panel's days, after the training part; what is left is the test part
};

/// Windows of `steps` days of every series of a panel, and the change of its target over the `horizon` days that follow.
/// Nothing is copied until `gather`; copies share one immutable store.
///
/// Days are rows of the panel: days of the target. A window, the day before it and its target lie within one segment. Each series
/// is used as the panel says (log return, difference, level), less its mean and over its standard deviation; targets are divided
/// by one number. Those numbers come from the training part only.
///
///     first day               first cut                      second cut                         last day
///         ├─ training windows ─────┤├─ gap ─┤├─ validation ───────┤├─ gap ─┤├─ test windows ────────┤
///
/// Targets lie within the part too. The gap is steps + horizon days and the one that the first change looks back to, so that no
/// two parts share a day. What is in a window that ends on day t depends on values known at the close of t; its target, and
/// whether there is a sample at t at all, on values known at the close `horizon` days later.
///
/// @par Shapes    input (T,S), target (1): gathers x (T,B,S) and y (B,1)      T steps, S series
/// @par Ranks     local; safe from several threads
class panel_windows {
public:
    [[nodiscard]] std::int64_t size() const noexcept { return part_->size; }
    [[nodiscard]] shape input() const noexcept { return dims(store_->steps, store_->rows.series()); }
    [[nodiscard]] shape target() const noexcept { return dims(1); }

    /// Writes samples as a batch, scaled.
    /// @param samples  indices in 0 … size() − 1, by time
    /// @par Shapes     x (T,B,S), y (B,1), B = samples.size()
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        auto const batch = static_cast<std::int64_t>(samples.size());
        for (std::int64_t b = 0; b < batch; ++b) {
            std::int64_t const row = last_row_of(samples[static_cast<std::size_t>(b)]);
            store_->copy_input(row, b, batch, x);
            y[b] = static_cast<T>(store_->target_at(row) / store_->target_scale);
        }
    }

    /// The window's last day, at whose close the forecast is made.
    /// @par Units     days since 1970-01-01
    [[nodiscard]] std::int64_t day_of(std::int64_t sample) const { return store_->day(last_row_of(sample)); }
    /// The day whose value the target is of.
    [[nodiscard]] std::int64_t target_day_of(std::int64_t sample) const { return store_->day(last_row_of(sample) + horizon()); }
    /// The change of the target over the `horizon` days that follow, not scaled.
    [[nodiscard]] double change_of(std::int64_t sample) const { return store_->target_at(last_row_of(sample)); }
    /// The change of the target over the last `horizon` days of the window, or of as many as it has.
    [[nodiscard]] double change_before(std::int64_t sample) const {
        std::int64_t const row = last_row_of(sample);
        return store_->change_between(row - std::min(store_->horizon, store_->steps), row);
    }

    /// What a scaled target of 1 is: multiply forecasts by it, and mean squared errors by its square.
    [[nodiscard]] double target_scale() const noexcept { return store_->target_scale; }
    /// The mean of the targets of the training part, not scaled.
    [[nodiscard]] double mean_training_change() const noexcept { return store_->mean_target; }
    /// Of every series, from the training part.
    [[nodiscard]] feature_scaler const& scaler() const noexcept { return store_->scaler; }
    /// A series' name and what a model sees of it: "vix level".
    [[nodiscard]] std::vector<std::string> feature_names() const;
    [[nodiscard]] std::string const& target_name() const noexcept { return store_->rows.names[store_->rows.target]; }
    [[nodiscard]] int steps() const noexcept { return store_->steps; }
    [[nodiscard]] int horizon() const noexcept { return store_->horizon; }
    /// The rows that the windows are cut from.
    [[nodiscard]] panel const& days() const noexcept { return store_->rows; }

private:
    panel_windows(std::shared_ptr<detail::panel_window_store const> store, detail::window_part const& part) noexcept
        : store_{std::move(store)}, part_{&part} {}
    [[nodiscard]] std::int64_t last_row_of(std::int64_t sample) const { return part_->at(sample).row; }

    std::shared_ptr<detail::panel_window_store const> store_;
    detail::window_part const* part_; // within the store

    friend struct split_panel_windows;
};

/// Three parts, each later than the one before by at least a window and a horizon.
struct split_panel_windows {
    explicit split_panel_windows(std::shared_ptr<detail::panel_window_store const> const& store)
        : train{store, store->train}, validation{store, store->validation}, test{store, store->test} {}

    panel_windows train, validation, test;

    /// A row a part: windows, the first window's first day, the last target's day.
    [[nodiscard]] table to_table() const;
};

/// Cuts a panel into windows, splits them by time, fits the scaler on the training part.
/// @throws invalid_setting   steps or horizon below 1; a target that is seen as its level; fractions that are not above 0
/// (training),
///                           below 0 (validation), or above 1 together
/// @throws bad_data          no training window; no validation or test window where the fractions leave room for that part; a log
///                           return of a target that is not above 0, with day and value
[[nodiscard]] split_panel_windows windows_of(panel rows, panel_window_settings const& settings = {});

/// Writes the window that ends on a panel's last day, whose target is not known yet: what a forecast of today is made from.
/// The panel may be newer than the one that the model was trained on, of the same columns in the same order.
/// @param scaler   that of training, `panel_windows::scaler()`; the scaled values are then those of training, bit for bit
/// @return that day, since 1970-01-01
/// @throws bad_data   a scaler of another number of series; fewer than steps + 1 days in a row at the panel's end
/// @throws invalid_setting   steps below 1
/// @par Shapes     x (T,1,S)
template <class T>
std::int64_t gather_newest(panel const& rows, feature_scaler const& scaler, int steps, T* x);

static_assert(Dataset<panel_windows>);

} // namespace espalier

#include <espalier/data/detail/panel_windows_of.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Daily series of different calendars on the days of one of them: what is known of each at the close of each day.
/// Samples are cut from it in panel_windows.hpp; nothing is scaled here.
#pragma once

#include <espalier/data/dated_series.hpp>
#include <espalier/data/errors.hpp>
#include <espalier/data/feature_scaler.hpp>
#include <espalier/data/table.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace espalier {

/// What of a series a model sees on a day.
enum class change : unsigned char {
    log_return, ///< log of the level over the level on the panel's day before: prices, which stay above 0
    difference, ///< the level less the level on the panel's day before: yields, spreads, prices that can fall below 0
    level,      ///< the level itself: what returns to a mean
};

/// A change as it is written.
[[nodiscard]] constexpr std::string_view name_of(change c) noexcept {
    constexpr std::string_view names[] = {"log_return", "difference", "level"};
    return names[static_cast<int>(c)];
}

/// A series in a panel. What a model sees of it is always stated, never guessed.
struct panel_column {
    /// @param lag   the value of day d is known at the panel's close of day d + lag, in days of the calendar
    panel_column(dated_series s, change what, int lag = 0) : series{std::move(s)}, as{what}, lag_days{lag} {}

    dated_series series;
    change as;
    int lag_days;
};

/// How series are aligned.
struct panel_settings {
    std::string target;    ///< the name of the series that is to be forecast: its days are the panel's
    int fill_days  = 14;   ///< a value stands for so many days of the calendar after the day on which it became known
    int pause_days = 14;   ///< where the target itself pauses for longer, no window goes across
    bool weekends  = true; ///< whether the target's Saturdays and Sundays are days of the panel
};

/// Rows of a panel that follow each other without a gap.
struct panel_segment {
    std::int64_t first_row = 0, rows = 0;
};

/// What became of a series in a panel.
struct panel_counts {
    std::int64_t first_day = 0, last_day = 0; ///< of its values; days since 1970-01-01
    std::int64_t values    = 0;
    std::int64_t missing   = 0; ///< days that stood in its file without a value
    std::int64_t filled    = 0; ///< days of the panel on which an older value stands
    std::int64_t too_old   = 0; ///< days of the target on which its value is older than `fill_days`: they are not in the panel
    std::int64_t too_early = 0; ///< days of the target before its first value is known: neither are they
};

/// What is known of every series at the close of each day. Rows are days of the target on which every series has a value that is
/// at most `fill_days` old.
///
/// A row depends on values that are known at the close of its day, and on nothing later.
/// @par Shapes    R rows, S series; arrays (R) and (R,S)
struct panel {
    std::vector<std::string> names;      ///< of the series
    std::vector<change> as;              ///< what a model sees of each
    std::size_t target = 0;              ///< the series that is forecast
    std::vector<std::int64_t> days;      ///< (R), rising, since 1970-01-01
    std::vector<double> levels;          ///< (R,S): the newest values known
    std::vector<std::int64_t> ages;      ///< (R,S): days since each became known
    std::vector<double> target_levels;   ///< (R): the target's value of the day itself, whatever its lag
    std::vector<panel_segment> segments; ///< in the order of rows
    std::vector<panel_counts> counts;    ///< a series

    [[nodiscard]] std::int64_t size() const noexcept { return static_cast<std::int64_t>(days.size()); }
    [[nodiscard]] std::int64_t series() const noexcept { return static_cast<std::int64_t>(names.size()); }
    [[nodiscard]] double level(std::int64_t row, std::int64_t s) const { return levels[index(row, s)]; }
    [[nodiscard]] std::int64_t age(std::int64_t row, std::int64_t s) const { return ages[index(row, s)]; }
    /// What a model sees of a series on a day, not scaled.
    /// @param row   not the first of its segment
    [[nodiscard]] double seen(std::int64_t row, std::int64_t s) const {
        double const now = level(row, s), before = level(row - 1, s);
        change const what = as[static_cast<std::size_t>(s)];
        return what == change::level ? now : what == change::difference ? now - before : std::log(now / before);
    }

    /// A row a series: from when to when, how many values, on how many days filled, too old, too early.
    [[nodiscard]] table to_table() const;

private:
    [[nodiscard]] std::size_t index(std::int64_t row, std::int64_t s) const {
        return static_cast<std::size_t>(row * series() + s);
    }
};

/// Aligns series on the days of the target.
///
///     target      Mo 3   Tu 4   We 5          Fr 7          its days are the panel's: on them a forecast can be acted upon
///     other              Tu 40         Th 41                holiday on We and Fr
///     panel              40     40            41            the newest value known at the close; Mo: not begun, so no row
///
/// Days of the target, rather than of all series together, so that every row has a move of the target to learn from, and a
/// horizon of five rows is always five of its days. Values of days in between are not lost: changes go from one row to the next.
/// @throws bad_data   no series or more than 64; two of one name; a series without values, with one that is not finite, or whose
///                    days do not rise; no day on which all are known; a log return where a level is not above 0
/// @throws invalid_setting   a target that is not among the series; days out of their range
[[nodiscard]] panel panel_of(std::vector<panel_column> const& columns, panel_settings const& settings);

} // namespace espalier

#include <espalier/data/detail/panel_alignment.hpp>

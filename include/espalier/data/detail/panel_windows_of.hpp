// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of windows_of for panels: which windows lie before and after the cuts, the scaler, and the table of parts.
/// Gathering has a file of its own.
#pragma once

#include <espalier/data/detail/series_date.hpp>
#include <espalier/data/panel_windows.hpp>
#include <espalier/data/windows.hpp>

#include <algorithm>
#include <cmath>

namespace espalier {
namespace detail {

inline void check(panel_window_settings const& s) {
    auto const reject = [](char const* required, std::string const& got, char const* fix) {
        throw invalid_setting{{"panel_windows", required, got, fix, "howto/panel.md"}};
    };
    if (s.steps < 1) reject("steps of 1 or more", joined(s.steps), "Set steps to 60");
    if (s.horizon < 1) reject("a horizon of 1 or more days", joined(s.horizon), "Set horizon to 5");
    if (s.target_change == change::level)
        reject("a change of the target, log_return or difference", "level", "Set target_change to change::difference");
    if (!(s.train_fraction > 0 && s.train_fraction <= 1))
        reject("train_fraction above 0 and at most 1", joined(s.train_fraction), "Set train_fraction to 0.8");
    if (!(s.validation_fraction >= 0 && s.train_fraction + s.validation_fraction <= 1))
        reject("validation_fraction of 0 or more, and at most 1 with train_fraction", joined(s.validation_fraction),
               "Set train_fraction to 0.7 and validation_fraction to 0.1");
}

/// A log return of the target must exist on every day.
inline void check_target(panel const& rows, change target_change) {
    if (target_change != change::log_return) return;
    for (std::size_t r = 0; r < rows.days.size(); ++r)
        if (!(rows.target_levels[r] > 0))
            throw bad_data{{"panel_windows",
                            joined("a target above 0, of which a log return can be taken (", rows.names[rows.target], ", ",
                                   date_text(rows.days[r]), ")"),
                            joined(rows.target_levels[r]), "Set target_change to change::difference", "howto/panel.md"}};
}

/// What a model sees of each day but the first of a segment.
/// @par Shapes    (R,S)
[[nodiscard]] inline std::vector<float> seen_of(panel const& rows) {
    std::vector<float> seen(rows.levels.size(), 0.0f);
    for (auto const& [first_row, count] : rows.segments)
        for (std::int64_t r = first_row + 1; r < first_row + count; ++r)
            for (std::int64_t s = 0; s < rows.series(); ++s)
                seen[static_cast<std::size_t>(r * rows.series() + s)] = static_cast<float>(rows.seen(r, s));
    return seen;
}

/// Appends the windows that lie in the rows begin … end − 1 with their targets. With T steps and horizon h, the window that ends
/// with row e of a segment a … z − 1 belongs to it if e − T ≥ a (a change looks back one row), e − T + 1 ≥ begin, e + h < min(z,
/// end).
inline void append_windows(panel_window_store const& s, window_part& part, std::int64_t begin, std::int64_t end) {
    for (auto const& [first_row, count] : s.rows.segments) {
        std::int64_t const from = std::max(first_row + s.steps, begin + s.steps - 1);
        std::int64_t const to   = std::min(first_row + count, end) - 1 - s.horizon;
        if (to >= from) part.append({.count = to - from + 1, .last_row = from});
    }
}

/// Fits the scaler over the days of training windows, each day once, and the targets' deviation over training windows.
inline void fit_scaler(panel_window_store& s) {
    auto const count = static_cast<std::size_t>(s.rows.series());
    std::vector<moments> of_series(count);
    moments of_target;
    auto const pass = [&](void (moments::*add)(double) noexcept) {
        for (window_run const& run : s.train.runs) {
            for (std::int64_t row = run.last_row - s.steps + 1; row < run.last_row + run.count; ++row)
                for (std::size_t f = 0; f < count; ++f)
                    (of_series[f].*add)(static_cast<double>(s.seen[static_cast<std::size_t>(row) * count + f]));
            for (std::int64_t row = run.last_row; row < run.last_row + run.count; ++row) (of_target.*add)(s.target_at(row));
        }
    };
    pass(&moments::first_pass);
    pass(&moments::second_pass);
    for (moments const& m : of_series) {
        s.scaler.mean.push_back(m.mean());
        s.scaler.scale.push_back(1.0 / m.deviation());
    }
    s.target_scale = of_target.deviation();
    s.mean_target  = of_target.mean();
}

[[nodiscard]] inline bad_data too_few_days(panel_window_store const& s, char const* part, char const* fix) {
    std::int64_t longest = 0;
    for (auto const& segment : s.rows.segments) longest = std::max(longest, segment.rows);
    return bad_data{{"panel_windows",
                     joined("a ", part, " window: ", s.steps + s.horizon + 1, " days in a row (", s.steps,
                            " steps, a horizon of ", s.horizon, ", and the day before)"),
                     joined("none in ", s.rows.size(), " days, of which at most ", longest, " are in a row"), fix,
                     "howto/panel.md"}};
}

/// Whether a panel ends in a window that a scaler fits.
inline void check_newest(panel const& rows, feature_scaler const& scaler, int steps) {
    auto const say = [](std::string const& required, std::string const& got, char const* fix) {
        return complaint{"panel_windows", required, got, fix, "howto/panel.md"};
    };
    if (steps < 1) throw invalid_setting{say("steps of 1 or more", joined(steps), "Give those of training")};
    if (static_cast<std::int64_t>(scaler.mean.size()) != rows.series() || scaler.scale.size() != scaler.mean.size())
        throw bad_data{say(joined("a scaler of the panel's ", rows.series(), " series"), joined("one of ", scaler.mean.size()),
                           "Give the scaler and the columns of training")};
    std::int64_t const days = rows.segments.empty() ? 0 : rows.segments.back().rows;
    if (days <= steps)
        throw bad_data{say(joined(steps + 1, " days in a row at the panel's end (", steps, " steps, and the day before)"),
                           joined(days), "Bring every series up to date")};
}

/// The first row that a part may not know.
[[nodiscard]] inline std::int64_t cut_row(panel const& rows, double fraction) {
    return static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(rows.size())));
}

} // namespace detail

inline split_panel_windows windows_of(panel rows, panel_window_settings const& settings) {
    detail::check(settings);
    detail::check_target(rows, settings.target_change);
    detail::panel_window_store s;
    s.rows                  = std::move(rows);
    s.seen                  = detail::seen_of(s.rows);
    s.steps                 = settings.steps;
    s.horizon               = settings.horizon;
    s.target_change         = settings.target_change;
    double const known      = settings.train_fraction + settings.validation_fraction;
    std::int64_t const gap  = s.steps + s.horizon + 1; // a change looks back one day
    std::int64_t const cut  = detail::cut_row(s.rows, settings.train_fraction);
    std::int64_t const last = detail::cut_row(s.rows, known);
    detail::append_windows(s, s.train, 0, cut);
    detail::append_windows(s, s.validation, cut + gap, last);
    detail::append_windows(s, s.test, last + gap, s.rows.size());
    if (s.train.size == 0)
        throw detail::too_few_days(s, "training", "Give longer series, lower steps or horizon, or raise train_fraction");
    if (s.validation.size == 0 && settings.validation_fraction > 0)
        throw detail::too_few_days(s, "validation",
                                   "Give longer series, or set validation_fraction to 0 to do without that part");
    if (s.test.size == 0 && known < 1)
        throw detail::too_few_days(s, "test", "Give longer series, or set train_fraction to 1 to do without a test part");
    detail::fit_scaler(s);
    return split_panel_windows{std::make_shared<detail::panel_window_store const>(std::move(s))};
}

template <class T>
std::int64_t gather_newest(panel const& rows, feature_scaler const& scaler, int steps, T* x) {
    detail::check_newest(rows, scaler, steps);
    detail::scaler_of<T> const scaled{scaler};
    std::vector<float> seen(rows.names.size());
    for (std::int64_t row = rows.size() - steps; row < rows.size(); ++row, x += rows.series()) {
        for (std::int64_t s = 0; s < rows.series(); ++s)
            seen[static_cast<std::size_t>(s)] = static_cast<float>(rows.seen(row, s));
        scaled(seen.data(), x);
    }
    return rows.days.back();
}

inline std::vector<std::string> panel_windows::feature_names() const {
    std::vector<std::string> names;
    for (std::size_t s = 0; s < store_->rows.names.size(); ++s)
        names.push_back(joined(store_->rows.names[s], " ", name_of(store_->rows.as[s])));
    return names;
}

inline table split_panel_windows::to_table() const {
    table out{.head = {"part", "windows", "from", "to"}};
    auto const add = [&](char const* name, panel_windows const& part) {
        if (part.size() == 0) {
            out.rows.push_back({name, "0", "none", "none"});
            return;
        }
        std::int64_t const first = part.last_row_of(0) - part.steps() + 1;
        out.rows.push_back({name, joined(part.size()), detail::date_text(part.store_->day(first)),
                            detail::date_text(part.target_day_of(part.size() - 1))});
    };
    add("training", train);
    add("validation", validation);
    add("test", test);
    return out;
}

} // namespace espalier

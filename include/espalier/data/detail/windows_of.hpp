// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of windows_of: which windows lie before and after the cut, the scalers, and the line that sums it up.
/// The grid below and the gathering above have files of their own.
#pragma once

#include <espalier/data/windows.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <memory>
#include <set>
#include <sstream>
#include <utility>

namespace espalier {
namespace detail {

inline void check(window_settings const& s) {
    auto const reject = [](char const* required, auto const& got, char const* fix) {
        throw invalid_setting{{"windows", required, joined(got), fix, "howto/data.md"}};
    };
    if (s.steps < 1) reject("steps of 1 or more", s.steps, "Set steps to 60");
    if (s.horizon < 1) reject("a horizon of 1 or more minutes", s.horizon, "Set horizon to 5");
    if (s.max_gap_minutes < 0) reject("max_gap_minutes of 0 or more", s.max_gap_minutes, "Set max_gap_minutes to 30");
    if (!(s.train_fraction > 0 && s.train_fraction <= 1))
        reject("train_fraction above 0 and at most 1", s.train_fraction, "Set train_fraction to 0.8");
}

/// The first minute that training may not know: `fraction` of the way from the first bar to the last.
[[nodiscard]] inline std::int64_t cut_minute(minute_grid const& grid, double fraction) {
    std::int64_t const minutes = grid.last_minute - grid.first_minute + 1;
    return grid.first_minute + static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(minutes)));
}

/// Gives every window to the part it belongs to. Of a segment whose row r lies at minute m0 + r, with T steps and horizon h, the
/// window that ends with row e is for training if m0 + e + h < cut, and for testing if m0 + e − T + 1 ≥ cut + T + h.
inline void split_at(window_store& s, std::int64_t cut) {
    int series_in_training = -1;
    for (minute_segment const& g : s.grid.segments) {
        std::int64_t const first = s.steps - 1, last = g.rows - 1 - s.horizon; // rows that can end a window
        ++s.counts.segments;
        if (last < first) {
            ++s.counts.short_segments;
            continue;
        }
        auto const run_of = [&](std::int64_t from, std::int64_t to) {
            return window_run{0, std::max<std::int64_t>(to - from + 1, 0), g.first_row + from, g.first_minute + from, g.series};
        };
        auto const train = run_of(first, std::min(last, cut - 1 - s.horizon - g.first_minute));
        auto const test  = run_of(std::max(first, cut + 2 * s.steps + s.horizon - 1 - g.first_minute), last);
        if (train.count > 0) {
            s.train.append(train);
            series_in_training = g.series;
        }
        if (test.count > 0 && g.series == series_in_training)
            s.test.append(test);
        else
            s.counts.left_out += test.count;
    }
}

/// Mean and standard deviation of values that are given twice, in the same order.
class moments {
public:
    void first_pass(double v) noexcept {
        ++count_;
        sum_ += v;
        least_ = count_ == 1 ? v : std::min(least_, v);
        most_  = count_ == 1 ? v : std::max(most_, v);
    }
    void second_pass(double v) noexcept { squares_ += (v - mean()) * (v - mean()); }
    [[nodiscard]] double mean() const noexcept { return sum_ / static_cast<double>(count_); }
    /// 1 where all values are equal.
    [[nodiscard]] double deviation() const noexcept {
        return most_ > least_ ? std::sqrt(squares_ / static_cast<double>(count_)) : 1.0;
    }

private:
    std::int64_t count_ = 0;
    double sum_ = 0, squares_ = 0, least_ = 0, most_ = 0;
};

/// Fits the scalers over the minutes of training windows, each minute once, and the targets' deviation over training windows.
inline void fit_scalers(window_store& s) {
    s.scalers.resize(s.grid.tickers.size());
    std::vector<moments> of_feature(s.grid.tickers.size() * minute_features);
    moments of_target;
    auto const pass = [&](void (moments::*add)(double) noexcept) {
        for (window_run const& run : s.train.runs) {
            for (std::int64_t row = run.last_row - s.steps + 1; row < run.last_row + run.count; ++row)
                for (int f = 0; f < minute_features; ++f)
                    (of_feature[static_cast<std::size_t>(run.series * minute_features + f)].*
                     add)(static_cast<double>(s.grid.feature[static_cast<std::size_t>(row * minute_features + f)]));
            for (std::int64_t row = run.last_row; row < run.last_row + run.count; ++row) (of_target.*add)(s.target_at(row));
        }
    };
    pass(&moments::first_pass);
    pass(&moments::second_pass);
    for (window_run const& run : s.train.runs)
        for (int f = 0; f < minute_features; ++f) {
            moments const& m = of_feature[static_cast<std::size_t>(run.series * minute_features + f)];
            s.scalers[static_cast<std::size_t>(run.series)].mean[f]  = m.mean();
            s.scalers[static_cast<std::size_t>(run.series)].scale[f] = 1.0 / m.deviation();
        }
    s.target_scale = of_target.deviation();
}

/// A minute of the calendar as "2024-01-08 14:30".
[[nodiscard]] inline std::string minute_text(std::int64_t minute) {
    using namespace std::chrono;
    sys_time<minutes> const time{minutes{minute}};
    auto const day = floor<days>(time);
    year_month_day const date{day};
    auto const of_day = (time - day).count();
    std::ostringstream out;
    out << std::setfill('0') << int{date.year()} << '-' << std::setw(2) << unsigned{date.month()} << '-' << std::setw(2)
        << unsigned{date.day()} << ' ' << std::setw(2) << of_day / 60 << ':' << std::setw(2) << of_day % 60;
    return std::move(out).str();
}

[[nodiscard]] inline bad_data too_few_bars(window_store const& s, char const* part, std::int64_t cut, char const* fix) {
    auto const longest = std::max_element(s.grid.segments.begin(), s.grid.segments.end(),
                                          [](auto const& a, auto const& b) { return a.rows < b.rows; });
    return bad_data{{"windows",
                     joined("a ", part, " window: ", s.steps + s.horizon + 1, " minutes in a row (", s.steps,
                            " steps, a horizon of ", s.horizon, ", one close before)"),
                     joined("at most ", longest->rows + 1, " in ", s.grid.bars, " bars of ", s.grid.tickers.size(),
                            " series, with the cut at ", minute_text(cut), " UTC"),
                     fix, "howto/data.md"}};
}

[[nodiscard]] inline std::string summary_of(window_store const& s, window_part const& part) {
    std::set<int> series;
    std::int64_t first = 0, last = 0;
    for (window_run const& run : part.runs) {
        std::int64_t const begin = run.last_minute - s.steps + 1, end = run.last_minute + run.count - 1 + s.horizon;
        first = series.empty() ? begin : std::min(first, begin);
        last  = series.empty() ? end : std::max(last, end);
        series.insert(run.series);
    }
    std::string const when = part.size == 0 ? "" : joined(", ", minute_text(first), " to ", minute_text(last), " UTC");
    return joined(part.size, " windows of ", series.size(), " tickers", when, "; ", s.counts.bars, " bars, ",
                  s.counts.filled_minutes, " minutes filled, ", s.counts.short_segments, " of ", s.counts.segments,
                  " segments too short, ", s.counts.left_out, " windows left out");
}

} // namespace detail

inline std::string windows::summary() const {
    return detail::summary_of(*store_, *part_);
}

inline split_windows windows_of(std::vector<bar_series> const& bars, window_settings settings) {
    detail::check(settings);
    detail::window_store s;
    s.grid                 = detail::grid_of(bars, settings.max_gap_minutes);
    s.steps                = settings.steps;
    s.horizon              = settings.horizon;
    std::int64_t const cut = detail::cut_minute(s.grid, settings.train_fraction);
    detail::split_at(s, cut);
    s.counts.bars           = s.grid.bars;
    s.counts.filled_minutes = s.grid.filled_minutes;
    if (s.train.size == 0)
        throw detail::too_few_bars(s, "training", cut, "Give longer series, lower steps or horizon, or raise train_fraction");
    if (s.test.size == 0 && settings.train_fraction < 1)
        throw detail::too_few_bars(s, "test", cut, "Give longer series, or set train_fraction to 1 to do without a test part");
    detail::fit_scalers(s);
    auto const store = std::make_shared<detail::window_store const>(std::move(s));
    return {windows{store, store->train}, windows{store, store->test}};
}

} // namespace espalier

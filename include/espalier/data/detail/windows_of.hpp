// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of windows_of: which windows lie before and after the cut, the scalers, and the line that sums it up.
/// The grid below and the gathering above have files of their own.
#pragma once

#include <espalier/data/calendar.hpp>
#include <espalier/data/windows.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <utility>

namespace espalier {
namespace detail {

inline void check(window_settings const& s) {
    auto const reject = [](char const* required, auto const& got, char const* fix) {
        throw invalid_setting{{"windows", required, joined(got), fix, "howto/data.md"}};
    };
    if (s.steps < 1) reject("steps of 1 or more", s.steps, "Set steps to 60");
    if (s.horizon < 1) reject("a horizon of 1 or more minutes", s.horizon, "Set horizon to 5");
    if (!(s.train_fraction > 0 && s.train_fraction <= 1))
        reject("train_fraction above 0 and at most 1", s.train_fraction, "Set train_fraction to 0.8");
    if (!(s.validation_fraction >= 0 && s.train_fraction + s.validation_fraction <= 1))
        reject("validation_fraction of 0 or more, and at most 1 with train_fraction", s.validation_fraction,
               "Set train_fraction to 0.7 and validation_fraction to 0.1");
}

/// The first minute that a part may not know: `fraction` of the way from the first bar to the last.
[[nodiscard]] inline std::int64_t cut_minute(minute_grid const& grid, double fraction) {
    std::int64_t const minutes = grid.span.last - grid.span.first + 1;
    return grid.span.first + static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(minutes)));
}

/// A part's minutes: its windows begin at `begin` or later, and their targets end before `end`.
struct part_span {
    std::int64_t begin, end;
};

/// The windows of a segment that lie in a part. Row r of the segment lies at minute m + r, with T steps and horizon h: the window
/// that ends with row e belongs to it if m + e − T + 1 ≥ begin and m + e + h < end.
[[nodiscard]] inline window_run run_in(window_store const& s, minute_segment const& g, part_span part) {
    std::int64_t const from = std::max<std::int64_t>(s.steps - 1, part.begin + s.steps - 1 - g.first_minute);
    std::int64_t const to   = std::min(g.rows - 1 - s.horizon, part.end - 1 - s.horizon - g.first_minute);
    return {0, std::max<std::int64_t>(to - from + 1, 0), g.first_row + from, g.first_minute + from, g.series};
}

/// Gives every window to the part it belongs to.
inline void deal_windows(window_store& s, part_span train, part_span validation, part_span test) {
    int series_in_training = -1;
    for (minute_segment const& g : s.grid.segments) {
        ++s.counts.segments;
        if (g.rows < s.steps + s.horizon) {
            ++s.counts.short_segments;
            continue;
        }
        if (auto const run = run_in(s, g, train); run.count > 0) {
            s.train.append(run);
            series_in_training = g.series;
        }
        for (auto const& [part, span] : {std::pair{&s.validation, validation}, std::pair{&s.test, test}}) {
            auto const run = run_in(s, g, span);
            if (run.count > 0 && g.series == series_in_training)
                part->append(run);
            else
                s.counts.left_out += run.count;
        }
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
    int const features = s.grid.features();
    s.scalers.resize(s.grid.tickers.size());
    std::vector<moments> of_feature(s.grid.tickers.size() * static_cast<std::size_t>(features));
    moments of_target;
    auto const pass = [&](void (moments::*add)(double) noexcept) {
        for (window_run const& run : s.train.runs) {
            for (std::int64_t row = run.last_row - s.steps + 1; row < run.last_row + run.count; ++row)
                for (int f = 0; f < features; ++f)
                    (of_feature[static_cast<std::size_t>(run.series * features + f)].*
                     add)(static_cast<double>(s.grid.feature[static_cast<std::size_t>(row * features + f)]));
            for (std::int64_t row = run.last_row; row < run.last_row + run.count; ++row) (of_target.*add)(s.target_at(row));
        }
    };
    pass(&moments::first_pass);
    pass(&moments::second_pass);
    for (window_run const& run : s.train.runs) {
        feature_scaler& scaler = s.scalers[static_cast<std::size_t>(run.series)];
        if (!scaler.mean.empty()) continue;
        for (int f = 0; f < features; ++f) {
            moments const& m = of_feature[static_cast<std::size_t>(run.series * features + f)];
            scaler.mean.push_back(m.mean());
            scaler.scale.push_back(1.0 / m.deviation());
        }
    }
    s.target_scale = of_target.deviation();
    s.mean_target  = of_target.mean();
}

[[nodiscard]] inline bad_data too_few_bars(window_store const& s, char const* part, std::int64_t cut, char const* fix) {
    auto const longest = std::max_element(s.grid.segments.begin(), s.grid.segments.end(),
                                          [](auto const& a, auto const& b) { return a.rows < b.rows; });
    return bad_data{{"windows",
                     joined("a ", part, " window: ", s.grid.look_back + s.steps + s.horizon, " minutes in a row (", s.steps,
                            " steps, a horizon of ", s.horizon, ", and ", s.grid.look_back, " before that features look back to)"),
                     joined("at most ", longest->rows + s.grid.look_back, " in ", s.grid.tickers.size(), " series, with the cut at ",
                            minute_text(cut), " UTC"),
                     fix, "howto/data.md"}};
}

inline split_windows split(minute_grid grid, window_settings const& settings) {
    window_store s;
    s.grid                 = std::move(grid);
    s.steps                = settings.steps;
    s.horizon              = settings.horizon;
    double const known     = settings.train_fraction + settings.validation_fraction;
    std::int64_t const gap = s.grid.look_back + s.steps + s.horizon;
    std::int64_t const end = s.grid.span.last + s.horizon + 2;
    std::int64_t const first_cut = cut_minute(s.grid, settings.train_fraction), second_cut = cut_minute(s.grid, known);
    deal_windows(s, {s.grid.span.first, first_cut}, {first_cut + gap, second_cut}, {second_cut + gap, end});
    s.counts.bars           = s.grid.bars;
    s.counts.filled_minutes = s.grid.filled_minutes;
    if (s.train.size == 0)
        throw too_few_bars(s, "training", first_cut, "Give longer series, lower steps or horizon, or raise train_fraction");
    if (s.validation.size == 0 && settings.validation_fraction > 0)
        throw too_few_bars(s, "validation", second_cut, "Give longer series, or set validation_fraction to 0 to do without that part");
    if (s.test.size == 0 && known < 1)
        throw too_few_bars(s, "test", second_cut, "Give longer series, or set train_fraction to 1 to do without a test part");
    fit_scalers(s);
    auto const store = std::make_shared<window_store const>(std::move(s));
    return {windows{store, store->train}, windows{store, store->validation}, windows{store, store->test}};
}

} // namespace detail

inline window_extent windows::extent() const {
    window_extent extent;
    std::set<int> series;
    for (detail::window_run const& run : part_->runs) {
        std::int64_t const begin = run.last_minute - steps() + 1, end = run.last_minute + run.count - 1 + horizon();
        extent.first_minute = series.empty() ? begin : std::min(extent.first_minute, begin);
        extent.last_minute  = series.empty() ? end : std::max(extent.last_minute, end);
        series.insert(run.series);
    }
    extent.tickers = static_cast<int>(series.size());
    return extent;
}

inline std::string windows::summary() const {
    auto const [tickers, first, last] = extent();
    std::string const when = size() == 0 ? "" : joined(", ", minute_text(first), " to ", minute_text(last), " UTC");
    window_counts const& c = counts();
    return joined(size(), " windows of ", tickers, " tickers", when, "; ", c.bars, " bars, ", c.filled_minutes, " minutes filled, ",
                  c.short_segments, " of ", c.segments, " segments too short, ", c.left_out, " windows left out");
}

inline table split_windows::to_table() const {
    table out{.head = {"part", "windows", "tickers", "from (UTC)", "to (UTC)"}};
    auto const add = [&](char const* name, windows const& part) {
        auto const [tickers, first, last] = part.extent();
        bool const is_empty               = part.size() == 0;
        out.rows.push_back({name, joined(part.size()), joined(tickers), is_empty ? "none" : minute_text(first),
                            is_empty ? "none" : minute_text(last)});
    };
    add("training", train);
    add("validation", validation);
    add("test", test);
    return out;
}

} // namespace espalier

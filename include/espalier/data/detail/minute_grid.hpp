// SPDX-License-Identifier: BSL-1.0
/// @file
/// Bars laid on a regular one-minute grid: segments without long gaps, a row of features a minute.
/// Windows and splits are cut from it in window_store.hpp.
#pragma once

#include <espalier/data/bar.hpp>
#include <espalier/data/errors.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace espalier::detail {

inline constexpr int minute_features      = 2; // log return of the close, log(1 + volume)
inline constexpr std::int64_t day_minutes = 1440;

/// The UTC minute, counted from 1970, in which a bar lies.
[[nodiscard]] constexpr std::int64_t minute_of(bar const& b) noexcept {
    return b.time_ms >= 0 ? b.time_ms / minute_ms : -((-b.time_ms + minute_ms - 1) / minute_ms);
}

/// Minutes in a row of one series and one UTC day. The bar before the first row, which gives that row's return, has no row.
struct minute_segment {
    std::int64_t first_row    = 0;
    std::int64_t rows         = 0;
    std::int64_t first_minute = 0;
    int series                = 0;
};

/// What was laid on the grid.
/// @par Shapes    feature (rows, 2) row-major, not scaled; log_close (rows)
struct minute_grid {
    std::vector<std::string> tickers; // a series
    std::vector<minute_segment> segments;
    std::vector<float> feature;
    std::vector<double> log_close;
    std::int64_t bars = 0, filled_minutes = 0;
    std::int64_t first_minute = 0, last_minute = 0; // of any bar
};

/// Appends the minutes of one series.
class series_on_grid {
public:
    series_on_grid(minute_grid& grid, bar_series const& from, int series, int max_gap)
        : grid_{grid}, from_{from}, series_{series}, max_gap_{max_gap} {}

    void append() {
        for (std::size_t i = 0; i < from_.bars.size(); ++i) {
            bar const& b              = checked(i);
            std::int64_t const at     = minute_of(b);
            std::int64_t const before = i == 0 ? at : minute_of(from_.bars[i - 1]);
            bool const goes_on        = i > 0 && at - before - 1 <= max_gap_ && is_same_day(before, at);
            double const log_close    = std::log(static_cast<double>(b.close));
            if (!goes_on) {
                grid_.segments.push_back({static_cast<std::int64_t>(grid_.log_close.size()), 0, at + 1, series_});
            } else {
                for (std::int64_t filled = before + 1; filled < at; ++filled) append_row(0.0, 0.0, last_log_close_);
                grid_.filled_minutes += at - before - 1;
                append_row(log_close - last_log_close_, std::log1p(static_cast<double>(b.volume)), log_close);
            }
            last_log_close_ = log_close;
        }
        grid_.bars += static_cast<std::int64_t>(from_.bars.size());
    }

private:
    [[nodiscard]] static constexpr bool is_same_day(std::int64_t a, std::int64_t b) noexcept {
        auto const day = [](std::int64_t m) { return m >= 0 ? m / day_minutes : -((-m + day_minutes - 1) / day_minutes); };
        return day(a) == day(b);
    }

    void append_row(double log_return, double log_volume, double log_close) {
        grid_.feature.push_back(static_cast<float>(log_return));
        grid_.feature.push_back(static_cast<float>(log_volume));
        grid_.log_close.push_back(log_close);
        ++grid_.segments.back().rows;
    }

    [[nodiscard]] bar const& checked(std::size_t i) const {
        bar const& b      = from_.bars[i];
        auto const reject = [&](char const* required, std::string const& got) {
            throw bad_data{{"windows", joined(required, " (", from_.ticker, ", bar ", i, ", time ", b.time_ms, " ms)"), got,
                            "Correct the bar or remove it", "howto/data.md"}};
        };
        if (!(b.close > 0) || !std::isfinite(b.close)) reject("a finite close above 0", joined(b.close));
        if (!(b.volume >= 0) || !std::isfinite(b.volume)) reject("a finite volume of 0 or more", joined(b.volume));
        if (i > 0 && minute_of(b) <= minute_of(from_.bars[i - 1]))
            reject("at most one bar a minute, in rising order", joined("one after a bar of ", from_.bars[i - 1].time_ms, " ms"));
        return b;
    }

    minute_grid& grid_;
    bar_series const& from_;
    int series_, max_gap_;
    double last_log_close_ = 0;
};

/// Lays every series on the grid.
/// @throws bad_data   a bar whose close or volume has no logarithm, two bars in a minute, or none at all
[[nodiscard]] inline minute_grid grid_of(std::vector<bar_series> const& all, int max_gap) {
    minute_grid grid;
    for (bar_series const& series : all) {
        int const index = static_cast<int>(grid.tickers.size());
        grid.tickers.push_back(series.ticker);
        if (series.bars.empty()) continue;
        bool const is_first = grid.bars == 0;
        series_on_grid{grid, series, index, max_gap}.append();
        std::int64_t const first = minute_of(series.bars.front()), last = minute_of(series.bars.back());
        if (is_first || first < grid.first_minute) grid.first_minute = first;
        if (is_first || last > grid.last_minute) grid.last_minute = last;
    }
    if (grid.bars == 0)
        throw bad_data{{"windows", "at least one bar", joined("none in ", all.size(), " series"), "Give bars", "howto/data.md"}};
    return grid;
}

} // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Cleaned bars laid on a regular one-minute grid: segments of known minutes, a row of features a minute.
/// Windows and splits are cut from it in window_store.hpp.
#pragma once

#include <espalier/data/clean.hpp>
#include <espalier/data/feature.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace espalier::detail {

/// Minutes in a row of one series and one session, those with a row of features. The minutes that the first rows look back to have
/// none.
struct minute_segment {
    std::int64_t first_row    = 0;
    std::int64_t rows         = 0;
    std::int64_t first_minute = 0;
    int series                = 0;
};

/// What was laid on the grid.
/// @par Shapes    feature (rows, F) row-major, not scaled; log_close (rows)
struct minute_grid {
    std::vector<std::string> tickers; // a series
    std::vector<std::string> names;   // of the features
    std::vector<minute_segment> segments;
    std::vector<float> feature;
    std::vector<double> log_close;
    minute_span span;
    bar_rules rules;
    int look_back               = 0;
    std::int64_t bars           = 0;
    std::int64_t filled_minutes = 0;

    [[nodiscard]] int features() const noexcept { return static_cast<int>(names.size()); }
};

/// Collects the minutes of one segment after the other and makes rows of them.
template <FeatureRow Features>
class grid_rows {
public:
    grid_rows(minute_grid& grid, int series) : grid_{grid}, series_{series} {}

    void begin_segment(std::int64_t minute) {
        finish();
        first_minute_ = minute;
    }
    void minute(std::int64_t, minute_bar const& m) {
        minutes_.push_back(m);
        ++(m.is_traded ? grid_.bars : grid_.filled_minutes);
    }

    void finish() {
        auto const rows = static_cast<std::int64_t>(minutes_.size()) - Features::look_back;
        if (!minutes_.empty()) {
            std::int64_t const first = static_cast<std::int64_t>(grid_.log_close.size());
            grid_.segments.push_back({first, std::max<std::int64_t>(rows, 0), first_minute_ + Features::look_back, series_});
        }
        for (std::int64_t r = 0; r < rows; ++r) {
            minute_bar const* const now = minutes_.data() + r + Features::look_back;
            grid_.feature.resize(grid_.feature.size() + Features::count);
            float* const row = grid_.feature.data() + grid_.feature.size() - Features::count;
            Features::write(now, row);
            for (int f = 0; f < Features::count; ++f)
                if (!std::isfinite(row[f]))
                    reject_feature(grid_.names, f, grid_.tickers[static_cast<std::size_t>(series_)], first_minute_ + Features::look_back + r, row[f]);
            grid_.log_close.push_back(now->log_close);
        }
        minutes_.clear();
    }

private:
    minute_grid& grid_;
    int series_;
    std::int64_t first_minute_ = 0;
    std::vector<minute_bar> minutes_;
};

/// Lays every series on the grid.
template <FeatureRow Features>
[[nodiscard]] minute_grid grid_of(cleaned_bars const& bars) {
    minute_grid grid;
    grid.names     = Features::names();
    grid.look_back = Features::look_back;
    grid.span      = span_of(bars.series);
    grid.rules     = bars.rules;
    for (bar_series const& series : bars.series) {
        grid_rows<Features> rows{grid, static_cast<int>(grid.tickers.size())};
        grid.tickers.push_back(series.ticker);
        minute_line line{bars.rules};
        for (bar const& b : series.bars) line.add(b, rows);
        line.advance(grid.span.last, rows);
        rows.finish();
    }
    return grid;
}

} // namespace espalier::detail

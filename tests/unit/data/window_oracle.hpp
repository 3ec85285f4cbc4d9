// SPDX-License-Identifier: BSL-1.0
/// @file
/// Windows worked out anew from bars, minute by minute and with maps, for tests to compare with; and samples gathered one by one.
/// It shares no code with espalier/data beyond the types of bars.
#pragma once

#include <espalier/data/bar.hpp>
#include <espalier/data/windows.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace espalier_test {

/// The first minute of a UTC day at which a market trades, and the first at which it does no longer.
using hours_of_day = std::pair<int, int> (*)(std::int64_t day);

inline std::pair<int, int> all_day(std::int64_t) {
    return {0, 1440};
}
/// New York's sessions of 2024, by hand: winter time to 10 March and from 3 November on, three early closes.
inline std::pair<int, int> new_york_2024(std::int64_t day) {
    std::int64_t const of_year = day - 19'723; // 2024-01-01
    bool const is_summer       = of_year >= 69 && of_year < 307;
    bool const is_early        = of_year == 184 || of_year == 333 || of_year == 358; // 3 July, 29 November, 24 December
    return is_summer ? std::pair{810, is_early ? 1020 : 1200} : std::pair{870, is_early ? 1080 : 1260};
}

/// Rules that take every bar as it is, wherever it lies.
inline espalier::bar_rules at_any_time(int fill_minutes = 30) {
    return {.session = espalier::any_time, .bad_print = espalier::on_bad_print::keep, .fill_minutes = fill_minutes};
}

/// One series on the grid: for each minute that lies in a segment, which segment, the newest close, and the volume.
class series_oracle {
public:
    /// @param last_minute  of any series: to there a close can stand
    series_oracle(espalier::bar_series const& series, int max_gap, hours_of_day hours, std::int64_t last_minute) {
        std::optional<std::int64_t> before;
        auto const fill_up_to = [&](std::int64_t end) { // the minutes before `end` in which the close of `before` stands
            std::int64_t const day_end = *before / 1440 * 1440 + hours(*before / 1440).second;
            for (std::int64_t m = *before + 1; m < end && m <= *before + max_gap && m < day_end; ++m)
                minutes_[m] = {segment_, minutes_[*before].close, 0.0};
        };
        for (auto const& b : series.bars) {
            std::int64_t const at     = b.time_ms / 60'000;
            auto const [open, closed] = hours(at / 1440);
            if (at % 1440 < open || at % 1440 >= closed) continue;
            if (before) fill_up_to(at);
            if (!before || at / 1440 != *before / 1440 || at - *before - 1 > max_gap) ++segment_;
            minutes_[at] = {segment_, double{b.close}, double{b.volume}};
            before       = at;
        }
        if (before) fill_up_to(last_minute + 1);
    }

    /// Whether a window of `steps` minutes that ends with minute `m`, the close before it and the one `horizon` later, are there.
    [[nodiscard]] bool has_window(std::int64_t m, int steps, int horizon) const {
        auto const first = minutes_.find(m - steps), last = minutes_.find(m + horizon);
        return first != minutes_.end() && last != minutes_.end() && first->second.segment == last->second.segment;
    }
    [[nodiscard]] std::int64_t count_windows(int steps, int horizon) const {
        std::int64_t n = 0;
        for (auto const& [m, unused] : minutes_) n += has_window(m, steps, horizon);
        return n;
    }
    [[nodiscard]] double log_return(std::int64_t from, std::int64_t to) const {
        return std::log(minutes_.at(to).close / minutes_.at(from).close);
    }
    /// The features of a minute, not scaled.
    [[nodiscard]] std::pair<double, double> features(std::int64_t m) const {
        return {log_return(m - 1, m), std::log(1.0 + minutes_.at(m).volume)};
    }

private:
    struct minute {
        int segment  = 0;
        double close = 0, volume = 0;
    };
    std::map<std::int64_t, minute> minutes_;
    int segment_ = 0;
};

/// A sample as it is before scaling.
struct raw_sample {
    std::vector<double> input; // (T,F)
    double target = 0;
};

/// A gathered sample as its scaler found it.
inline raw_sample unscaled(espalier::windows const& w, std::int64_t sample) {
    raw_sample raw{std::vector<double>(static_cast<std::size_t>(w.input().elements())), 0};
    w.gather(std::vector<std::int64_t>{sample}, raw.input.data(), &raw.target);
    auto const& s = w.scaler_of(sample);
    for (std::size_t i = 0; i < raw.input.size(); ++i) raw.input[i] = raw.input[i] / s.scale[i % s.mean.size()] + s.mean[i % s.mean.size()];
    raw.target *= w.target_scale();
    return raw;
}

/// Bars of `days` days at every minute from `open` on, `minutes` a day, whose closes and volumes vary.
inline espalier::bar_series steady_series(std::string ticker, int first_day, int days, int minutes, int open = 600) {
    espalier::bar_series s{std::move(ticker), {}};
    for (int d = 0; d < days; ++d)
        for (int m = 0; m < minutes; ++m) {
            std::int64_t const at = (std::int64_t{first_day} + d) * 1440 + open + m;
            float const close     = 100.0f + static_cast<float>((at * 7919) % 101) / 16.0f;
            s.bars.push_back({at * 60'000, close, close, close, close, close, static_cast<float>(at * 31 % 17)});
        }
    return s;
}

/// The last minute of any bar.
inline std::int64_t last_minute_of(std::vector<espalier::bar_series> const& all) {
    std::int64_t last = 0;
    for (auto const& series : all) last = std::max(last, series.bars.back().time_ms / 60'000);
    return last;
}

/// The same bars, of which those that start after `time_ms` have other prices and volumes.
inline std::vector<espalier::bar_series> disturbed_after(std::vector<espalier::bar_series> all, std::int64_t time_ms) {
    for (auto& series : all)
        for (auto& b : series.bars)
            if (b.time_ms > time_ms) {
                float const factor = 1.0f + static_cast<float>(b.time_ms / 60'000 % 13) / 8.0f;
                b.open *= factor, b.high *= factor, b.low *= factor, b.close *= factor, b.vwap *= factor;
                b.volume = 3 * b.volume + 1000;
            }
    return all;
}

/// The same bars, of which every third that starts after `time_ms` is missing.
inline std::vector<espalier::bar_series> thinned_after(std::vector<espalier::bar_series> all, std::int64_t time_ms) {
    for (auto& series : all)
        std::erase_if(series.bars, [&](auto const& b) { return b.time_ms > time_ms && b.time_ms / 60'000 % 3 == 0; });
    return all;
}

/// The same bars up to `time_ms`, and one of each series a day later, so that time goes on.
inline std::vector<espalier::bar_series> cut_after(std::vector<espalier::bar_series> all, std::int64_t time_ms) {
    for (auto& series : all) {
        auto const later = series.bars.back();
        std::erase_if(series.bars, [&](auto const& b) { return b.time_ms > time_ms; });
        series.bars.push_back(later);
    }
    return all;
}

} // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Columns of different calendars for tests, what a look-up of every day finds in them, and the same with another future.
/// It shares no code with espalier/data beyond the types of columns.
#pragma once

#include <espalier/data/panel_windows.hpp>

#include <cmath>
#include <map>
#include <vector>

namespace espalier_test {

/// Four series over about 400 days, each with holidays of its own; b pauses for 20 days, c lags by two, d has long gaps.
inline std::vector<espalier::panel_column> ragged_columns() {
    using espalier::change;
    espalier::dated_series a{"a", {}}, b{"b", {}}, c{"c", {}}, d{"d", {}};
    for (std::int64_t day = 0; day < 400; ++day) {
        double const x = static_cast<double>(day * 7919 % 101);
        if (day % 7 < 5 && day % 31 != 4) a.values.push_back({day, 50 + x});
        if (day % 7 != 6 && day % 23 > 1 && (day < 150 || day >= 170)) b.values.push_back({day, std::exp(x / 100)});
        if (day >= 9 && day % 3 != 0) c.values.push_back({day, x - 50});
        if (day >= 12 && day % 37 < 30) d.values.push_back({day, 1 + x / 10});
    }
    return {{a, change::difference}, {b, change::log_return}, {c, change::level, 2}, {d, change::log_return}};
}

/// The same columns without values after a day.
inline std::vector<espalier::panel_column> cut_after(std::vector<espalier::panel_column> columns, std::int64_t day) {
    for (auto& column : columns) std::erase_if(column.series.values, [&](auto const& v) { return v.day > day; });
    return columns;
}

/// The same columns, of which every third value after a day is missing and the others are different.
inline std::vector<espalier::panel_column> disturbed_after(std::vector<espalier::panel_column> columns, std::int64_t day) {
    for (auto& column : columns) {
        std::erase_if(column.series.values, [&](auto const& v) { return v.day > day && v.day % 3 == 0; });
        for (auto& v : column.series.values)
            if (v.day > day) v.value *= 1.5 + static_cast<double>(v.day % 13) / 8;
    }
    return columns;
}

/// What a panel should hold, found day by day.
struct looked_up {
    std::vector<std::int64_t> days, ages, segment_rows;
    std::vector<double> levels, target_levels;
};

inline looked_up look_up(std::vector<espalier::panel_column> const& columns, espalier::panel_settings const& settings) {
    std::vector<std::map<std::int64_t, double>> known; // by the day from which it is known
    std::map<std::int64_t, double> target;
    for (auto const& column : columns) {
        auto& by_day = known.emplace_back();
        for (auto const& v : column.series.values) {
            by_day[v.day + column.lag_days] = v.value;
            if (column.series.name == settings.target) target[v.day] = v.value;
        }
    }
    looked_up out;
    std::int64_t last_target_day = -1000, last_row_day = -1000;
    for (auto const& [day, value] : target) {
        std::int64_t const of_week = (day + 3) % 7; // 1970-01-01 was a Thursday; Monday is 0
        if (!settings.weekends && of_week >= 5) continue;
        std::vector<double> levels;
        std::vector<std::int64_t> ages;
        for (auto const& series : known)
            for (std::int64_t back = 0; back <= settings.fill_days; ++back)
                if (auto const found = series.find(day - back); found != series.end()) {
                    levels.push_back(found->second);
                    ages.push_back(back);
                    break;
                }
        if (levels.size() == columns.size()) {
            bool const goes_on = last_row_day == last_target_day && day - last_row_day <= settings.pause_days;
            if (!goes_on || out.days.empty()) out.segment_rows.push_back(0);
            ++out.segment_rows.back();
            out.days.push_back(day);
            out.target_levels.push_back(value);
            out.levels.insert(out.levels.end(), levels.begin(), levels.end());
            out.ages.insert(out.ages.end(), ages.begin(), ages.end());
            last_row_day = day;
        }
        last_target_day = day;
    }
    return out;
}

/// A sample as its scaler found it: the target, then the input (T,S).
inline std::vector<double> unscaled(espalier::panel_windows const& w, std::int64_t sample) {
    std::vector<double> all(static_cast<std::size_t>(w.input().elements()) + 1);
    w.gather(std::vector<std::int64_t>{sample}, all.data() + 1, all.data());
    auto const& s = w.scaler();
    for (std::size_t i = 1; i < all.size(); ++i) {
        std::size_t const f = (i - 1) % s.mean.size();
        all[i]              = all[i] / s.scale[f] + s.mean[f];
    }
    all[0] *= w.target_scale();
    return all;
}
/// All samples of a data set as they are gathered.
inline std::vector<float> gathered(espalier::panel_windows const& w) {
    std::vector<float> all;
    for (std::int64_t i = 0; i < w.size(); ++i) {
        std::vector<float> one(static_cast<std::size_t>(w.input().elements()) + 1);
        w.gather(std::vector<std::int64_t>{i}, one.data() + 1, one.data());
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}
inline espalier::panel ragged_panel() {
    return espalier::panel_of(ragged_columns(), {"b", 5});
}
/// A target alone, of which every day of `count` has the value day·day.
inline espalier::panel squares(std::int64_t count) {
    espalier::dated_series s{"x", {}};
    for (std::int64_t d = 0; d < count; ++d) s.values.push_back({d, static_cast<double>(d * d)});
    return espalier::panel_of({{s, espalier::change::difference}}, {.target = "x"});
}

} // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The bodies of scores.hpp: forecasts into sums a day, sums into scores with intervals.
/// The sums themselves are in score_sums.hpp.
#pragma once

#include <espalier/data/bar.hpp>
#include <espalier/data/session.hpp>
#include <espalier/observe/report/detail/score_sums.hpp>
#include <espalier/observe/report/scores.hpp>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace espalier {
namespace detail {

/// Sums a day, in rising order of days.
using daily_sums = std::map<std::int64_t, score_sums>;

[[nodiscard]] inline std::vector<score_sums> days_of(daily_sums const& sums) {
    std::vector<score_sums> days;
    for (auto const& day : sums) days.push_back(day.second);
    return days;
}

[[nodiscard]] inline score_sums total_of(std::vector<score_sums> const& days) {
    score_sums total;
    for (score_sums const& day : days) total += day;
    return total;
}

/// The sample's value of any statistic, with its interval over the draws.
class estimator {
public:
    estimator(std::vector<score_sums> const& days, bootstrap_settings const& settings)
        : total_{total_of(days)}, draws_{resampled_totals(std::span<score_sums const>{days}, settings)}, level_{settings.level} {}

    template <class Statistic>
    [[nodiscard]] estimate operator()(Statistic statistic) const {
        std::vector<double> values;
        values.reserve(draws_.size());
        for (score_sums const& s : draws_) values.push_back(statistic(s));
        return {statistic(total_), interval_of(std::move(values), level_)};
    }
    [[nodiscard]] score_sums const& total() const noexcept { return total_; }

private:
    score_sums total_;
    std::vector<score_sums> draws_;
    double level_;
};

[[nodiscard]] inline forecast_scores scores_of(estimator const& e, int i) {
    return {.squared_error  = e([i](score_sums const& s) { return s.squared_error(i); }),
            .skill          = e([i](score_sums const& s) { return s.skill(i, 1); }),
            .absolute_error = e([i](score_sums const& s) { return s.absolute_error(i); }),
            .correlation    = e([i](score_sums const& s) { return s.correlation(i); }),
            .r2             = e([i](score_sums const& s) { return s.skill(i, 2); }),
            .right_signs    = e([i](score_sums const& s) { return s.right_signs(i); })};
}

/// A score a key that occurs, in the order of keys.
template <class KeyOf, class NameOf>
[[nodiscard]] std::vector<group_score> scores_by(forecast_set const& set, bootstrap_settings const& settings, KeyOf key_of,
                                                 NameOf name_of_key) {
    check(set);
    std::map<std::int64_t, daily_sums> groups;
    for (forecast const& f : set.of)
        if (is_finite(f)) groups[key_of(f)][utc_day(minute_of(f.time_ms))].add(f, set.mean_return);
    std::vector<group_score> scores;
    for (auto const& [key, days] : groups) {
        estimator const e{days_of(days), settings};
        scores.push_back({name_of_key(key), static_cast<std::int64_t>(e.total().windows), e.total().squared_error(0),
                          e.total().squared_error(1), e([](score_sums const& s) { return s.skill(0, 1); })});
    }
    return scores;
}

} // namespace detail

inline assessment assess(forecast_set const& set, bootstrap_settings const& settings) {
    check(set);
    assessment a{.level = settings.level};
    detail::daily_sums days;
    for (forecast const& f : set.of) {
        if (is_finite(f))
            days[utc_day(minute_of(f.time_ms))].add(f, set.mean_return), ++a.windows;
        else
            ++a.left_out;
    }
    a.days = static_cast<std::int64_t>(days.size());
    if (a.windows == 0) return a;
    detail::estimator const e{detail::days_of(days), settings};
    a.model = detail::scores_of(e, 0);
    for (int i = 0; i < 3; ++i) {
        a.naive[i]   = detail::scores_of(e, i + 1);
        a.against[i] = e([i](detail::score_sums const& s) { return s.skill(0, i + 1); });
    }
    return a;
}

inline std::vector<group_score> scores_by_ticker(forecast_set const& set, bootstrap_settings const& settings) {
    return detail::scores_by(
        set, settings, [](forecast const& f) { return std::int64_t{f.ticker}; },
        [&](std::int64_t key) { return set.tickers[static_cast<std::size_t>(key)]; });
}

inline std::vector<group_score> scores_by_half_hour(forecast_set const& set, bootstrap_settings const& settings) {
    return detail::scores_by(
        set, settings, [](forecast const& f) { return minute_of_day(minute_of(f.time_ms)) / 30; },
        [](std::int64_t key) { return joined(key < 20 ? "0" : "", key / 2, key % 2 == 0 ? ":00" : ":30"); });
}

inline std::vector<reliability_bin> reliability(forecast_set const& set, int bins, bootstrap_settings const& settings) {
    check(set);
    std::vector<forecast> sorted;
    std::copy_if(set.of.begin(), set.of.end(), std::back_inserter(sorted), [](forecast const& f) { return is_finite(f); });
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](forecast const& a, forecast const& b) { return a.predicted < b.predicted; });
    std::vector<reliability_bin> out;
    auto const n       = static_cast<std::int64_t>(sorted.size());
    std::int64_t first = 0;
    for (int bin = 1; bin <= bins; ++bin) {
        std::int64_t last = n * bin / bins;
        while (last > first && last < n &&
               sorted[static_cast<std::size_t>(last)].predicted == sorted[static_cast<std::size_t>(last - 1)].predicted)
            ++last;
        if (last <= first) continue;
        detail::daily_sums days;
        for (; first < last; ++first) {
            forecast const& f = sorted[static_cast<std::size_t>(first)];
            days[utc_day(minute_of(f.time_ms))].add(f, set.mean_return);
        }
        detail::estimator const e{detail::days_of(days), settings};
        out.push_back({e.total().of[0].value / e.total().windows,
                       e([](detail::score_sums const& s) { return s.actual / s.windows; }),
                       static_cast<std::int64_t>(e.total().windows)});
    }
    return out;
}

} // namespace espalier

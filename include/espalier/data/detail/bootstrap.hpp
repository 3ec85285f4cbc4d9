// SPDX-License-Identifier: BSL-1.0
/// @file
/// The bodies of bootstrap.hpp: which days a draw takes, and quantiles.
/// What is drawn is the caller's.
#pragma once

#include <espalier/core/philox.hpp>
#include <espalier/data/bootstrap.hpp>
#include <espalier/data/errors.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace espalier {
namespace detail {

inline void check(bootstrap_settings const& s) {
    auto const reject = [](char const* required, auto const& got, char const* fix) {
        throw invalid_setting{{"bootstrap", required, joined(got), fix, "howto/report.md"}};
    };
    if (s.draws < 2) reject("2 draws or more", s.draws, "Set draws to 1000");
    if (!(s.level > 0 && s.level < 1)) reject("a level above 0 and below 1", s.level, "Set level to 0.95");
    if (s.days_a_block < 1) reject("days_a_block of 1 or more", s.days_a_block, "Set days_a_block to 1");
}

/// The value at the share q of sorted values.
[[nodiscard]] inline double quantile(std::vector<double> const& sorted, double q) {
    double const at   = q * static_cast<double>(sorted.size() - 1);
    auto const before = static_cast<std::size_t>(at);
    auto const after  = std::min(before + 1, sorted.size() - 1);
    return sorted[before] + (at - static_cast<double>(before)) * (sorted[after] - sorted[before]);
}

} // namespace detail

template <class Sums>
std::vector<Sums> resampled_totals(std::span<Sums const> days, bootstrap_settings const& settings) {
    detail::check(settings);
    std::size_t const n = days.size(), length = static_cast<std::size_t>(settings.days_a_block);
    if (n <= length) return {}; // one block at most
    std::uint64_t const starts = n - length + 1;
    random_key const key{settings.seed, "bootstrap"};
    std::vector<Sums> totals(static_cast<std::size_t>(settings.draws));
    for (std::size_t draw = 0; draw < totals.size(); ++draw)
        for (std::size_t taken = 0, block = 0; taken < n; ++block) {
            std::uint64_t const word = key.at(block, draw).word[0];
            auto const first         = static_cast<std::size_t>((word * starts) >> 32); // 0 … starts − 1
            for (std::size_t i = 0; i < length && taken < n; ++i, ++taken) totals[draw] += days[first + i];
        }
    return totals;
}

inline std::optional<interval> interval_of(std::vector<double> values, double level) {
    if (values.empty() || !std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) return {};
    std::sort(values.begin(), values.end());
    double const tail = (1 - level) / 2;
    return interval{detail::quantile(values, tail), detail::quantile(values, 1 - tail)};
}

template <class Sums, class Statistic>
std::optional<interval> bootstrap_interval(std::span<Sums const> days, Statistic statistic, bootstrap_settings const& settings) {
    std::vector<double> values;
    for (Sums const& total : resampled_totals(days, settings)) values.push_back(statistic(total));
    return interval_of(std::move(values), settings.level);
}

inline std::optional<interval> mean_interval(std::span<error_sums const> days, bootstrap_settings const& settings) {
    return bootstrap_interval(
        days, [](error_sums const& s) { return s.mean(); }, settings);
}

inline std::optional<interval> skill_interval(std::span<error_sums const> days, bootstrap_settings const& settings) {
    return bootstrap_interval(
        days, [](error_sums const& s) { return s.skill(); }, settings);
}

} // namespace espalier

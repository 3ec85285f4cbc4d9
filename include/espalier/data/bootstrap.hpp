// SPDX-License-Identifier: BSL-1.0
/// @file
/// Confidence intervals of means and ratios by the moving-block bootstrap, whose observations are whole days.
/// It knows sums a day and nothing of what was summed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace espalier {

/// How days are drawn.
struct bootstrap_settings {
    int draws          = 1000;
    double level       = 0.95; ///< the share of draws that lie within the interval
    int days_a_block   = 1;    ///< more than one where days depend on one another
    std::uint64_t seed = 1;
};

/// From low to high, both included.
struct interval {
    double low = 0, high = 0;

    [[nodiscard]] constexpr bool contains(double v) const noexcept { return low <= v && v <= high; }
    friend constexpr bool operator==(interval const&, interval const&) noexcept = default;
};

/// The errors of a model and of a naive forecast over the same windows of one day, added up.
struct error_sums {
    double model = 0, naive = 0;
    double windows = 0;

    error_sums& operator+=(error_sums const& other) noexcept {
        model += other.model, naive += other.naive, windows += other.windows;
        return *this;
    }
    /// The model's mean error; not a number without a window.
    [[nodiscard]] double mean() const noexcept { return model / windows; }
    /// 1 − model error / naive error: 0 is as good as the naive forecast, 1 without an error. Not finite where that has none.
    [[nodiscard]] double skill() const noexcept { return 1 - model / naive; }
};

/// The totals of `draws` simulated samples of as many days as there are, each put together from blocks of consecutive days.
///
/// Every minute's forecast of every ticker stays in its day, so that what depends within a day, such as horizons that overlap and
/// tickers that fall together, is drawn together. Every block of `days_a_block` days is drawn with the same probability; the last
/// block of a sample is cut where it is full. Draws depend on the seed and the number of days alone: sums of several kinds over
/// the same days, or the same call again, see the same draws.
///
///     days      0  1  2  3  4          blocks of 2:  {0 1} {1 2} {2 3} {3 4}
///     a sample  {2 3} {0 1} {3         its total is day 2 + 3 + 0 + 1 + 3
///
/// @tparam Sums   what one day adds up to: `+=`, and zero when value-initialised
/// @return        draws totals; none where fewer than two blocks can be told apart, which is no ground for an interval
/// @par Cost      draws × days additions of Sums
/// @throws invalid_setting   draws below 2, level outside 0 … 1 exclusive, days_a_block below 1
/// @par Source    Künsch, "The jackknife and the bootstrap for general stationary observations", 1989, section 2.3; block
///                length in days, not in observations
template <class Sums>
[[nodiscard]] std::vector<Sums> resampled_totals(std::span<Sums const> days, bootstrap_settings const& settings = {});

/// The interval that holds the share `level` of values, as much beyond it on either side; between two values linearly.
/// @return    none without values, or where one is not finite
/// @par Source    the percentile interval: Efron, "Bootstrap methods: another look at the jackknife", 1979; quantiles of type 7
///                of Hyndman and Fan, "Sample quantiles in statistical packages", 1996
[[nodiscard]] std::optional<interval> interval_of(std::vector<double> values, double level);

/// The interval of `statistic(total)` over `resampled_totals`.
/// @return    none where there are fewer than two blocks of days, or the statistic is not finite in a draw
template <class Sums, class Statistic>
[[nodiscard]] std::optional<interval> bootstrap_interval(std::span<Sums const> days, Statistic statistic,
                                                         bootstrap_settings const& settings = {});

/// The interval of a mean error, each window weighing the same.
[[nodiscard]] std::optional<interval> mean_interval(std::span<error_sums const> days, bootstrap_settings const& settings = {});

/// The interval of a skill. Both errors are drawn together, so that what they share cancels.
[[nodiscard]] std::optional<interval> skill_interval(std::span<error_sums const> days, bootstrap_settings const& settings = {});

} // namespace espalier

#include <espalier/data/detail/bootstrap.hpp>

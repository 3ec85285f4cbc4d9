// SPDX-License-Identifier: BSL-1.0
/// @file
/// How good forecasts are, beside naive ones, with an interval for every number: over all windows, by ticker, by time of day.
/// It judges nothing; the sentence is in finding.hpp.
#pragma once

#include <espalier/data/bootstrap.hpp>
#include <espalier/data/forecast.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace espalier {

/// A number from a sample, and where it may lie. Not finite where it does not exist, such as the correlation of a constant.
struct estimate {
    double value = 0;
    std::optional<interval> between{}; ///< none where there are too few days
};

/// The scores of one kind of forecast.
/// @par Units     squared errors in log return squared, absolute ones in log returns; the rest are shares and ratios
struct forecast_scores {
    estimate squared_error{};  ///< mean
    estimate skill{};          ///< 1 − squared error / that of predicting no change
    estimate absolute_error{}; ///< mean
    estimate correlation{};    ///< of forecast and outcome
    estimate r2{}; ///< out of sample: 1 − squared error / that of predicting the training mean (Campbell and Thompson 2008)
    estimate right_signs{}; ///< of the windows in which neither forecast nor outcome is zero
};

/// The model over the windows of one group, beside predicting no change.
struct group_score {
    std::string name;
    std::int64_t windows = 0;
    double squared_error = 0, squared_error_of_no_change = 0; ///< means
    estimate skill{};                                         ///< against predicting no change
};

/// What forecasts of a set are worth.
struct assessment {
    std::int64_t windows  = 0;
    std::int64_t left_out = 0; ///< forecasts that are not finite
    std::int64_t days     = 0;
    double level          = 0.95; ///< of every interval
    forecast_scores model{};
    forecast_scores naive[3]{}; ///< in the order of naive_forecasts
    estimate against[3]{};      ///< the model's skill against each of them
};

/// Scores the forecasts of a set and the naive ones for the same windows. Every interval sees the same draws of days.
/// @par Cost      sorts nothing; one pass over the forecasts, then draws × days
/// @throws bad_data          as check(forecast_set) does
/// @throws invalid_setting   as resampled_totals does
[[nodiscard]] assessment assess(forecast_set const& set, bootstrap_settings const& settings = {});

/// A score a ticker that has a forecast, in the order of the set's tickers.
[[nodiscard]] std::vector<group_score> scores_by_ticker(forecast_set const& set, bootstrap_settings const& settings = {});

/// A score a half-hour of the UTC day in which a forecast is made, in their order; names are their beginnings, "14:30".
[[nodiscard]] std::vector<group_score> scores_by_half_hour(forecast_set const& set, bootstrap_settings const& settings = {});

/// Outcomes over the windows whose forecasts lie next to one another.
struct reliability_bin {
    double predicted = 0; ///< mean forecast
    estimate actual{};    ///< mean outcome
    std::int64_t windows = 0;
};

/// Windows in `bins` groups of equal size by rising forecast; equal forecasts stay together, so that there may be fewer groups.
[[nodiscard]] std::vector<reliability_bin> reliability(forecast_set const& set, int bins = 10,
                                                       bootstrap_settings const& settings = {});

} // namespace espalier

#include <espalier/observe/report/detail/scores.hpp>

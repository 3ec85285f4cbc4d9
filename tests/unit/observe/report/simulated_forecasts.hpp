// SPDX-License-Identifier: BSL-1.0
/// @file
/// Forecast sets of a known quality, for tests of pages and scores.
/// They are drawn, not made by any model.
#pragma once

#include <espalier/data/forecast.hpp>

#include <random>
#include <string>

namespace espalier_test {

/// How many forecasts of what quality.
struct simulation {
    int tickers = 3, days = 20, minutes = 390;
    double signal = 0;  ///< standard deviation of the part of a return that can be known, in basis points
    double error  = 0;  ///< of what the forecast adds to it
    double noise  = 10; ///< of the part that cannot be known
    unsigned seed = 1;
};

/// Weekdays from Monday 2024-01-08 on, 14:30 to 21:00 UTC; noise is U-shaped over the day.
inline espalier::forecast_set simulated_forecasts(simulation const& s) {
    espalier::forecast_set set;
    std::mt19937_64 random{s.seed};
    std::normal_distribution<double> z;
    constexpr std::int64_t first_day = 19730;
    for (int k = 0; k < s.tickers; ++k) {
        set.tickers.push_back(espalier::joined("T", k + 1));
        for (int day = 0; day < s.days; ++day)
            for (int minute = 0; minute < s.minutes; ++minute) {
                double const at = 2.0 * minute / s.minutes - 1, known = s.signal * z(random), shape = 0.7 + 0.9 * at * at;
                std::int64_t const time = ((first_day + day / 5 * 7 + day % 5) * 1440 + 870 + minute) * espalier::minute_ms;
                set.of.push_back({k, time, (known + s.error * z(random)) * 1e-4, (known + s.noise * shape * z(random)) * 1e-4,
                                  s.noise * shape * z(random) * 1e-4});
            }
    }
    set.mean_return = 1e-6;
    return set;
}

} // namespace espalier_test

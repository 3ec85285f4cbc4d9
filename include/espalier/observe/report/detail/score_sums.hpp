// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sums over the windows of a day from which every score follows, so that one resample of days gives all intervals.
/// Which days, groups and draws there are is decided in scores.hpp.
#pragma once

#include <espalier/data/forecast.hpp>

#include <cmath>

namespace espalier::detail {

/// The sums of one kind of forecast.
struct forecaster_sums {
    double squared = 0, absolute = 0;                 ///< errors
    double value = 0, value_squared = 0, product = 0; ///< of the forecast; with the outcome
    double signs = 0, right_signs = 0;

    void add(double forecast, double actual) noexcept {
        double const e = actual - forecast;
        squared += e * e, absolute += std::fabs(e);
        value += forecast, value_squared += forecast * forecast, product += forecast * actual;
        if (forecast == 0 || actual == 0) return;
        signs += 1, right_signs += (forecast > 0) == (actual > 0) ? 1 : 0;
    }
    forecaster_sums& operator+=(forecaster_sums const& o) noexcept {
        squared += o.squared, absolute += o.absolute;
        value += o.value, value_squared += o.value_squared, product += o.product;
        signs += o.signs, right_signs += o.right_signs;
        return *this;
    }
};

/// The sums of the model (0) and of the naive forecasts (1, 2, 3).
struct score_sums {
    double windows = 0, actual = 0, actual_squared = 0;
    forecaster_sums of[4];

    void add(forecast const& f, double mean_return) noexcept {
        windows += 1, actual += f.actual, actual_squared += f.actual * f.actual;
        of[0].add(f.predicted, f.actual);
        for (int i = 0; i < 3; ++i) of[i + 1].add(value_of(naive_forecasts[i], f, mean_return), f.actual);
    }
    score_sums& operator+=(score_sums const& o) noexcept {
        windows += o.windows, actual += o.actual, actual_squared += o.actual_squared;
        for (int i = 0; i < 4; ++i) of[i] += o.of[i];
        return *this;
    }

    [[nodiscard]] double squared_error(int i) const noexcept { return of[i].squared / windows; }
    [[nodiscard]] double absolute_error(int i) const noexcept { return of[i].absolute / windows; }
    /// 1 − error / error of forecaster `other`.
    [[nodiscard]] double skill(int i, int other) const noexcept { return 1 - of[i].squared / of[other].squared; }
    [[nodiscard]] double right_signs(int i) const noexcept { return of[i].right_signs / of[i].signs; }
    /// Not a number where the forecast or the outcome hardly varies beside its mean: what is left is rounding.
    [[nodiscard]] double correlation(int i) const noexcept {
        forecaster_sums const& f = of[i];
        double const variance    = f.value_squared - f.value * f.value / windows,
                     of_actual   = actual_squared - actual * actual / windows;
        if (!(variance > 1e-9 * f.value_squared) || !(of_actual > 1e-9 * actual_squared)) return std::nan("");
        return (f.product - f.value * actual / windows) / std::sqrt(variance * of_actual);
    }
};

} // namespace espalier::detail

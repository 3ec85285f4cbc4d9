// SPDX-License-Identifier: BSL-1.0
/// @file
/// SIMULATED daily series, made from a seed, for programs and tests without files of real ones.
/// They are no model of any market, and results on them say nothing about one.
#pragma once

#include <espalier/data/panel.hpp>

#include <cstdint>
#include <vector>

namespace espalier {

/// What series to simulate.
struct simulation_settings {
    int series         = 6;    ///< SIM0, SIM1, …: those of even number are prices, those of odd number return to 0
    int days           = 2500; ///< weekdays from Monday 2010-01-04 on
    std::uint64_t seed = 1;
    double signal = 0.1; ///< the correlation of a price's return with SIM1 of the day before, what can be learned; 0: nothing can
    double correlation = 0.5;  ///< of the shocks of any two series on one day
    double missing     = 0.03; ///< share of days without a value, of each series by itself
};

/// Simulates daily series as columns of a panel; set `panel_settings::target` to "SIM0" or another price.
///
/// With one common shock m and one shock z of each series a day, all standard normal, e = √c·m + √(1−c)·z and correlation c:
///
///     odd k    x(t) = 0.95 x(t−1) + √(1 − 0.95²) e(t)            first-order autoregressive, variance 1, seen as its level
///     even k   log p(t) = log p(t−1) + 0.01 (s·x₁(t−1) + √(1 − s²) e(t))      a price, seen as its log return; s is the signal
///
/// So the best forecast of a price's next return explains a share s² of its variance: 1 % by default, which is much for real
/// series. Draws depend on (seed, series, day) alone: more days begin as fewer do.
/// @par Numerics  doubles; the same bits on every run of one binary. Another mathematical library may differ in the last bits
/// @throws invalid_setting   series outside 2 … 64, no day, signal outside 0 … 0.9, correlation outside 0 … 1, missing outside 0
/// … 0.5
[[nodiscard]] std::vector<panel_column> simulated_panel(simulation_settings const& settings = {});

} // namespace espalier

#include <espalier/data/detail/panel_simulated_series.hpp>

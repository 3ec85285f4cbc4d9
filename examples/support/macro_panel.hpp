// SPDX-License-Identifier: BSL-1.0
/// @file
/// The panel of daily series that pipeline_bert forecasts from: nine files of a folder, or simulated series.
#pragma once

#include <espalier/data/panel_simulation.hpp>
#include <espalier/data/panel_windows.hpp>
#include <espalier/data/read_series.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace example {

inline constexpr int macro_series = 9;

/// Nine series on the days of the S&P 500. Spot prices of oil are published some days later, and fell below 0 once.
/// @param folder without one: SIMULATED series
[[nodiscard]] inline espalier::panel macro_panel(std::filesystem::path const& folder, std::uint64_t seed) {
    using namespace espalier;
    if (folder.empty())
        return panel_of(simulated_panel({.series = macro_series, .days = 3000, .seed = seed, .signal = 0.3}), {.target = "SIM0"});
    auto const read = [&](char const* file, char const* column) { return read_series(folder / file, {.value = column}); };
    return panel_of({{read("index_sp500.csv.gz", "close"), change::log_return},
                     {read("vix.csv.gz", "CLOSE"), change::level},
                     {read("brent.csv.gz", "Price"), change::difference, 7},
                     {read("wti.csv.gz", "Price"), change::difference, 7},
                     {read("xauusd.csv.gz", "Close"), change::log_return, 1},
                     {read("fx_eurusd.csv.gz", "Close"), change::log_return, 1},
                     {read("fx_usdjpy.csv.gz", "Close"), change::log_return, 1},
                     {read("index_n225.csv.gz", "close"), change::log_return},
                     {read("index_ftse100.csv.gz", "close"), change::log_return}},
                    {.target = "index_sp500"});
}

/// The mean squared error of who forecasts the mean change of the training part, in units of the scaled target.
[[nodiscard]] inline double error_of_the_mean(espalier::panel_windows const& windows) {
    double sum = 0;
    for (std::int64_t i = 0; i < windows.size(); ++i) {
        double const d = (windows.change_of(i) - windows.mean_training_change()) / windows.target_scale();
        sum += d * d;
    }
    return windows.size() > 0 ? sum / static_cast<double>(windows.size()) : 0.0;
}

} // namespace example

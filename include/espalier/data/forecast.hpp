// SPDX-License-Identifier: BSL-1.0
/// @file
/// Forecasts beside what came, and the naive forecasts that a model must beat to be worth anything.
/// How good they are is not judged here: intervals are in bootstrap.hpp, tables and sentences in observe/report.
#pragma once

#include <espalier/data/bar.hpp>
#include <espalier/data/errors.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace espalier {

/// One forecast of one window.
/// @par Units     log returns over the horizon, not scaled; time in milliseconds since 1970-01-01 UTC, the start of the window's
///                last minute
struct forecast {
    std::int32_t ticker  = 0; ///< index into forecast_set::tickers
    std::int64_t time_ms = 0;
    double predicted = 0, actual = 0;
    double last = 0; ///< the return over the horizon minutes before time_ms
};

/// The forecasts of a part of the data, in any order.
struct forecast_set {
    std::vector<std::string> tickers{};
    std::vector<forecast> of{};
    int horizon        = 5; ///< minutes
    double mean_return = 0; ///< the mean of the training targets, not scaled: what is known before the test part begins
};

/// A forecast that needs no model.
enum class naive_forecast : unsigned char {
    no_change,   ///< a return of zero
    mean_return, ///< the mean return of the training part
    last_return, ///< the return over the horizon before, once more
};

/// All of them.
inline constexpr naive_forecast naive_forecasts[] = {naive_forecast::no_change, naive_forecast::mean_return,
                                                     naive_forecast::last_return};

/// What a naive forecast does, to complete "The model does not beat …".
[[nodiscard]] constexpr std::string_view name_of(naive_forecast n) noexcept {
    constexpr std::string_view names[] = {"predicting no change", "predicting the mean return", "repeating the last return"};
    return names[static_cast<int>(n)];
}

/// The value that a naive forecast has for the window of `f`.
[[nodiscard]] constexpr double value_of(naive_forecast n, forecast const& f, double mean_return) noexcept {
    return n == naive_forecast::no_change ? 0.0 : n == naive_forecast::mean_return ? mean_return : f.last;
}

/// Whether every number of a forecast is finite. Those that are not can be counted, and nothing else.
[[nodiscard]] inline bool is_finite(forecast const& f) noexcept {
    return std::isfinite(f.predicted) && std::isfinite(f.actual) && std::isfinite(f.last);
}

/// Checks that every forecast names a ticker of its set.
/// @throws bad_data   an index outside 0 … tickers.size() − 1; a mean return that is not finite
inline void check(forecast_set const& set) {
    auto const reject = [](char const* required, std::string const& got, char const* fix) {
        throw bad_data{{"forecast_set", required, got, fix, "howto/report.md"}};
    };
    for (std::size_t i = 0; i < set.of.size(); ++i)
        if (set.of[i].ticker < 0 || static_cast<std::size_t>(set.of[i].ticker) >= set.tickers.size())
            reject("forecasts whose ticker is an index into its tickers",
                   joined("ticker ", set.of[i].ticker, " of ", set.tickers.size(), " in forecast ", i), "Name every ticker");
    if (!std::isfinite(set.mean_return))
        reject("a finite mean return", joined(set.mean_return), "Take the mean of the training targets");
}

} // namespace espalier

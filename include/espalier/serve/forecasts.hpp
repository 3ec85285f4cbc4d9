// SPDX-License-Identifier: BSL-1.0
/// @file
/// The forecasts of a whole part of the data, beside what came: what a report judges.
/// Scores and intervals are observe/report's business.
#pragma once

#include <espalier/data/forecast.hpp>
#include <espalier/data/windows.hpp>
#include <espalier/serve/predictor.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace espalier {

/// Predicts every window of a part.
/// @par Units     log returns, not scaled
/// @par Ranks     local; one arithmetic thread
template <Model M>
[[nodiscard]] forecast_set forecasts_of(predictor<M>& model, windows const& part, std::int64_t batch = 256) {
    using scalar = typename predictor<M>::scalar;
    forecast_set all{part.tickers(), {}, part.horizon(), part.mean_training_return()};
    all.of.reserve(static_cast<std::size_t>(part.size()));
    std::vector<std::int64_t> samples;
    std::vector<scalar> x, y;
    for (std::int64_t first = 0; first < part.size(); first += batch) {
        samples.clear();
        for (std::int64_t i = first; i < std::min(first + batch, part.size()); ++i) samples.push_back(i);
        x.resize(samples.size() * static_cast<std::size_t>(part.input().elements()));
        y.resize(samples.size());
        part.gather(samples, x.data(), y.data());
        auto const predicted = model.predict(x, static_cast<std::int64_t>(samples.size()));
        for (std::size_t k = 0; k < samples.size(); ++k)
            all.of.push_back({.ticker    = part.series_of(samples[k]),
                              .time_ms   = part.time_of(samples[k]),
                              .predicted = static_cast<double>(predicted[k]) * part.target_scale(),
                              .actual    = part.return_of(samples[k]),
                              .last      = part.return_before(samples[k])});
    }
    return all;
}

} // namespace espalier

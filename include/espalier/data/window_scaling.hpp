// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a model needs beside its weights to read bars: which features, how many steps, every series' scaler, the target's scale.
/// How it is kept in a file is serve/scaling_file.hpp's business.
#pragma once

#include <espalier/data/windows.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace espalier {

/// The scaling that was fitted on a training part, by name.
struct window_scaling {
    std::vector<std::string> features{}; ///< in the order of a row
    int steps           = 0;             ///< minutes of a window
    int horizon         = 0;             ///< minutes ahead
    double target_scale = 1;             ///< a scaled target of 1 as a log return
    std::string session{};               ///< the name of bar_rules::session
    int fill_minutes = 0;                ///< bar_rules::fill_minutes
    std::map<std::string, feature_scaler> tickers{};

    friend bool operator==(window_scaling const&, window_scaling const&) = default;
};

/// The scaling of windows, for all series that have a training window.
/// @throws bad_data   two series of one ticker: a forecast could not tell which scaler to take
[[nodiscard]] inline window_scaling scaling_of(windows const& from) {
    window_scaling s{from.feature_names(), from.steps(), from.horizon(), from.target_scale(),
                     from.rules().session.name, from.rules().fill_minutes, {}};
    for (std::size_t i = 0; i < from.tickers().size(); ++i) {
        feature_scaler const& scaler = from.scalers()[i];
        if (scaler.mean.empty()) continue;
        if (!s.tickers.emplace(from.tickers()[i], scaler).second)
            throw bad_data{{"window_scaling", "one series a ticker", joined("two of ", from.tickers()[i]),
                            "Join the files of one ticker into one", "howto/data.md"}};
    }
    return s;
}

} // namespace espalier

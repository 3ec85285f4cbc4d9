// SPDX-License-Identifier: BSL-1.0
/// @file
/// Live forecasts: bars of many tickers in, as they come; the forecast return of the newest window out.
/// It is `predictor` behind `feature_stream`; both can be used by themselves.
#pragma once

#include <espalier/core/shape.hpp>
#include <espalier/data/feature_stream.hpp>
#include <espalier/data/window_scaling.hpp>
#include <espalier/serve/predictor.hpp>

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace espalier {

/// The forecast that a window gives.
struct live_forecast {
    std::int64_t minute = 0; ///< the window's last minute, counted from 1970-01-01 UTC
    double log_return   = 0; ///< over the horizon that follows
    double price        = 0; ///< the close that this return leads to
};

/// Forecasts with the network of a model, whose windows have the features `Features`.
/// A forecast has the bits that the predictor gives for the same window of a data set.
/// @par Ranks     local; one thread at a time
template <Model M, FeatureRow Features = default_features>
class forecaster {
public:
    using net = network<typename M::network_type>;
    static_assert(net::input.rank == 2 && net::input.features() == Features::count,
                  "espalier: forecaster: requires a network whose input has as many features as Features. See docs/howto/own-features.md.");

    /// @param weights, scaling   as training wrote them
    /// @param rules              how live bars are cleaned; session and fill_minutes as in training
    /// @throws bad_checkpoint    a tensor that is missing or has another shape
    /// @throws invalid_setting   a scaling of other features or steps, or of another session or fill_minutes
    forecaster(checkpoint::safetensors_view const& weights, window_scaling const& scaling, bar_rules const& rules = {})
        : target_scale_{checked(scaling, rules).target_scale}, predictor_{weights} {
        for (auto const& [ticker, scaler] : scaling.tickers)
            streams_.emplace(ticker, feature_stream<Features>{ticker, scaling.steps, scaler, rules});
    }

    /// Takes the next bar of a ticker.
    /// @return the forecast, where a whole window ends with this bar; none for a bar that a rule drops: its minute has no bar, which
    ///         `advance` says
    /// @throws bad_data         a bar that a rule rejects
    /// @throws invalid_setting  a ticker that was not trained on
    std::optional<live_forecast> push(std::string_view ticker, bar const& b) {
        auto& stream = stream_in(streams_, ticker);
        if (!stream.push(b)) return {};
        return newest(stream);
    }
    /// Says that time has passed to the end of `minute` without another bar of the ticker.
    /// @return the forecast, where a whole window ends with that minute
    std::optional<live_forecast> advance(std::string_view ticker, std::int64_t minute) {
        auto& stream = stream_in(streams_, ticker);
        if (!stream.advance(minute)) return {};
        return newest(stream);
    }

    /// Whether there is a scaler for the ticker.
    [[nodiscard]] bool knows(std::string_view ticker) const { return streams_.find(ticker) != streams_.end(); }
    /// The ticker's stream, with its window and counts.
    [[nodiscard]] feature_stream<Features> const& stream(std::string_view ticker) const {
        return stream_in(streams_, ticker);
    }

private:
    [[nodiscard]] std::optional<live_forecast> newest(feature_stream<Features> const& stream) {
        if (!stream.is_ready()) return {};
        double const log_return = static_cast<double>(predictor_.predict(stream.window(), 1)[0]) * target_scale_;
        return live_forecast{stream.minute(), log_return, static_cast<double>(stream.close()) * std::exp(log_return)};
    }
    template <class Streams>
    [[nodiscard]] static auto& stream_in(Streams& streams, std::string_view ticker) {
        auto const at = streams.find(ticker);
        if (at == streams.end())
            throw invalid_setting{{"forecaster", joined("one of the ", streams.size(), " tickers that were trained on"),
                                   joined("'", ticker, "'"), "Ask knows(ticker) first, or train on it", "howto/predict.md"}};
        return at->second;
    }
    [[nodiscard]] static window_scaling const& checked(window_scaling const& s, bar_rules const& rules) {
        auto const require = [](bool holds, std::string const& required, std::string const& got, char const* fix) {
            if (!holds) throw invalid_setting{{"forecaster", required, got, fix, "howto/predict.md"}};
        };
        auto const list = [](std::vector<std::string> const& names) {
            std::string all;
            for (auto const& name : names) all += joined(all.empty() ? "" : ", ", name);
            return all;
        };
        require(s.features == Features::names(), joined("a scaling of the features ", list(Features::names())), list(s.features),
                "Take the features that the model was trained with");
        require(s.steps == net::input.rows(), joined("a scaling of windows of ", net::input.rows(), " steps"), joined(s.steps),
                "Take the scaling that was written with these weights");
        require(s.session == rules.session.name, joined("rules with the session ", s.session, " of training"), rules.session.name,
                "Pass the rules of training");
        require(s.fill_minutes == rules.fill_minutes, joined("rules with fill_minutes ", s.fill_minutes, " as in training"),
                joined(rules.fill_minutes), "Pass the rules of training");
        return s;
    }

    double target_scale_;
    predictor<M> predictor_;
    std::map<std::string, feature_stream<Features>, std::less<>> streams_;
};

} // namespace espalier

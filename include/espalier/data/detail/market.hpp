// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of the built-in market: a ticker's state, and the minute-by-minute rule that moves it.
/// All randomness is Philox at (minute, ticker, draw); there is no generator to carry along.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/core/philox.hpp>
#include <espalier/data/market.hpp>

#include <algorithm>
#include <cmath>

namespace espalier {
namespace detail {

/// One ticker of the built-in market as it moves.
class market_ticker {
public:
    market_ticker(market_settings const& settings, int ticker)
        : momentum_{settings.momentum}, missing_{settings.missing}, key_{settings.seed, "market"}, ticker_{
                                                                                                       static_cast<std::uint64_t>(
                                                                                                           ticker)} {
        random_block const once = draw(0, per_ticker);
        price_                  = 40.0 * std::exp(2.0 * unit(once.word[0]));  // 40 … 296
        minute_volatility_      = 3e-4 * (1.0 + unit(once.word[1]));          // a day: 0.6 … 1.2 %
        minute_shares_          = 500.0 * std::exp(3.0 * unit(once.word[2])); // 500 … 10,043
    }

    void trade_day(int day, std::vector<bar>& bars) {
        random_block const today = draw(static_cast<std::uint64_t>(day), per_day);
        price_ *= std::exp(8.0 * minute_volatility_ * to_normal(today.word[0], today.word[1])); // over night
        trend_                = 0.0;
        bool const halts      = today.word[2] % 16 == 0;
        int const halt_minute = static_cast<int>(today.word[3] % (session_minutes - halt_minutes));
        // 19,730 days lie between 1970-01-01 and Monday 2024-01-08.
        std::int64_t const date   = 19'730 + day / 5 * 7 + day % 5;
        session_hours const hours = us_equities.on(date);
        std::int64_t const open   = date * day_minutes + hours.open_minute;
        for (int minute = 0; minute < hours.minutes(); ++minute) {
            auto const draw_index = static_cast<std::uint64_t>(day) * session_minutes + static_cast<std::uint64_t>(minute);
            bool traded           = !halts || minute < halt_minute || minute >= halt_minute + halt_minutes;
            bar const b           = next_bar(minute, draw_index, traded);
            if (traded) bars.emplace_back(b).time_ms = (open + minute) * minute_ms;
        }
    }

private:
    enum purpose : std::uint64_t { per_ticker, per_day, per_return, per_volume };
    static constexpr int halt_minutes = 40;

    [[nodiscard]] random_block draw(std::uint64_t index, purpose p) const noexcept { return key_.at(index, ticker_, p); }
    [[nodiscard]] static double unit(std::uint32_t word) noexcept { return static_cast<double>(word) * 0x1p-32; }

    /// Moves the price by one minute; `traded` becomes false where nobody traded.
    [[nodiscard]] bar next_bar(int minute, std::uint64_t index, bool& traded) {
        double const x       = (2.0 * minute + 1.0) / session_minutes - 1.0; // −1 at the open, 1 at the close
        double const u_shape = 0.6 + 1.2 * x * x;                            // averages 1
        random_block const r = draw(index, per_return), v = draw(index, per_volume);
        traded = traded && unit(r.word[2]) >= missing_ * (1.0 - x * x);

        double const cluster = std::sqrt(variance_), z = to_normal(r.word[0], r.word[1]);
        double const sigma = minute_volatility_ * u_shape * cluster, step = momentum_ * trend_ + sigma * z;
        variance_ = 0.03 + 0.12 * variance_ * z * z + 0.85 * variance_; // GARCH(1,1), mean 1
        trend_    = 0.8 * trend_ + 0.2 * step;

        double const open = price_;
        price_ *= std::exp(step);
        double const high   = std::max(open, price_) * std::exp(0.5 * sigma * unit(r.word[3]));
        double const low    = std::min(open, price_) * std::exp(-0.5 * sigma * unit(v.word[2]));
        double const vwap   = low + (high - low) * unit(v.word[3]);
        double const shares = minute_shares_ * u_shape * cluster * std::exp(0.6 * to_normal(v.word[0], v.word[1]));
        return bar{.open   = static_cast<float>(open),
                   .high   = static_cast<float>(high),
                   .low    = static_cast<float>(low),
                   .close  = static_cast<float>(price_),
                   .vwap   = static_cast<float>(vwap),
                   .volume = static_cast<float>(std::ceil(shares))};
    }

    double momentum_, missing_;
    random_key key_;
    std::uint64_t ticker_;
    double price_ = 0, minute_volatility_ = 0, minute_shares_ = 0;
    double variance_ = 1; // of the clusters, relative
    double trend_    = 0; // the forgetting average of the day's returns
};

inline void check(market_settings const& s) {
    auto const reject = [](char const* required, auto const& got, char const* fix) {
        throw invalid_setting{{"built_in_market", required, joined(got), fix, "howto/data.md"}};
    };
    if (s.tickers < 1) reject("at least one ticker", s.tickers, "Set tickers to 1 or more");
    if (s.days < 1) reject("at least one day", s.days, "Set days to 1 or more");
    if (!(s.momentum >= 0 && s.momentum <= 0.9)) reject("momentum in 0 … 0.9", s.momentum, "Set momentum to 0.5");
    if (!(s.missing >= 0 && s.missing <= 0.5)) reject("missing in 0 … 0.5", s.missing, "Set missing to 0.08");
}

} // namespace detail

inline std::vector<bar_series> built_in_market(market_settings const& settings) {
    detail::check(settings);
    std::vector<bar_series> market;
    for (int k = 0; k < settings.tickers; ++k) {
        bar_series series{joined("SYN", k), {}};
        detail::market_ticker ticker{settings, k};
        for (int day = 0; day < settings.days; ++day) ticker.trade_day(day, series.bars);
        market.push_back(std::move(series));
    }
    return market;
}

} // namespace espalier

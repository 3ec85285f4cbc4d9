// SPDX-License-Identifier: BSL-1.0
// A feature and a session of one's own: trained on a data set, then forecast bar by bar, with the same bits.
//
//     examples/run own_features              an epoch on the built-in market
//     examples/run own_features STEPS        at most so many steps
//
// It replays the last day bar by bar, and returns 1 unless each forecast has the bits that the data set's window gives.
//
// test: 3
#include <espalier/espalier.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>

using namespace espalier;

/// Where the close lies between the lowest and the highest price of half an hour: 0 … 1, and 0.5 where these are equal.
struct close_in_range {
    static constexpr int look_back         = 29; // minutes before the newest
    static constexpr std::string_view name = "close_in_range";
    [[nodiscard]] static double at(minute_history const& m) {
        float low = m[0].low, high = m[0].high;
        for (int k = 1; k <= look_back; ++k) low = std::min(low, m[k].low), high = std::max(high, m[k].high);
        return high > low ? static_cast<double>((m[0].close - low) / (high - low)) : 0.5;
    }
};
static_assert(Feature<close_in_range>);

/// New York without the first and the last half hour of a session.
[[nodiscard]] constexpr session_hours midday_hours(std::int64_t day) {
    session_hours const all = us_equities.on(day);
    return all.minutes() > 60 ? session_hours{all.open_minute + 30, all.close_minute - 30} : session_hours{};
}
constexpr trading_session midday{"midday", midday_hours};

using chosen     = features<log_return, close_in_range>;
using net        = lstm_forecaster<lstm_shape{.steps = 30, .inputs = chosen::count, .units = 16}>;
using forecasts  = model<net, mean_squared_error, adamw>;
using trainer_of = trainer<forecasts, data_parallel<lanes<4>, samples<32>>, threads, checkpoint::none>;

/// What is forecast at each minute of a day as its bars come in; minutes without one are said to have passed.
std::map<std::int64_t, double> replay(forecaster<forecasts, chosen>& live, bar_series const& series, std::int64_t day) {
    std::map<std::int64_t, double> at;
    auto const note = [&](std::optional<live_forecast> const& f) {
        if (f) at[f->minute] = f->log_return;
    };
    std::int64_t next = 0; // minute
    for (bar const& b : series.bars) {
        if (utc_day(minute_of(b)) != day) continue;
        for (; next != 0 && next < minute_of(b); ++next) note(live.advance(series.ticker, next));
        note(live.push(series.ticker, b));
        next = minute_of(b) + 1;
    }
    return at;
}

int main(int argc, char** argv) {
    bar_rules const rules{.session = midday};
    auto const market = built_in_market({.tickers = 2, .days = 10});
    auto const data   = windows_of<chosen>(market, {.steps = 30, .horizon = 5}, rules);
    std::cout << data.to_table().to_string();

    std::vector<std::byte> file;
    launch<trainer_of>(2, [&](threads& world) {
        trainer_of t{world, {.seed = 7}};
        t.fit(data.train, {.epochs = 1, .steps = argc > 1 ? std::atoi(argv[1]) : 0});
        if (world.rank() == 0) file = checkpoint::to_safetensors(t.weights());
    });
    auto const weights = checkpoint::safetensors_view::parse(file, "weights");

    predictor<forecasts> batch{weights};
    forecast_set const expected = forecasts_of(batch, data.test);
    forecaster<forecasts, chosen> live{weights, scaling_of(data.train), rules};
    std::int64_t const last_day = utc_day(minute_of(market[0].bars.back()));
    std::size_t compared = 0, differ = 0;
    for (std::size_t s = 0; s < market.size(); ++s) {
        auto const at = replay(live, market[s], last_day);
        for (forecast const& f : expected.of) {
            if (f.ticker != static_cast<int>(s) || utc_day(minute_of(f.time_ms)) != last_day) continue;
            auto const same = at.find(f.time_ms / minute_ms);
            ++compared;
            differ += same == at.end() || same->second != f.predicted;
        }
    }
    std::cout << compared << " live forecasts compared with the data set's; " << differ << " differ\n";
    return compared > 0 && differ == 0 ? 0 : 1;
}

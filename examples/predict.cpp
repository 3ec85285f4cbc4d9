// SPDX-License-Identifier: BSL-1.0
// Replays a day bar by bar and forecasts with what intraday_lstm trained: the return five minutes ahead, a ticker at a time.
//
//     examples/run && examples/run predict                          the run's weights, the last day of the built-in market
//     examples/run predict --data DIR --day 2024-12-30              a day of a folder of bars
//     examples/run predict --checkpoint                             the newest checkpoint instead of weights.safetensors
//
// It prints each ticker's last forecast, how wrong the day's forecasts were beside those of no change, and how long one took.
//
// test: --run intraday_lstm_test
// after: intraday_lstm
#include "support/intraday_model.hpp"
#include "support/intraday_options.hpp"

#include <espalier/espalier.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>

using namespace espalier;
using live_forecaster = forecaster<example::intraday_model, example::intraday_features>;

namespace {

struct options {
    std::filesystem::path run = "runs/intraday_lstm", data;
    std::string day;
    bool from_checkpoint = false;
    std::uint64_t seed   = 7;
};

/// What came of one ticker's day.
struct ticker_day {
    std::map<std::int64_t, double> close, forecast_return; // by minute
    std::optional<live_forecast> last;
};

/// A bar, and whose.
struct tick {
    bar b;
    std::string const* ticker;
};

/// The bars of one day, in the order in which they came.
std::vector<tick> bars_of_day(std::vector<bar_series> const& all, std::int64_t day) {
    std::vector<tick> ticks;
    for (auto const& series : all)
        for (bar const& b : series.bars)
            if (utc_day(minute_of(b)) == day) ticks.push_back({b, &series.ticker});
    std::stable_sort(ticks.begin(), ticks.end(), [](tick const& a, tick const& b) { return a.b.time_ms < b.b.time_ms; });
    return ticks;
}

/// The day that was asked for, or the last one there is.
std::int64_t day_to_replay(std::vector<bar_series> const& all, std::string const& asked) {
    std::int64_t last = 0;
    for (auto const& series : all)
        for (bar const& b : series.bars) {
            if (day_text(minute_of(b)) == asked) return utc_day(minute_of(b));
            last = std::max(last, utc_day(minute_of(b)));
        }
    if (!asked.empty())
        throw bad_data{{"predict", "a day of which there are bars", joined("'", asked, "'"), "Give --day as 2024-12-30", "howto/predict.md"}};
    return last;
}

/// Root mean squared errors over the minutes whose close five minutes later is known, in basis points: of the model, of no change.
std::pair<double, double> errors_of(ticker_day const& d, int horizon) {
    double model = 0, naive = 0, count = 0;
    for (auto const& [minute, predicted] : d.forecast_return) {
        auto const now = d.close.find(minute), then = d.close.find(minute + horizon);
        if (now == d.close.end() || then == d.close.end()) continue;
        double const actual = std::log(then->second / now->second);
        model += (predicted - actual) * (predicted - actual);
        naive += actual * actual;
        ++count;
    }
    return {1e4 * std::sqrt(model / count), 1e4 * std::sqrt(naive / count)};
}

int replay(options const& o) {
    if (!std::filesystem::exists(o.run / "scaling.json"))
        throw bad_data{{"predict", "the folder of a run that has ended", joined("'", o.run.string(), "' without a scaling.json"),
                        "Run intraday_lstm first, or name its folder with --run", "howto/predict.md"}};
    auto const scaling = read_scaling(o.run / "scaling.json");
    std::vector<std::byte> weights;
    if (o.from_checkpoint) {
        auto kept = checkpoint::newest_weights<example::intraday_network>(checkpoint::directory{o.run / "checkpoints"});
        std::cout << "weights     of the checkpoint of step " << kept.step << (kept.are_best ? ", the best by validation\n" : "\n");
        weights = std::move(kept.bytes);
    } else {
        weights = checkpoint::read_file(o.run / "weights.safetensors");
        std::cout << "weights     " << (o.run / "weights.safetensors").string() << '\n';
    }
    auto const all = o.data.empty() ? built_in_market({.seed = o.seed}) : read_bars(o.data);
    auto const day = day_to_replay(all, o.day);
    live_forecaster live{checkpoint::safetensors_view::parse(weights, "weights"), scaling};

    std::map<std::string, ticker_day> of;
    std::vector<double> microseconds;
    for (auto const& [b, ticker] : bars_of_day(all, day)) {
        if (!live.knows(*ticker)) continue;
        auto const begin    = std::chrono::steady_clock::now();
        auto const forecast = live.push(*ticker, b);
        if (forecast) microseconds.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
        ticker_day& d = of[*ticker];
        d.close[minute_of(b)] = static_cast<double>(b.close);
        if (!forecast) continue;
        d.forecast_return[forecast->minute] = forecast->log_return;
        d.last                              = forecast;
    }

    table t{.head = {"ticker", "forecasts", "last at (UTC)", "close", "in 5 minutes", "change, bp", "error, bp", "no change, bp"}};
    char text[32];
    auto const number = [&](char const* format, double value) {
        std::snprintf(text, sizeof text, format, value);
        return std::string{text};
    };
    for (auto const& [ticker, d] : of) {
        if (!d.last) continue;
        auto const [model, naive] = errors_of(d, scaling.horizon);
        t.rows.push_back({ticker, joined(d.forecast_return.size()), minute_text(d.last->minute).substr(11), number("%.2f", d.close.at(d.last->minute)),
                          number("%.2f", d.last->price), number("%+.2f", 1e4 * d.last->log_return), number("%.2f", model), number("%.2f", naive)});
    }
    if (of.empty())
        throw bad_data{{"predict", joined("bars of a ticker that was trained on (", scaling.tickers.size(), " of them)"),
                        joined("none on ", day_text(day * day_minutes)), "Give --data with the bars of that run", "howto/predict.md"}};
    std::cout << "day         " << day_text(day * day_minutes) << ", " << of.size() << " tickers\n\n" << t.to_string() << '\n';
    if (microseconds.empty()) {
        std::cout << "no forecast: no ticker has a whole window of " << scaling.steps << " minutes on that day\n";
        return 1;
    }
    std::sort(microseconds.begin(), microseconds.end());
    auto const percentile = [&](double p) { return microseconds[static_cast<std::size_t>(p * static_cast<double>(microseconds.size() - 1))]; };
    std::cout << "latency     from bar to forecast, µs: median " << number("%.1f", percentile(0.5)) << ", 90 % " << number("%.1f", percentile(0.9))
              << ", 99 % " << number("%.1f", percentile(0.99)) << ", longest " << number("%.1f", microseconds.back()) << " (" << microseconds.size()
              << " forecasts, " << math::backend_name() << ")\n";
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    options o;
    example::command_line line{"predict", "Replays a day bar by bar and forecasts with what intraday_lstm trained."};
    line.add("--run", o.run, "folder of the run: weights.safetensors, scaling.json, checkpoints");
    line.flag("--checkpoint", o.from_checkpoint, "take the weights of the newest checkpoint");
    line.add("--data", o.data, "folder of bars, *.csv or *.csv.gz; without it the built-in market serves");
    line.add("--day", o.day, "the day to replay, as 2024-12-30; without it the last one");
    line.add("--seed", o.seed, "of the built-in market, as in training");
    return example::parse_and_run(line, argc, argv, [&] { return replay(o); });
}

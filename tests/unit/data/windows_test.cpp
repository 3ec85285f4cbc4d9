// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/data/window_oracle.hpp"

#include <espalier/data/market.hpp>
#include <espalier/data/read_bars.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

using namespace espalier;
using namespace espalier_test;

namespace {

std::vector<std::int64_t> first_samples(std::int64_t n) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

/// How many of the samples differ from the oracle's by more than rounding.
std::int64_t wrong_samples(windows const& w, std::map<std::string, series_oracle> const& oracles, int horizon) {
    std::int64_t wrong       = 0;
    std::int64_t const steps = w.input().extent[0];
    for (std::int64_t i = 0; i < w.size(); ++i) {
        auto const raw              = unscaled(w, i);
        series_oracle const& oracle = oracles.at(w.ticker_of(i));
        std::int64_t const end      = w.time_of(i) / 60'000;
        bool is_right               = std::abs(raw.target - oracle.log_return(end, end + horizon)) < 1e-9;
        for (std::int64_t t = 0; t < steps; ++t) {
            auto const [move, volume] = oracle.features(end - steps + 1 + t);
            auto const at             = static_cast<std::size_t>(2 * t);
            is_right = is_right && std::abs(raw.input[at] - move) < 1e-7 && std::abs(raw.input[at + 1] - volume) < 1e-5;
        }
        wrong += !is_right;
    }
    return wrong;
}

} // namespace

TEST_CASE("Windows are what a walk over the minutes gives, for any length, horizon and gap") {
    using chosen          = std::pair<window_settings, int>;
    auto const [settings, fill] =
        GENERATE(chosen{{}, 30}, chosen{{.steps = 1, .horizon = 1}, 0}, chosen{{.steps = 7, .horizon = 3}, 2},
                 chosen{{.steps = 30, .horizon = 11}, 60});
    bar_rules const rules{.fill_minutes = fill};
    auto const bars     = built_in_market({.tickers = 2, .days = 4, .seed = 11, .missing = 0.3});
    std::map<std::string, series_oracle> oracles;
    std::int64_t expected = 0;
    for (auto const& series : bars) {
        oracles.emplace(series.ticker, series_oracle{series, fill, new_york_2024, last_minute_of(bars)});
        expected += oracles.at(series.ticker).count_windows(settings.steps, settings.horizon);
    }
    auto whole           = settings;
    whole.train_fraction = 1;
    auto const all       = windows_of(bars, whole, rules);
    CHECK(all.train.size() == expected);
    CHECK(all.test.size() == 0);
    CHECK(wrong_samples(all.train, oracles, settings.horizon) == 0);

    whole.train_fraction = 0.34; // within the second day's session, so that the gap costs windows
    auto const parts     = windows_of(bars, whole, rules);
    CHECK(parts.train.size() + parts.test.size() < expected);
    CHECK(wrong_samples(parts.train, oracles, settings.horizon) == 0);
    CHECK(wrong_samples(parts.test, oracles, settings.horizon) == 0);
}

TEST_CASE("Samples go by series and then by time, one minute further where nothing is missing") {
    auto const all = windows_of({steady_series("A", 10, 1, 20), steady_series("B", 10, 1, 15)},
                                {.steps = 4, .horizon = 2, .train_fraction = 1}, at_any_time(0))
                         .train;
    // Twenty minutes: the first is the base of a return, four are a window and two the horizon, so the window ends at minute 4
    // … 17.
    REQUIRE(all.size() == 14 + 9);
    for (std::int64_t i = 0; i < 23; ++i) {
        CHECK(all.ticker_of(i) == (i < 14 ? "A" : "B"));
        CHECK(all.time_of(i) == (10 * 1440 + 600 + 4 + (i < 14 ? i : i - 14)) * 60'000);
    }
    CHECK(all.input() == dims(4, 2));
    CHECK(all.target() == dims(1));
}

TEST_CASE("A batch holds its samples step by step, in float as in double") {
    auto const train = windows_of(built_in_market({.tickers = 2, .days = 4}), {.steps = 10}).train;
    std::vector<std::int64_t> const samples{train.size() - 1, 0, 17, 0};
    std::vector<double> x(10 * 4 * 2), y(4), one_x(10 * 2);
    std::vector<float> xf(x.size()), yf(4);
    train.gather(samples, x.data(), y.data());
    train.gather(samples, xf.data(), yf.data());
    for (std::size_t b = 0; b < 4; ++b) {
        double one_y = 0;
        train.gather(std::vector{samples[b]}, one_x.data(), &one_y);
        CHECK(y[b] == one_y);
        CHECK(yf[b] == static_cast<float>(one_y));
        for (std::size_t t = 0; t < 10; ++t)
            for (std::size_t f = 0; f < 2; ++f) {
                CHECK(x[(t * 4 + b) * 2 + f] == one_x[t * 2 + f]);
                CHECK(static_cast<double>(xf[(t * 4 + b) * 2 + f]) == Approx(one_x[t * 2 + f]).margin(1e-5));
            }
    }
}

TEST_CASE("A gap of as many minutes as are allowed is filled; one more ends the segment") {
    auto const windows_with_gap = [](int missing) {
        auto series       = steady_series("A", 10, 1, 40);
        auto const middle = series.bars.begin() + 20;
        series.bars.erase(middle, middle + missing);
        return windows_of({series}, {.steps = 3, .horizon = 1, .train_fraction = 1}, at_any_time(5)).train;
    };
    auto const filled = windows_with_gap(5), cut = windows_with_gap(6);
    CHECK(filled.counts().filled_minutes == 5);
    CHECK(filled.counts().segments == 1);
    CHECK(filled.size() == 40 - 4);
    CHECK(cut.counts().filled_minutes == 5); // the close stands for five minutes, whatever comes then
    CHECK(cut.counts().segments == 2);
    CHECK(cut.size() == (25 - 4) + (14 - 4));

    // A window that ends with the fourth filled minute (24) sees no move and no volume; its target is the move to minute 25.
    auto const raw = unscaled(filled, 24 - 3);
    for (double v : raw.input) CHECK(std::abs(v) < 1e-6);
    CHECK(std::abs(unscaled(filled, 23 - 3).target) < 1e-12);
    CHECK(std::abs(raw.target) > 1e-4);
}

TEST_CASE("No window crosses midnight UTC") {
    // Two days that meet at midnight: 23:30 … 23:59 and 0:00 … 0:29.
    auto series      = steady_series("A", 10, 1, 60, 1410);
    auto const train = windows_of({series}, {.steps = 5, .horizon = 2, .train_fraction = 1}, at_any_time()).train;
    CHECK(train.counts().segments == 2);
    CHECK(train.size() == 2 * (30 - 7));
}

TEST_CASE("Segments that cannot hold a window are counted, and those that just can hold one") {
    auto short_day = steady_series("A", 10, 1, 8), just_enough = steady_series("B", 10, 1, 9);
    auto const train = windows_of({short_day, just_enough}, {.steps = 6, .horizon = 2, .train_fraction = 1}, at_any_time(0)).train;
    CHECK(train.size() == 1);
    CHECK(train.ticker_of(0) == "B");
    CHECK(train.counts().segments == 2);
    CHECK(train.counts().short_segments == 1);
    CHECK(train.counts().bars == 17);
    CHECK(train.summary() ==
          "1 windows of 1 tickers, 1970-01-11 10:01 to 1970-01-11 10:08 UTC; 17 bars, 0 minutes filled, 1 of 2 "
          "segments too short, 0 windows left out");
}

TEST_CASE("Bars before 1970 lie on the grid like others") {
    auto early = steady_series("A", 10, 1, 30);
    for (auto& b : early.bars) b.time_ms = b.time_ms - (20 * 1440 + 600) * 60'000 - 30'000; // 23:59:30 … 0:28:30, ten days before
    auto const train = windows_of({early}, {.steps = 5, .horizon = 2, .train_fraction = 1}, at_any_time()).train;
    CHECK(train.counts().segments == 2);
    CHECK(train.size() == 29 - 7);
    CHECK(train.time_of(0) == (-10 * 1440 + 5) * std::int64_t{60'000});
}

TEST_CASE("A constant price and volume give zeros, not a division by zero") {
    auto flat = steady_series("A", 10, 2, 50);
    for (auto& b : flat.bars) b.close = 3.3f, b.volume = 7;
    auto const train = windows_of({flat}, {.steps = 5, .train_fraction = 1}, at_any_time(0)).train;
    CHECK(train.scaler_of(0).scale[0] == 1);
    CHECK(train.scaler_of(0).scale[1] == 1);
    CHECK(train.target_scale() == 1);
    std::vector<float> x(5 * 2 * 40, -1), y(40, -1);
    train.gather(first_samples(40), x.data(), y.data());
    for (float v : x) CHECK(std::abs(v) < 1e-6f);
    for (float v : y) CHECK(v == 0);
}

TEST_CASE("A copy of windows outlives the original") {
    auto const part = [] { return windows_of(built_in_market({.days = 3}), {.steps = 10}).test; }();
    auto const copy = part;
    float x[20], y = 0;
    copy.gather(first_samples(1), x, &y);
    CHECK(std::isfinite(x[19]));
    CHECK(copy.ticker_of(0) == "SYN0");
}

TEST_CASE("The real files give windows that a walk over the minutes gives too", "[data]") {
    auto const folder = require_data("intraday_stocks_1m");
#if !defined(ESPALIER_USE_ZLIB)
    skip("needs zlib");
#endif
    auto const bars       = read_bars(folder);
    std::int64_t expected = 0;
    for (auto const& series : bars)
        expected += series_oracle{series, 30, new_york_2024, last_minute_of(bars)}.count_windows(60, 5);
    CHECK(windows_of(bars, {.train_fraction = 1}).train.size() == expected);

    auto const parts = windows_of(bars);
    CHECK(parts.train.counts().bars > 400'000);
    CHECK(parts.train.counts().bars < 420'020); // some lie before or after the session
    CHECK(parts.train.size() > 400'000);
    CHECK(parts.test.size() > 100'000);
    auto const x_size = static_cast<std::size_t>(60 * 2 * parts.test.size());
    std::vector<float> x(x_size), y(static_cast<std::size_t>(parts.test.size()));
    parts.test.gather(first_samples(parts.test.size()), x.data(), y.data());
    CHECK(std::all_of(x.begin(), x.end(), [](float v) { return std::isfinite(v); }));
    CHECK(std::all_of(y.begin(), y.end(), [](float v) { return std::isfinite(v); }));
}

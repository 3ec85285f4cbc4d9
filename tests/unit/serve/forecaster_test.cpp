// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/data/temporary_folder.hpp"
#include "unit/serve/served.hpp"

#include <espalier/data/market.hpp>
#include <espalier/models/lstm_forecaster.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/serve/forecaster.hpp>
#include <espalier/serve/forecasts.hpp>
#include <espalier/serve/scaling_file.hpp>

#include <cmath>
#include <map>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::served;
using espalier_test::words_of;

namespace {

using chosen  = features<log_return, realised_volatility<5>, time_of_day>;
using net     = lstm_forecaster<lstm_shape{.steps = 12, .inputs = 3, .units = 8}>;
using small   = model<net, mean_squared_error, adamw>;

std::vector<float> drawn_weights() {
    std::vector<float> weights(static_cast<std::size_t>(network<net>::tensors.elements));
    initialise<net>(3, weights.data());
    return weights;
}

} // namespace

TEST_CASE("Live forecasts have the bits of the predictor's for the same windows of a data set") {
    auto const market  = built_in_market({.tickers = 2, .days = 4, .seed = 2, .missing = 0.2});
    auto const data    = windows_of<chosen>(market, {.steps = 12, .horizon = 5}).test;
    auto const weights = drawn_weights();
    predictor<small> batch{served<net>(weights.data()).view(), 1};
    auto const expected = forecasts_of(batch, data, 64);
    REQUIRE(expected.of.size() == static_cast<std::size_t>(data.size()));
    std::map<std::pair<int, std::int64_t>, forecast> at;
    for (auto const& f : expected.of) at[{f.ticker, f.time_ms}] = f;

    forecaster<small, chosen> live{served<net>(weights.data()).view(), scaling_of(data)};
    std::size_t found = 0, other_bits = 0, other_price = 0;
    for (std::size_t s = 0; s < market.size(); ++s)
        for (std::size_t i = 0; i < market[s].bars.size(); ++i) {
            bar const& b    = market[s].bars[i];
            auto const look = [&](std::optional<live_forecast> const& f, float close) {
                if (!f) return;
                auto const same = at.find({static_cast<int>(s), f->minute * 60'000});
                if (same == at.end()) return;
                ++found;
                other_bits += same->second.predicted != f->log_return;
                other_price += std::abs(f->price - double{close} * std::exp(same->second.predicted)) > 1e-9 * f->price;
            };
            look(live.push(market[s].ticker, b), b.close);
            std::int64_t const next = i + 1 < market[s].bars.size() ? minute_of(market[s].bars[i + 1]) : 0;
            for (std::int64_t m = minute_of(b) + 1; m < std::min(next, minute_of(b) + 31); ++m) look(live.advance(market[s].ticker, m), b.close);
        }
    CHECK(found == at.size());
    CHECK(other_bits == 0);
    CHECK(other_price == 0);
}

TEST_CASE("Forecasts of a part stand beside what came and what was") {
    auto const market = built_in_market({.tickers = 1, .days = 3, .missing = 0});
    auto const data   = windows_of<chosen>(market, {.steps = 12, .horizon = 5}).test;
    predictor<small> model{served<net>(drawn_weights().data()).view(), 16};
    auto const all = forecasts_of(model, data, 16);
    CHECK(all.horizon == 5);
    CHECK(all.tickers == std::vector<std::string>{"SYN0"});
    CHECK(all.mean_return == data.mean_training_return());
    std::map<std::int64_t, double> close;
    for (auto const& b : market[0].bars) close[b.time_ms] = b.close;
    std::size_t wrong = 0, seen = 0;
    for (auto const& f : all.of) {
        auto const now = close.find(f.time_ms), then = close.find(f.time_ms + 5 * 60'000), ago = close.find(f.time_ms - 5 * 60'000);
        if (now == close.end() || then == close.end() || ago == close.end()) continue; // a halt
        ++seen;
        wrong += std::abs(f.actual - std::log(then->second / now->second)) > 1e-9 || std::abs(f.last - std::log(now->second / ago->second)) > 1e-9;
    }
    CHECK(seen > 100);
    CHECK(wrong == 0);
}

TEST_CASE("A scaling comes back from its file bit for bit") {
    espalier_test::temporary_folder const folder;
    auto const data = windows_of<chosen>(built_in_market({.tickers = 3, .days = 3}), {.steps = 12}, {.fill_minutes = 7}).train;
    auto const s    = scaling_of(data);
    write_scaling(folder.path() / "scaling.json", s);
    CHECK(read_scaling(folder.path() / "scaling.json") == s);
    CHECK(s.tickers.size() == 3);
    CHECK(s.session == "us_equities");
    CHECK(s.fill_minutes == 7);
    CHECK(s.features == chosen::names());
}

TEST_CASE("A file that is no scaling is rejected with what is wrong") {
    espalier_test::temporary_folder const folder;
    auto const words = [&](std::string const& text) {
        auto const path = folder.write("s.json", text);
        return words_of<bad_data>([&] { static_cast<void>(read_scaling(path)); });
    };
    CHECK_THAT(words("{"), ContainsSubstring("espalier: window_scaling: requires a file that write_scaling wrote (") &&
                               ContainsSubstring("See docs/howto/predict.md."));
    CHECK_THAT(words("{}"), ContainsSubstring("key 'format' not found"));
    CHECK_THAT(words(R"({"format": "x"})"), ContainsSubstring("got another format"));
    CHECK_THAT(words(R"({"format": "espalier window scaling", "version": 2})"), ContainsSubstring("got version 2"));
    std::string const head = R"({"format": "espalier window scaling", "version": 1, "features": ["a"], "steps": 3, "target_scale": 1,
        "session": "any_time", "fill_minutes": 0, "horizon": )";
    CHECK_THAT(words(head + R"(0, "tickers": {}})"), ContainsSubstring("3 steps and a horizon of 0"));
    CHECK_THAT(words(head + R"(1, "tickers": {"X": {"mean": [1, 2], "scale": [1]}}})"),
               ContainsSubstring("2 means and 1 scales of 1 features for X"));
    CHECK_THROWS_AS(read_scaling(folder.path() / "absent.json"), checkpoint::bad_checkpoint);
}

TEST_CASE("A forecaster says what does not fit") {
    auto const data    = windows_of<chosen>(built_in_market({.tickers = 1, .days = 3}), {.steps = 12}).train;
    auto const weights = drawn_weights();
    auto const words   = [&](window_scaling const& s, bar_rules const& rules = {}) {
        return words_of<invalid_setting>([&] { forecaster<small, chosen> f(served<net>(weights.data()).view(), s, rules); });
    };
    auto const good = scaling_of(data);
    CHECK(words(good) == "");
    auto other     = good;
    other.features = {"log_return", "time_of_day"};
    CHECK(words(other) ==
          "espalier: forecaster: requires a scaling of the features log_return, realised_volatility<5>, time_of_day; got log_return, "
          "time_of_day. Take the features that the model was trained with. See docs/howto/predict.md.");
    other       = good;
    other.steps = 60;
    CHECK_THAT(words(other), ContainsSubstring("a scaling of windows of 12 steps; got 60."));
    CHECK_THAT(words(good, {.session = any_time}), ContainsSubstring("rules with the session us_equities of training; got any_time."));
    CHECK_THAT(words(good, {.fill_minutes = 1}), ContainsSubstring("rules with fill_minutes 30 as in training; got 1."));
    forecaster<small, chosen> f{served<net>(weights.data()).view(), good};
    CHECK(f.knows("SYN0"));
    CHECK_FALSE(f.knows("ABC"));
    CHECK_THAT(words_of<invalid_setting>([&] { f.push("ABC", {}); }),
               ContainsSubstring("one of the 1 tickers that were trained on; got 'ABC'."));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/data/temporary_folder.hpp"
#include "unit/data/window_oracle.hpp"

#include <espalier/data/feature_stream.hpp>
#include <espalier/data/market.hpp>
#include <espalier/data/read_bars.hpp>
#include <espalier/data/windows.hpp>

#include <cmath>
#include <cstring>
#include <map>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::words_of;

namespace {

using many = features<log_return, log_volume, realised_volatility<7>, relative_volume<12>, time_of_day, high_low_spread, roll_spread<5>>;

/// Has no value without a trade.
struct log_of_volume {
    static constexpr int look_back         = 0;
    static constexpr std::string_view name = "log_of_volume";
    static double at(minute_history const& m) { return std::log(static_cast<double>(m[0].volume)); }
};

/// What a replay bar by bar found.
struct replayed {
    std::int64_t windows = 0, other_bits = 0;
};

/// Passes raw bars through a stream, minute by minute, and compares its windows with those that were gathered.
template <class Features>
replayed replay(bar_series const& raw, windows const& w, bar_rules const& rules, std::int64_t until) {
    std::map<std::int64_t, std::int64_t> sample_at; // minute → sample
    for (std::int64_t i = 0; i < w.size(); ++i)
        if (w.ticker_of(i) == raw.ticker) sample_at[w.time_of(i) / 60'000] = i;
    if (sample_at.empty()) return {};
    feature_stream<Features> stream{raw.ticker, w.steps(), w.scaler_of(sample_at.begin()->second), rules};
    replayed found;
    std::vector<float> x(static_cast<std::size_t>(w.input().elements()));
    float y              = 0;
    auto const look      = [&] {
        auto const at = sample_at.find(stream.minute());
        if (!stream.is_ready() || at == sample_at.end()) return;
        w.gather(std::vector{at->second}, x.data(), &y);
        ++found.windows;
        found.other_bits += std::memcmp(x.data(), stream.window().data(), x.size() * sizeof(float)) != 0;
        sample_at.erase(at);
    };
    for (std::size_t i = 0; i < raw.bars.size(); ++i) {
        if (stream.push(raw.bars[i]) || stream.advance(minute_of(raw.bars[i]))) look(); // a bar that is dropped is no bar
        std::int64_t const next = i + 1 < raw.bars.size() ? minute_of(raw.bars[i + 1]) : until + 1;
        for (std::int64_t m = minute_of(raw.bars[i]) + 1; m < next; ++m)
            if (stream.advance(m)) look();
            else if (m > minute_of(raw.bars[i]) + rules.fill_minutes) break;
    }
    return found;
}

} // namespace

TEST_CASE("A stream of bars gives the bits of every training window") {
    auto market = built_in_market({.tickers = 2, .days = 5, .seed = 4, .missing = 0.4});
    auto& bars  = market[0].bars;
    for (std::size_t i = 5; i < bars.size(); i += 97) bars[i].close *= 1.2f; // bad prints
    for (std::size_t i = 9; i < bars.size(); i += 131) bars[i].time_ms = bars[i - 1].time_ms;
    bar_rules const rules{.duplicate = on_duplicate::keep_first, .fill_minutes = 3};
    auto const w = windows_of<many>(market, {.steps = 15, .train_fraction = 1}, rules).train;
    std::int64_t windows = 0;
    for (auto const& series : market) {
        auto const found = replay<many>(series, w, rules, espalier_test::last_minute_of(market));
        CHECK(found.other_bits == 0);
        windows += found.windows;
    }
    CHECK(windows == w.size());
    CHECK(windows > 1000);
}

TEST_CASE("A stream of real bars gives the bits of every training window", "[data]") {
    auto const folder = espalier_test::require_data("intraday_stocks_1m");
#if !defined(ESPALIER_USE_ZLIB)
    espalier_test::skip("needs zlib");
#endif
    std::vector<bar_series> const market{read_bar_file(folder / "SW_2024_1m.csv.gz")};
    auto const w     = windows_of<many>(market, {.train_fraction = 1}).train;
    auto const found = replay<many>(market[0], w, {}, espalier_test::last_minute_of(market));
    CHECK(found.windows == w.size());
    CHECK(found.other_bits == 0);
    CHECK(found.windows > 30'000);
}

TEST_CASE("A stream is ready when a whole window is known, and no longer after a gap") {
    feature_scaler const scaler{{0, 0}, {1, 1}};
    feature_stream<default_features> stream{"A", 3, scaler, espalier_test::at_any_time(2)};
    auto const at = [](std::int64_t minute) { return bar{minute * 60'000, 10, 10, 10, 10, 10, 5}; };
    CHECK_FALSE(stream.advance(9)); // nothing is known yet
    for (std::int64_t m : {10, 11, 12}) {
        CHECK(stream.push(at(m)));
        CHECK_FALSE(stream.is_ready()); // a return looks back one minute
    }
    CHECK(stream.advance(13));
    CHECK(stream.is_ready());
    CHECK(stream.minute() == 13);
    CHECK(stream.close() == 10);
    CHECK(stream.advance(14));
    CHECK_FALSE(stream.advance(15)); // the close stood for two minutes
    CHECK(stream.push(at(20)));
    CHECK_FALSE(stream.is_ready());
    CHECK(stream.counts().kept == 4);
}

TEST_CASE("A stream stops at a feature without a value, as training does") {
    feature_stream<features<log_of_volume>> stream{"XYZ", 2, {{0}, {1}}, espalier_test::at_any_time()};
    CHECK(stream.push({10 * 60'000, 10, 10, 10, 10, 10, 5}));
    CHECK(words_of<bad_data>([&] { stream.advance(11); }) ==
          "espalier: windows: requires features that are finite numbers (log_of_volume of XYZ, 1970-01-01 00:11 UTC); got -inf. Correct "
          "the feature, or clean the bars it is made of. See docs/howto/own-features.md.");
}

TEST_CASE("A stream's settings are checked") {
    feature_scaler const one{{0}, {1}};
    CHECK(words_of<invalid_setting>([&] { feature_stream<default_features> s("A", 3, one); }) ==
          "espalier: feature_stream: requires a scaler of 2 features; got 1 means and 1 scales. Pass the scaler that was fitted with "
          "these features. See docs/howto/own-features.md.");
    CHECK_THAT(words_of<invalid_setting>([] { feature_stream<default_features> s("A", 0, {{0, 0}, {1, 1}}); }),
               ContainsSubstring("steps of 1 or more; got 0."));
}

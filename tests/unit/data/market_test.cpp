// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/clean.hpp>
#include <espalier/data/market.hpp>

#include <cmath>
#include <map>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::words_of;

namespace {

int minute_of_session(bar const& b) {
    std::int64_t const day = b.time_ms / 86'400'000;
    bool const is_summer   = day >= 19'792 && day < 20'030; // 10 March to 2 November 2024
    return static_cast<int>(b.time_ms / 60'000 % 1440) - (is_summer ? 13 * 60 + 30 : 14 * 60 + 30);
}
std::int64_t day_of(bar const& b) {
    return b.time_ms / 86'400'000;
}

/// The log return of each bar that follows a bar of the minute before, as (bar, return).
std::vector<std::pair<bar, double>> returns_of(bar_series const& s) {
    std::vector<std::pair<bar, double>> all;
    for (std::size_t i = 1; i < s.bars.size(); ++i)
        if (s.bars[i].time_ms - s.bars[i - 1].time_ms == 60'000)
            all.push_back({s.bars[i], std::log(double{s.bars[i].close}) - std::log(double{s.bars[i - 1].close})});
    return all;
}

double correlation(std::vector<std::pair<double, double>> const& pairs) {
    double const n = static_cast<double>(pairs.size());
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (auto const& [x, y] : pairs) a += x / n, b += y / n;
    for (auto const& [x, y] : pairs) aa += (x - a) * (x - a), bb += (y - b) * (y - b), ab += (x - a) * (y - b);
    return ab / std::sqrt(aa * bb);
}

/// An average that forgets a fifth a minute, of the returns in one run of consecutive minutes, beside the sum of the next five.
double correlation_with_next_five(std::vector<bar_series> const& market) {
    std::vector<std::pair<double, double>> pairs;
    for (auto const& series : market) {
        auto const all = returns_of(series);
        double average = 0;
        for (std::size_t i = 0; i + 5 < all.size(); ++i) {
            bool const goes_on = i > 0 && all[i].first.time_ms - all[i - 1].first.time_ms == 60'000;
            average            = (goes_on ? 0.8 * average : 0.0) + 0.2 * all[i].second;
            if (all[i + 5].first.time_ms - all[i].first.time_ms != 300'000) continue;
            double next = 0;
            for (std::size_t k = 1; k <= 5; ++k) next += all[i + k].second;
            pairs.push_back({average, next});
        }
    }
    REQUIRE(pairs.size() > 10'000);
    return correlation(pairs);
}

} // namespace

TEST_CASE("The same seed gives the same bits, another seed others") {
    auto const one = built_in_market({.seed = 3}), same = built_in_market({.seed = 3}), other = built_in_market({.seed = 4});
    REQUIRE(one.size() == 4);
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(one[k].bars == same[k].bars);
        CHECK(one[k].bars != other[k].bars);
    }
    CHECK(one[0].bars != one[1].bars);
    CHECK(one[0].ticker != one[1].ticker);
}

TEST_CASE("A larger market begins as a smaller one does") {
    auto const small = built_in_market({.tickers = 2, .days = 3}), large = built_in_market({.tickers = 5, .days = 8});
    for (std::size_t k = 0; k < 2; ++k) {
        REQUIRE(large[k].bars.size() > small[k].bars.size());
        CHECK(std::equal(small[k].bars.begin(), small[k].bars.end(), large[k].bars.begin()));
    }
}

TEST_CASE("Every bar is a possible bar of a session on a weekday") {
    for (auto const& series : built_in_market({.tickers = 3, .days = 30})) {
        std::map<std::int64_t, int> days;
        int impossible = 0;
        bar last{};
        for (bar const& b : series.bars) {
            std::int64_t const weekday = (day_of(b) + 4) % 7; // 0 is Sunday: 1970-01-01 was a Thursday
            int const minute           = minute_of_session(b);
            bool const is_possible     = b.time_ms > last.time_ms && b.time_ms % 60'000 == 0 && weekday != 0 && weekday != 6 &&
                                     minute >= 0 && minute < 390 && 0 < b.low && b.low <= std::min(b.open, b.close) &&
                                     std::max(b.open, b.close) <= b.high && b.low <= b.vwap && b.vwap <= b.high &&
                                     b.volume >= 1 && std::isfinite(b.high) && std::isfinite(b.volume);
            impossible += !is_possible;
            ++days[day_of(b)];
            last = b;
        }
        CHECK(impossible == 0);
        CHECK(days.size() == 30);
        CHECK(days.begin()->first == 19'730);              // Monday 2024-01-08
        CHECK(days.rbegin()->first == 19'730 + 5 * 7 + 4); // the Friday of the sixth week
    }
}

TEST_CASE("The market keeps New York's hours through the year, so that cleaning drops nothing") {
    auto const cleaned = clean(built_in_market({.tickers = 1, .days = 250}));
    CHECK(cleaned.counts[0].kept == cleaned.counts[0].rows);
    CHECK(cleaned.series[0].bars.back().time_ms / 86'400'000 == 19'730 + 49 * 7 + 4);
}

TEST_CASE("Minutes are missing, at noon more than at the ends, and now and then for a halt") {
    int at_noon = 0, at_ends = 0, halts = 0, bars = 0;
    for (auto const& series : built_in_market({.tickers = 4, .days = 40})) {
        bars += static_cast<int>(series.bars.size());
        for (std::size_t i = 0; i < series.bars.size(); ++i) {
            int const minute = minute_of_session(series.bars[i]);
            at_noon += minute >= 165 && minute < 225;
            at_ends += minute < 30 || minute >= 360;
            bool const is_same_day = i > 0 && day_of(series.bars[i]) == day_of(series.bars[i - 1]);
            halts += is_same_day && minute - minute_of_session(series.bars[i - 1]) > 40;
        }
    }
    CHECK(bars < 4 * 40 * 390);
    CHECK(bars > 4 * 40 * 390 * 9 / 10);
    CHECK(at_noon < at_ends); // both of at most 60 minutes a day
    CHECK(halts > 0);
    CHECK(halts < 40);
}

TEST_CASE("With no minute missing a day has all of them, or all but a halt's forty") {
    auto const market = built_in_market({.tickers = 2, .days = 40, .missing = 0});
    std::map<std::pair<std::string, std::int64_t>, int> days;
    for (auto const& series : market)
        for (bar const& b : series.bars) ++days[{series.ticker, day_of(b)}];
    REQUIRE(days.size() == 80);
    int whole = 0;
    for (auto const& [day, minutes] : days) {
        CHECK((minutes == 390 || minutes == 350));
        whole += minutes == 390;
    }
    CHECK(whole > 60);
}

TEST_CASE("Volatility and volume are U-shaped over the day") {
    double move[3] = {}, volume[3] = {}, count[3] = {}; // the first, the middle and the last hour
    for (auto const& series : built_in_market({.tickers = 4, .days = 40}))
        for (auto const& [b, r] : returns_of(series)) {
            int const minute = minute_of_session(b);
            int const part   = minute < 60 ? 0 : minute >= 330 ? 2 : minute >= 165 && minute < 225 ? 1 : -1;
            if (part < 0) continue;
            move[part] += std::abs(r), volume[part] += double{b.volume}, ++count[part];
        }
    for (int end : {0, 2}) {
        CHECK(move[end] / count[end] > 1.5 * move[1] / count[1]);
        CHECK(volume[end] / count[end] > 1.5 * volume[1] / count[1]);
    }
}

TEST_CASE("Volatility clusters beyond its shape over the day, while returns without momentum do not repeat") {
    auto const market = built_in_market({.tickers = 4, .days = 60, .momentum = 0});
    std::vector<std::pair<double, double>> sizes, signs;
    for (auto const& series : market) {
        auto const all        = returns_of(series);
        double of_minute[390] = {}, count[390] = {};
        for (auto const& [b, r] : all) of_minute[minute_of_session(b)] += std::abs(r), ++count[minute_of_session(b)];
        auto const typical = [&](bar const& b) { return of_minute[minute_of_session(b)] / count[minute_of_session(b)]; };
        for (std::size_t i = 5; i < all.size(); ++i) {
            if (all[i].first.time_ms - all[i - 5].first.time_ms != 300'000) continue;
            sizes.push_back(
                {std::abs(all[i - 5].second) / typical(all[i - 5].first), std::abs(all[i].second) / typical(all[i].first)});
            signs.push_back({all[i - 1].second, all[i].second});
        }
    }
    // Of a hundred thousand independent pairs a correlation has a standard deviation of 0.003.
    REQUIRE(sizes.size() > 50'000);
    CHECK(correlation(sizes) > 0.05); // five minutes apart
    CHECK(std::abs(correlation(signs)) < 0.02);
}

TEST_CASE("The next five minutes can be predicted in part, and not at all without momentum") {
    CHECK(correlation_with_next_five(built_in_market({.tickers = 4, .days = 60})) > 0.15);
    CHECK(std::abs(correlation_with_next_five(built_in_market({.tickers = 4, .days = 60, .momentum = 0}))) < 0.05);
}

TEST_CASE("A market that cannot be is rejected with the value") {
    auto const words = [](market_settings const& s) {
        return words_of<invalid_setting>([&] { static_cast<void>(built_in_market(s)); });
    };
    CHECK(words({.tickers = 0}) ==
          "espalier: built_in_market: requires at least one ticker; got 0. Set tickers to 1 or more. See "
          "docs/howto/data.md.");
    CHECK_THAT(words({.days = -1}), ContainsSubstring("requires at least one day; got -1."));
    CHECK_THAT(words({.momentum = 1.5}), ContainsSubstring("requires momentum in 0 … 0.9; got 1.5."));
    CHECK_THAT(words({.momentum = std::nan("")}), ContainsSubstring("requires momentum in 0 … 0.9; got nan."));
    CHECK_THAT(words({.missing = 0.75}), ContainsSubstring("requires missing in 0 … 0.5; got 0.75."));
}

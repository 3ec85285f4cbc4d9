// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/observe/report/simulated_forecasts.hpp"

#include <espalier/observe/report/scores.hpp>

#include <cmath>
#include <limits>

using namespace espalier;
using espalier_test::simulated_forecasts;

namespace {
constexpr std::int64_t day_ms = 86'400'000;

/// Two days of two forecasts; the sums are done by hand below.
forecast_set by_hand() {
    return {.tickers = {"A", "B"},
            .of = {{0, 0, 1, 2, 4}, {1, 30 * minute_ms, -1, 1, 1}, {0, day_ms, 2, 2, -2}, {1, day_ms + 30 * minute_ms, 0, -1, 0}},
            .horizon     = 5,
            .mean_return = 0.5};
}
} // namespace

TEST_CASE("scores by hand: squared and absolute errors, skill, correlation, signs") {
    assessment const a = assess(by_hand());
    CHECK(a.windows == 4);
    CHECK(a.days == 2);
    // errors of the model: 1, 2, 0, -1; of no change: 2, 1, 2, -1; of the mean: 1.5, 0.5, 1.5, -1.5; of the last: -2, 0, 4, -1
    CHECK(a.model.squared_error.value == Approx(6.0 / 4));
    CHECK(a.model.absolute_error.value == Approx(4.0 / 4));
    CHECK(a.model.skill.value == Approx(1 - 6.0 / 10));
    CHECK(a.model.r2.value == Approx(1 - 6.0 / 7));
    CHECK(a.model.right_signs.value == Approx(2.0 / 3));      // 1 and 2, -1 and 1, 2 and 2; a forecast of 0 has no sign
    CHECK(a.model.correlation.value == Approx(0.5477225575)); // Python: statistics.correlation([1,-1,2,0], [2,1,2,-1])
    CHECK(a.naive[0].squared_error.value == Approx(10.0 / 4));
    CHECK(a.naive[1].squared_error.value == Approx(7.0 / 4));
    CHECK(a.naive[2].squared_error.value == Approx(21.0 / 4));
    CHECK(a.naive[2].skill.value == Approx(1 - 21.0 / 10));
    CHECK(a.against[2].value == Approx(1 - 6.0 / 21));
    // Draws of two days are both alike or one of each: the model's mean is 5/2, 6/4 or 1/2.
    CHECK(a.model.squared_error.between->low == Approx(0.5));
    CHECK(a.model.squared_error.between->high == Approx(2.5));
}

TEST_CASE("constants have no correlation and zero has no sign, nor intervals of them") {
    assessment const a = assess(simulated_forecasts({.days = 4, .minutes = 20, .signal = 3}));
    for (int i : {0, 1}) {
        CHECK(std::isnan(a.naive[i].correlation.value));
        CHECK_FALSE(a.naive[i].correlation.between.has_value());
    }
    CHECK(std::isnan(a.naive[0].right_signs.value));
    CHECK(a.naive[0].skill.value == 0.0);
    CHECK(*a.naive[0].skill.between == interval{0, 0});
    CHECK(a.model.correlation.between.has_value());
}

TEST_CASE("a skill that is known is found, and lies in its interval") {
    // A forecast of the whole known part: error 10² · E[shape²] against that plus 3²; shape = 0.7 + 0.9 t², t uniform in -1 … 1:
    // E[shape²] = 0.49 + 2 · 0.7 · 0.9 / 3 + 0.81 / 5 = 1.072, so the skill is 9 / (107.2 + 9) = 0.0775.
    assessment const a = assess(simulated_forecasts({.signal = 3}));
    CHECK(a.windows == 3 * 20 * 390);
    CHECK(a.model.skill.value == Approx(0.0775).margin(0.012));
    CHECK(a.model.skill.between->contains(0.0775));
    CHECK(a.model.correlation.value == Approx(std::sqrt(0.0775)).margin(0.02));
    CHECK(a.against[0].value == a.model.skill.value);
}

TEST_CASE("forecasts that are not finite are left out and counted") {
    auto set = by_hand();
    set.of.push_back({0, 0, std::numeric_limits<double>::quiet_NaN(), 1, 1});
    set.of.push_back({0, 0, 1, std::numeric_limits<double>::infinity(), 1});
    assessment const a = assess(set);
    CHECK(a.left_out == 2);
    CHECK(a.windows == 4);
    CHECK(a.model.squared_error.value == Approx(6.0 / 4));
    CHECK(assess({}).windows == 0);
}

TEST_CASE("one day has scores and no interval") {
    assessment const a = assess(simulated_forecasts({.days = 1, .signal = 3}));
    CHECK(a.model.skill.value > 0);
    CHECK_FALSE(a.model.skill.between.has_value());
}

TEST_CASE("tickers and half-hours have scores of their own, in order, where they have forecasts") {
    auto set = by_hand();
    set.tickers.push_back("without a forecast");
    auto const tickers = scores_by_ticker(set);
    REQUIRE(tickers.size() == 2);
    CHECK(tickers[0].name == "A");
    CHECK(tickers[0].windows == 2);
    CHECK(tickers[0].squared_error == Approx(0.5)); // errors 1, 0
    CHECK(tickers[0].skill.value == Approx(1 - 1.0 / 8));
    CHECK(tickers[1].skill.value == Approx(1 - 5.0 / 2));            // errors 2, -1 against 1, -1
    set.of.push_back({0, 14 * 3'600'000 + 59 * minute_ms, 0, 1, 0}); // 14:59
    auto const times = scores_by_half_hour(set);
    REQUIRE(times.size() == 3);
    CHECK(times[0].name == "00:00");
    CHECK(times[1].name == "00:30");
    CHECK(times[2].name == "14:30");
    CHECK(times[1].squared_error_of_no_change == Approx(1.0));
}

TEST_CASE("reliability is the mean outcome by rising forecast, equal forecasts together") {
    forecast_set set{.tickers = {"A"}};
    for (int i = 0; i < 100; ++i) set.of.push_back({0, i * day_ms / 10, i / 100.0, i / 50.0, 0});
    auto const ten = reliability(set);
    REQUIRE(ten.size() == 10);
    CHECK(ten[0].windows == 10);
    CHECK(ten[0].predicted == Approx(0.045));
    CHECK(ten[9].actual.value == Approx(1.89)); // 2 · 0.945
    for (auto& f : set.of) f.predicted = f.predicted < 0.35 ? 0 : f.predicted;
    auto const fewer = reliability(set);
    REQUIRE(fewer.size() == 8); // 35 zeros, the 5 that are left of the first 40, six groups of ten
    CHECK(fewer[0].windows == 35);
    CHECK(fewer[1].windows == 5);
    for (auto& f : set.of) f.predicted = 0;
    CHECK(reliability(set).size() == 1);
    CHECK(reliability({}).empty());
}

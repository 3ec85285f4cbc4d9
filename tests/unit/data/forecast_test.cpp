// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/data/forecast.hpp>
#include <espalier/data/session.hpp>

#include <limits>

using namespace espalier;

TEST_CASE("naive forecasts are no change, the mean return and the last return") {
    forecast const f{.ticker = 0, .time_ms = 0, .predicted = 0.5, .actual = 0.25, .last = -0.125};
    CHECK(value_of(naive_forecast::no_change, f, 0.0625) == 0.0);
    CHECK(value_of(naive_forecast::mean_return, f, 0.0625) == 0.0625);
    CHECK(value_of(naive_forecast::last_return, f, 0.0625) == -0.125);
    CHECK(name_of(naive_forecast::no_change) == "predicting no change");
    CHECK(name_of(naive_forecast::last_return) == "repeating the last return");
}

TEST_CASE("a forecast belongs to a UTC day, before 1970 too") {
    CHECK(utc_day(minute_of(0)) == 0);
    CHECK(utc_day(minute_of(86'399'999)) == 0);
    CHECK(utc_day(minute_of(86'400'000)) == 1);
    CHECK(utc_day(minute_of(-1)) == -1);
    CHECK(utc_day(minute_of(-86'400'000)) == -1);
    CHECK(utc_day(minute_of(-86'400'001)) == -2);
    CHECK(utc_day(minute_of(1'704'724'200'000)) == 19730); // 2024-01-08 14:30 UTC, by Python's datetime
}

TEST_CASE("a forecast that is not finite is told from one that is") {
    double const nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    CHECK(is_finite({0, 0, 1, 2, 3}));
    CHECK_FALSE(is_finite({0, 0, nan, 2, 3}));
    CHECK_FALSE(is_finite({0, 0, 1, inf, 3}));
    CHECK_FALSE(is_finite({0, 0, 1, 2, -inf}));
}

TEST_CASE("a forecast of a ticker that its set does not name is an error, and so is a mean that is no number") {
    forecast_set set{.tickers = {"A", "B"}, .of = {{.ticker = 1}, {.ticker = 2}}};
    CHECK_THROWS_WITH(check(set), "espalier: forecast_set: requires forecasts whose ticker is an index into its tickers; got "
                                  "ticker 2 of 2 in forecast 1. Name every ticker. See docs/howto/report.md.");
    set.of.pop_back();
    CHECK_NOTHROW(check(set));
    set.mean_return = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH(check(set), "espalier: forecast_set: requires a finite mean return; got nan. Take the mean of the training "
                                  "targets. See docs/howto/report.md.");
}

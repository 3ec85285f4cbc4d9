// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/window_oracle.hpp"

#include <espalier/data/calendar.hpp>
#include <espalier/data/session.hpp>

using namespace espalier;

namespace {

/// Days since 1970 of a date, by counting.
std::int64_t day(int year, int month, int of_month) {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    auto const is_leap   = [](int y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); };
    std::int64_t count   = of_month - 1;
    for (int y = 1970; y < year; ++y) count += is_leap(y) ? 366 : 365;
    for (int m = 1; m < month; ++m) count += days[m - 1] + (m == 2 && is_leap(year));
    return count;
}

} // namespace

TEST_CASE("New York's sessions move with daylight saving, on the days of the law") {
    session_hours const winter{14 * 60 + 30, 21 * 60}, summer{13 * 60 + 30, 20 * 60};
    CHECK(us_equities.on(day(2024, 3, 8)) == winter);
    CHECK(us_equities.on(day(2024, 3, 11)) == summer);
    CHECK(us_equities.on(day(2024, 11, 1)) == summer);
    CHECK(us_equities.on(day(2024, 11, 4)) == winter);
    CHECK(us_equities.on(day(2013, 3, 8)) == winter);
    CHECK(us_equities.on(day(2013, 3, 11)) == summer);
    CHECK(us_equities.on(day(2006, 3, 31)) == winter); // the rule before 2007: first Sunday of April to last of October
    CHECK(us_equities.on(day(2006, 4, 3)) == summer);
    CHECK(us_equities.on(day(2006, 10, 27)) == summer);
    CHECK(us_equities.on(day(2006, 10, 30)) == winter);
}

TEST_CASE("New York's sessions of 2024 are those that were written down by hand") {
    for (std::int64_t d = day(2024, 1, 1); d <= day(2024, 12, 31); ++d) {
        bool const is_weekend     = (d + 4) % 7 == 0 || (d + 4) % 7 == 6; // 1970-01-01 was a Thursday
        auto const [open, closed] = espalier_test::new_york_2024(d);
        session_hours const hours = us_equities.on(d);
        CHECK(hours == (is_weekend ? session_hours{} : session_hours{open, closed}));
    }
}

TEST_CASE("Where 4 July falls on a weekend the 3rd is no early close") {
    CHECK(us_equities.on(day(2024, 7, 3)).minutes() == 210);
    CHECK(us_equities.on(day(2020, 7, 3)).minutes() == 390); // the holiday itself: no bars
    CHECK(us_equities.on(day(2022, 11, 25)).minutes() == 210);
    CHECK(us_equities.on(day(2022, 11, 24)).minutes() == 390);
}

TEST_CASE("Minutes of the calendar are told as words, also before 1970") {
    CHECK(minute_text(0) == "1970-01-01 00:00");
    CHECK(minute_text(-1) == "1969-12-31 23:59");
    CHECK(minute_text(day(2024, 2, 29) * 1440 + 14 * 60 + 30) == "2024-02-29 14:30");
    CHECK(day_text(day(2023, 12, 31) * 1440) == "2023-12-31");
    CHECK(utc_day(-1) == -1);
    CHECK(minute_of_day(-1) == 1439);
    CHECK(any_time.on(-5).holds(0));
    CHECK(any_time.on(-5).holds(1439));
}

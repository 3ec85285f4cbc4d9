// SPDX-License-Identifier: BSL-1.0
/// @file
/// Trading sessions: between which minutes of a UTC day a market trades. Two are shipped; one of your own is a function.
/// Holidays need no rule here: a day without bars has no windows.
#pragma once

#include <chrono>
#include <cstdint>

namespace espalier {

/// The minutes of a UTC day at which trading opens and closes: open_minute ≤ minute < close_minute. Equal where the day is closed.
struct session_hours {
    int open_minute = 0, close_minute = 0;

    [[nodiscard]] constexpr int minutes() const noexcept { return close_minute - open_minute; }
    [[nodiscard]] constexpr bool holds(int minute_of_day) const noexcept {
        return open_minute <= minute_of_day && minute_of_day < close_minute;
    }
    friend constexpr bool operator==(session_hours, session_hours) = default;
};

/// A market's sessions: a name, and the hours of a day as a function. A session does not cross midnight UTC.
/// @par Units     days and minutes are counted from 1970-01-01 UTC
struct trading_session {
    char const* name;
    session_hours (*hours)(std::int64_t day);

    [[nodiscard]] constexpr session_hours on(std::int64_t day) const { return hours(day); }
};

/// Minutes of a day.
inline constexpr int day_minutes = 1440;

/// The day in which a minute lies, also before 1970.
[[nodiscard]] constexpr std::int64_t utc_day(std::int64_t minute) noexcept {
    return (minute >= 0 ? minute : minute - (day_minutes - 1)) / day_minutes;
}
/// The minute of its day in which a minute lies, 0 … 1439.
[[nodiscard]] constexpr int minute_of_day(std::int64_t minute) noexcept {
    return static_cast<int>(minute - utc_day(minute) * day_minutes);
}

namespace detail {

/// The n-th Sunday of a month, n from 1.
[[nodiscard]] constexpr std::chrono::sys_days nth_sunday(std::chrono::year y, unsigned month, unsigned n) noexcept {
    return std::chrono::sys_days{y / std::chrono::month{month} / std::chrono::Sunday[n]};
}

/// Whether New York is on daylight saving time at the hours of a session.
/// @par Source    15 U.S.C. 260a: since 2007 second Sunday of March to first of November; 1987 to 2006 first of April to last of October
[[nodiscard]] constexpr bool is_new_york_summer(std::chrono::sys_days day) noexcept {
    using namespace std::chrono;
    year const y = year_month_day{day}.year();
    if (y >= year{2007}) return nth_sunday(y, 3, 2) <= day && day < nth_sunday(y, 11, 1);
    return nth_sunday(y, 4, 1) <= day && day < sys_days{y / October / Sunday[last]};
}

/// Whether the New York exchanges close at 13:00: the day after Thanksgiving, 24 December, and 3 July where the 4th is a working day.
[[nodiscard]] constexpr bool is_early_close(std::chrono::sys_days day) noexcept {
    using namespace std::chrono;
    year_month_day const date{day};
    if (date.month() == December && date.day() == std::chrono::day{24}) return true;
    if (date.month() == July && date.day() == std::chrono::day{3}) return weekday{day} != Friday;
    return day == sys_days{date.year() / November / Thursday[4]} + days{1};
}

[[nodiscard]] constexpr session_hours all_day(std::int64_t) noexcept { return {0, day_minutes}; }

[[nodiscard]] constexpr session_hours new_york_hours(std::int64_t day) noexcept {
    using namespace std::chrono;
    sys_days const date{days{day}};
    weekday const of_week{date};
    if (of_week == Saturday || of_week == Sunday) return {};
    int const to_utc = is_new_york_summer(date) ? 4 * 60 : 5 * 60;
    return {9 * 60 + 30 + to_utc, (is_early_close(date) ? 13 : 16) * 60 + to_utc};
}

} // namespace detail

/// Every minute of every day: currencies, crypto-assets, and bars whose session is not known.
inline constexpr trading_session any_time{"any_time", detail::all_day};

/// New York's regular session, 9:30 to 16:00 local time on weekdays, with daylight saving; 13:00 on the three early closes.
/// @par Source    NYSE, hours and calendars; early closes as they are announced every year since 2013
inline constexpr trading_session us_equities{"us_equities", detail::new_york_hours};

} // namespace espalier

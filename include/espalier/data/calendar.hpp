// SPDX-License-Identifier: BSL-1.0
/// @file
/// Minutes of the calendar as words.
/// Which minutes a market trades in is in session.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace espalier {

/// A minute as "2024-01-08 14:30".
/// @par Units     minutes since 1970-01-01 UTC
[[nodiscard]] inline std::string minute_text(std::int64_t minute) {
    using namespace std::chrono;
    sys_time<minutes> const time{minutes{minute}};
    auto const day = floor<days>(time);
    year_month_day const date{day};
    auto const of_day = static_cast<int>((time - day).count());
    char out[64];
    std::snprintf(out, sizeof out, "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), of_day / 60, of_day % 60);
    return out;
}

/// A minute's day as "2024-01-08".
[[nodiscard]] inline std::string day_text(std::int64_t minute) {
    return minute_text(minute).substr(0, 10);
}

} // namespace espalier

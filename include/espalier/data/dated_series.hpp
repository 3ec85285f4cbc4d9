// SPDX-License-Identifier: BSL-1.0
/// @file
/// A series of daily values: what files and the simulation give, and panels are aligned from.
/// It neither reads nor judges them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace espalier {

/// What a series was on one day.
/// @par Units     days since 1970-01-01
struct dated_value {
    std::int64_t day = 0;
    double value     = 0;

    friend bool operator==(dated_value const&, dated_value const&) = default;
};

/// A series' values in rising order of days. A day without a value is not there.
struct dated_series {
    std::string name;
    std::vector<dated_value> values;
    std::int64_t missing = 0; ///< days that stood in the file without a value
    std::string source{};     ///< the path of the file they were read from; empty where there was none
};

/// A date as a day: `day_of(2020, 4, 20)`.
/// @par Units     days since 1970-01-01
[[nodiscard]] constexpr std::int64_t day_of(int year, unsigned month, unsigned day) noexcept {
    using namespace std::chrono;
    return sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}}.time_since_epoch().count();
}

} // namespace espalier

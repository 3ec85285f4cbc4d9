// SPDX-License-Identifier: BSL-1.0
/// @file
/// Ranks, durations and moments in words, and columns of text, for the report of a run that failed.
/// What is reported is flight_text.hpp.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace espalier::detail {

/// "rank 2", "ranks 0-5, 7"
[[nodiscard]] inline std::string ranks_in_words(std::vector<int> const& ranks) {
    std::string out = ranks.size() == 1 ? "rank " : "ranks ";
    for (std::size_t i = 0; i < ranks.size();) {
        std::size_t end = i + 1;
        while (end < ranks.size() && ranks[end] == ranks[end - 1] + 1) ++end;
        if (i > 0) out.append(", ");
        out.append(std::to_string(ranks[i]));
        if (end - i > 1) out.append(end - i > 2 ? "-" : ", ").append(std::to_string(ranks[end - 1]));
        i = end;
    }
    return out;
}

/// Three digits and a unit: "1.20 ms"
[[nodiscard]] inline std::string duration_in_words(double ns) {
    char const* const units[] = {"ns", "us", "ms", "s"};
    int unit                  = 0;
    while (unit < 3 && (ns >= 999.5 || ns <= -999.5)) ns /= 1000, ++unit;
    double const size = ns < 0 ? -ns : ns;
    char out[64];
    std::snprintf(out, sizeof out, "%.*f %s", size >= 99.95 || unit == 0 ? 0 : size >= 9.995 ? 1 : 2, ns, units[unit]);
    return out;
}
[[nodiscard]] inline std::string duration_in_words(std::int64_t ns) { return duration_in_words(static_cast<double>(ns)); }

/// "2026-11-22 02:20:11.123456 UTC"
[[nodiscard]] inline std::string moment_in_words(std::int64_t ns) {
    using namespace std::chrono;
    auto const whole_day = floor<days>(sys_time<microseconds>{microseconds{ns / 1000}});
    year_month_day const day{whole_day};
    hh_mm_ss const time{microseconds{ns / 1000} - whole_day.time_since_epoch()};
    char out[64];
    std::snprintf(out, sizeof out, "%04d-%02u-%02u %02d:%02d:%02d.%06d UTC", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                  static_cast<unsigned>(day.day()), static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return out;
}

/// Each column as wide as its widest cell; the last cell of a row is as long as it is.
[[nodiscard]] inline std::string in_columns(std::vector<std::vector<std::string>> const& rows) {
    std::vector<std::size_t> widths;
    for (auto const& row : rows)
        for (std::size_t c = 0; c < row.size(); ++c) {
            if (widths.size() <= c) widths.push_back(0);
            if (c + 1 < row.size()) widths[c] = std::max(widths[c], row[c].size());
        }
    std::string out;
    for (auto const& row : rows) {
        std::string line = "    ";
        for (std::size_t c = 0; c < row.size(); ++c) line.append(row[c]).append(c + 1 < row.size() ? widths[c] + 2 - row[c].size() : 0, ' ');
        out.append(line, 0, line.find_last_not_of(' ') + 1).append("\n");
    }
    return out;
}

/// Without the control characters by which a text could move the cursor or colour what follows; lines stay lines.
[[nodiscard]] inline std::string for_terminal(std::string text) {
    for (char& c : text)
        if (auto const code = static_cast<unsigned char>(c); (code < 0x20 && c != '\n') || code == 0x7f) c = '?';
    return text;
}

}  // namespace espalier::detail

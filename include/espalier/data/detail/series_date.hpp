// SPDX-License-Identifier: BSL-1.0
/// @file
/// Dates out of text, and days as text.
/// Which order days must have is not known here.
#pragma once

#include <espalier/data/calendar.hpp>
#include <espalier/data/session.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace espalier::detail {

/// A day as "2020-04-20".
/// @par Units     days since 1970-01-01
[[nodiscard]] inline std::string date_text(std::int64_t day) {
    return day_text(day * day_minutes);
}

/// Takes a number of `fewest` to `most` digits off the front of a text.
[[nodiscard]] inline std::optional<unsigned> take_digits_of(std::string_view& text, std::size_t fewest, std::size_t most) {
    std::size_t count = 0;
    while (count < text.size() && count < most && text[count] >= '0' && text[count] <= '9') ++count;
    if (count < fewest) return std::nullopt;
    unsigned number = 0;
    std::from_chars(text.data(), text.data() + count, number);
    text.remove_prefix(count);
    return number;
}

/// Takes a character off the front of a text, if it is there.
[[nodiscard]] inline bool take_character(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

/// Takes "16:00", where `most` numbers of two digits may stand, off the front of a text.
[[nodiscard]] inline bool take_clock(std::string_view& text, int most) {
    unsigned const below[] = {24, 60, 61};
    for (int i = 0; i < most; ++i) {
        if (i > 0 && !take_character(text, ':')) return i > 1;
        auto const number = take_digits_of(text, 2, 2);
        if (!number || *number >= below[i]) return false;
    }
    return true;
}

/// Whether a text is nothing, or a time: "T16:00", " 00:00:00", " 00:00:00.000", each with "Z", "+00:00" or nothing after it.
[[nodiscard]] inline bool is_time_of_day(std::string_view text) {
    if (text.empty()) return true;
    if (!take_character(text, 'T') && !take_character(text, ' ')) return false;
    if (!take_clock(text, 3)) return false;
    if (take_character(text, '.') && !take_digits_of(text, 1, 9)) return false;
    if (text.empty() || text == "Z") return true;
    return (take_character(text, '+') || take_character(text, '-')) && take_clock(text, 2) && text.empty();
}

/// The day of a date with or without a time after it; nothing where the text is none, or the calendar lacks the date.
/// @return days since 1970-01-01
[[nodiscard]] inline std::optional<std::int64_t> parse_date(std::string_view text) {
    using namespace std::chrono;
    auto const y    = take_digits_of(text, 4, 4);
    char const mark = text.starts_with('/') ? '/' : '-';
    if (!y || !take_character(text, mark)) return std::nullopt;
    auto const m = take_digits_of(text, 1, 2);
    if (!m || !take_character(text, mark)) return std::nullopt;
    auto const d = take_digits_of(text, 1, 2);
    if (!d || !is_time_of_day(text)) return std::nullopt;
    year_month_day const date{year{static_cast<int>(*y)}, month{*m}, day{*d}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date}.time_since_epoch().count();
}

} // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Numbers out of text: the usual ones eight digits at a time, every other by std::from_chars, with the same values.
/// It knows nothing of rows and columns.
#pragma once

#include <espalier/core/config.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <system_error>

namespace espalier::detail {

/// 1, 10, 100, … 10^15, each exact.
template <class T>
inline constexpr std::array<T, 16> powers_of_ten = [] {
    std::array<T, 16> powers{};
    std::int64_t power = 1;
    for (T& p : powers) p = static_cast<T>(power), power *= 10;
    return powers;
}();

/// A byte eight times, and each bit of a digit that makes it a digit: '0' … '9' are 0x30 … 0x39.
inline constexpr std::uint64_t each_byte = 0x0101010101010101, digit_bits = each_byte * '0';

/// The next eight bytes, the first of them lowest.
[[nodiscard]] ESPALIER_INLINE() std::uint64_t eight_bytes(char const* at) noexcept {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
}

/// The top bits of bytes above 9. A sum may carry into the bytes after such a one, so only the lowest bit is sure; no bit is too.
[[nodiscard]] ESPALIER_INLINE() std::uint64_t above_nine(std::uint64_t bytes) noexcept {
    return ((bytes + each_byte * 0x76) | bytes) & (each_byte * 0x80);
}

/// The number that eight digits write, the first of them lowest in the word, each as its value 0 … 9.
/// @par Source    D. Lemire, "Quickly parsing eight digits" (2018): pairs, then pairs of pairs, by three products
[[nodiscard]] ESPALIER_INLINE() std::uint64_t number_of_eight(std::uint64_t digits) noexcept {
    constexpr std::uint64_t pairs = 0x000000FF000000FF;
    digits                        = digits * 10 + (digits >> 8);
    return ((digits & pairs) * (100 + (1'000'000ULL << 32)) + ((digits >> 16) & pairs) * (1 + (10'000ULL << 32))) >> 32;
}

/// Appends the digits at `at` to `number`, moves `at` behind them and returns how many they are.
/// After more than 16 it gives up; the number is right for up to 19 digits in all.
ESPALIER_INLINE() std::size_t take_digits(char const*& at, std::uint64_t& number) noexcept {
    for (std::size_t before = 0;; before += 8) {
        std::uint64_t const values = eight_bytes(at) ^ digit_bits, others = above_nine(values);
        if (others == 0) {
            number = number * 100'000'000 + number_of_eight(values);
            at += 8;
            if (before == 16) return before + 8;
            continue;
        }
        auto const count = static_cast<std::size_t>(std::countr_zero(others)) / 8;
        // Zeros come before the digits, and what follows them falls off the top; two shifts, as one by 64 is none.
        number = number * powers_of_ten<std::uint64_t>[count] + number_of_eight(values << (56 - 8 * count) << 8);
        at += count;
        return before + count;
    }
}

/// digits / 10^places as a float; false where it is not sure to be the nearest one.
/// The digits, at most 15, and the power of ten are exact and their quotient is rounded to double and then to float: that differs
/// from rounding once only where the double lies half-way between two floats.
[[nodiscard]] ESPALIER_INLINE() bool nearest_float(std::uint64_t digits, double power_of_ten, float& value) noexcept {
    double const quotient = static_cast<double>(static_cast<std::int64_t>(digits)) / power_of_ten;
    std::uint64_t bits;
    std::memcpy(&bits, &quotient, sizeof bits);
    value = static_cast<float>(quotient);
    return (bits & 0x1FFFFFFF) != 0x10000000; // the 29 bits that a float lacks
}

/// Reads a text of more than 8 characters as a number of up to 15 digits without sign or exponent; false for everything else.
[[nodiscard]] inline bool read_long_number(char const* first, char const* last, float& value) noexcept {
    std::uint64_t digits    = 0;
    std::size_t const whole = take_digits(first, digits);
    if (*first == '.') ++first;
    std::size_t const places = take_digits(first, digits); // none where there was no point
    return first == last && last[-1] != '.' && whole + places <= 15 &&
           nearest_float(digits, powers_of_ten<double>[places], value);
}

/// Reads a text like 3524.405, up to 15 digits without sign or exponent, or an empty one, which is a NaN.
/// @param first, last  8 bytes after `first`, and after `last`, are readable; `*last` is no digit
/// @return false for everything else, which `number_of` decides
/// @par Numerics  the value of std::from_chars<float>
///
///     3 5 2 . 4 0        the bytes, the first one lowest
///     _ _ 3 5 2 . 4 0    shifted so that the last one is highest; _ is 0
///     _ _ _ 3 5 2 4 0    what is below the point moved up by one: 35240, two places
[[nodiscard]] ESPALIER_INLINE() bool read_number(char const* first, char const* last, float& value) noexcept {
    auto const n = static_cast<std::size_t>(last - first);
    if (n - 1 >= 8) [[unlikely]] {
        value = std::numeric_limits<float>::quiet_NaN();
        return n == 0 || read_long_number(first, last, value);
    }
    std::uint64_t const text     = (eight_bytes(first) ^ digit_bits) << (64 - 8 * n);
    std::uint64_t const no_point = text ^ (each_byte * ('.' ^ '0'));
    std::uint64_t const points   = (no_point - each_byte) & ~no_point & (each_byte * 0x80); // the lowest one is right
    std::uint64_t const point = points & (~points + 1), below = (point >> 7) - 1;
    std::uint64_t const digits = point == 0 ? text : ((text & below) << 8) | (text & ~(below << 8 | 0xFF));
    constexpr std::array<double, 9> power_of_places{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1}; // the last: there is no point
    auto const places = static_cast<std::size_t>(std::countl_zero(point)) / 8;
    return above_nine(digits) == 0 && places != 0 && nearest_float(number_of_eight(digits), power_of_places[places], value);
}

/// Reads a text of 9 to 16 digits, as times in milliseconds are; false for everything else, which `number_of` decides.
/// @param first, last  as for a price
[[nodiscard]] ESPALIER_INLINE() bool read_number(char const* first, char const* last, std::int64_t& value) noexcept {
    auto const n = static_cast<std::size_t>(last - first);
    if (n - 9 >= 8) [[unlikely]]
        return false;
    std::uint64_t const high = (eight_bytes(first) ^ digit_bits) << (128 - 8 * n), low = eight_bytes(last - 8) ^ digit_bits;
    value = static_cast<std::int64_t>(number_of_eight(high) * 100'000'000 + number_of_eight(low));
    return (above_nine(high) | above_nine(low)) == 0;
}

/// Reads a whole text as a finite number, as std::from_chars does; whether it is one.
/// Nothing, and `nan` in any case, is a quiet NaN where T has one.
template <class T>
[[nodiscard]] bool number_of(std::string_view text, T& value) {
    if constexpr (std::floating_point<T>) {
        bool const is_nan = text.size() == 3 && (text[0] | 0x20) == 'n' && (text[1] | 0x20) == 'a' && (text[2] | 0x20) == 'n';
        value             = std::numeric_limits<T>::quiet_NaN();
        if (text.empty() || is_nan) return true;
    }
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool is_number            = failure == std::errc{} && end == text.data() + text.size();
    if constexpr (std::floating_point<T>) is_number = is_number && std::isfinite(value);
    return is_number;
}

} // namespace espalier::detail

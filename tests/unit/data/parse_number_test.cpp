// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/data/detail/parse_number.hpp>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>

using namespace espalier;

namespace {

/// What std::from_chars says: a finite number that is the whole text, or none. Nothing and nan are NaN.
template <class T>
std::optional<T> expected(std::string const& text) {
    T value{};
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if constexpr (std::is_floating_point_v<T>) {
        if (text.empty() || text == "nan" || text == "NaN") return std::numeric_limits<T>::quiet_NaN();
        if (!std::isfinite(value)) return {};
    }
    return failure == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

template <class T>
bool are_same(T a, T b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

/// Whether the text was read at speed; that way and the careful one are compared with from_chars.
template <class T>
bool check_against_from_chars(std::string const& text, char end = ',') {
    CAPTURE(text);
    auto const right = expected<T>(text);
    T careful{}, value{};
    bool const is_number = detail::number_of(std::string_view{text}, careful);
    if (is_number != right.has_value() || (is_number && !are_same(careful, *right))) FAIL("read with care, it is " << careful);

    std::string const line = text + end + "9,9.9,99999"; // what follows must not matter
    bool const is_usual    = detail::read_number(line.data(), line.data() + text.size(), value);
    if (is_usual && (!right || !are_same(value, *right))) FAIL("read at speed, it is " << value);
    return is_usual;
}

/// Whether a double lies in the middle of two floats.
bool is_half_way(double x) {
    float const near = static_cast<float>(x), beyond = std::nextafter(near, x < near ? 0.0f : std::numeric_limits<float>::max());
    return x != near && 0.5 * (double{near} + double{beyond}) == x;
}

std::string random_digits(std::mt19937& random, std::size_t n) {
    std::string digits(n, '0');
    for (char& d : digits) d = static_cast<char>('0' + random() % 10);
    return digits;
}

} // namespace

TEST_CASE("Plain numbers of every length and with every number of places are those of from_chars, at speed") {
    std::mt19937 random{1};
    for (std::size_t whole = 0; whole <= 20; ++whole)
        for (std::size_t places = 0; places <= 20; ++places)
            for (int i = 0; i < 200; ++i) {
                std::string text = random_digits(random, whole);
                if (i % 4 == 0) text.replace(0, whole / 2, whole / 2, '0');
                if (places > 0) (text += '.') += random_digits(random, places);
                bool const is_usual = check_against_from_chars<float>(text, i % 2 == 0 ? ',' : '\n');
                if (whole + places > 15) REQUIRE_FALSE(is_usual);
                if (whole >= 1 && whole + places <= 15) REQUIRE(is_usual == !is_half_way(std::strtod(text.c_str(), nullptr)));
            }
}

TEST_CASE("Signs, exponents and all that is no number end as from_chars has it") {
    for (char const* text : {"",
                             "nan",
                             "NaN",
                             ".",
                             "5.",
                             ".5",
                             "-5",
                             "-0",
                             "+5",
                             "-",
                             "--5",
                             "-.5",
                             "1e5",
                             "1E5",
                             "1e",
                             "1e+5",
                             "1e-5",
                             "1e999",
                             "1e-999",
                             "-1e999",
                             "inf",
                             "-inf",
                             "infinity",
                             "0x10",
                             "12x",
                             "x12",
                             "abc",
                             "1 2",
                             "1;5",
                             "1.2.3",
                             "1..2",
                             "1,5",
                             "1\r",
                             "\r",
                             "3524.4051.",
                             "1234567.89.1",
                             "00000000000000000000001",
                             "0.00000000000000000000001",
                             "\xB1\xB2",
                             "123\xB1",
                             "1234567/",
                             "1234567:",
                             "340282346638528859811704183484516925440",
                             "340282366920938463463374607431768211456",
                             "1.17549435e-38",
                             "1e-45",
                             "1e-46"})
        check_against_from_chars<float>(text);
}

TEST_CASE("Random texts of the letters of numbers are numbers where from_chars says so") {
    std::mt19937 random{2};
    std::string const letters = "0123456789012345678901234567890123456789.....-+eEnaif \r\t";
    int numbers               = 0;
    for (int i = 0; i < 200'000; ++i) {
        std::string text(random() % 20, ' ');
        for (char& c : text) c = letters[random() % letters.size()];
        check_against_from_chars<float>(text);
        check_against_from_chars<std::int64_t>(text);
        numbers += expected<float>(text).has_value();
    }
    CHECK(numbers > 20'000); // so that both cases are tried
}

TEST_CASE("Numbers half-way between two floats go the way of from_chars") {
    std::mt19937 random{3};
    for (int places = 0; places <= 7; ++places)
        for (int i = 0; i < 2'000; ++i) {
            double const half_way = std::ldexp(double(1 << 24) + 2 * double(random() % (1 << 23)) + 1, -places); // 25 bits, odd
            char text[64];
            std::snprintf(text, sizeof text, "%.*f", places, half_way);
            REQUIRE(std::strtod(text, nullptr) == half_way);
            REQUIRE_FALSE(check_against_from_chars<float>(text));
        }
}

TEST_CASE("Numbers that only as doubles are half-way go the way of from_chars") {
    std::mt19937 random{4};
    int double_roundings = 0;
    for (int i = 0; i < 300'000; ++i) {
        double const half_way = std::ldexp(double(1 << 24) + 2 * double(random() % (1 << 23)) + 1, -26 - int(random() % 12));
        char text[64];
        std::snprintf(text, sizeof text, "%.14f", half_way); // 15 digits; half-way itself has more
        check_against_from_chars<float>(text);
        double_roundings += std::strtod(text, nullptr) == half_way && static_cast<float>(half_way) != expected<float>(text);
    }
    CHECK(double_roundings > 0); // the case that it is about
}

TEST_CASE("Whole numbers are those of from_chars, times of 9 to 16 digits at speed") {
    std::mt19937 random{5};
    for (std::size_t n = 0; n <= 22; ++n)
        for (int i = 0; i < 500; ++i) {
            std::string const text = random_digits(random, n);
            REQUIRE(check_against_from_chars<std::int64_t>(text) == (n >= 9 && n <= 16));
            check_against_from_chars<std::int64_t>(std::string{text}.insert(0, 1, '-'));
            std::string spoilt               = text + "0";
            spoilt[random() % spoilt.size()] = "./:-xe \xB1"[random() % 8];
            check_against_from_chars<std::int64_t>(spoilt);
        }
}

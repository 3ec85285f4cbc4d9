// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/data/bar.hpp>
#include <espalier/data/calendar.hpp>
#include <espalier/observe/report/text.hpp>

#include <clocale>
#include <limits>

using namespace espalier;

TEST_CASE("foreign text cannot open a tag, an entity or an attribute") {
    CHECK(html::escaped("<script>a & b</script>") == "&lt;script&gt;a &amp; b&lt;/script&gt;");
    CHECK(html::escaped("x\" onload='y'") == "x&quot; onload=&#39;y&#39;");
    CHECK(html::escaped(std::string_view{"a\0b\x1b[1m\n\tß", 11}) == "a\xEF\xBF\xBD"
                                                                     "b\xEF\xBF\xBD[1m\n\tß");
}

TEST_CASE("numbers for readers have commas, a minus sign and no negative zero") {
    CHECK(html::fixed(1234567.891, 2) == "1,234,567.89");
    CHECK(html::fixed(-1234.5, 1) == "−1,234.5");
    CHECK(html::fixed(-0.001, 2) == "0.00");
    CHECK(html::fixed(999, 0) == "999");
    CHECK(html::with_sign(0.26, 1) == "+0.3");
    CHECK(html::with_sign(0.001, 1) == "0.0");
    CHECK(html::with_sign(-2, 0) == "−2");
    CHECK(html::count(29412) == "29,412");
    CHECK(html::count_of(1, "day", "days") == "1 day");
    CHECK(html::percent(0.1234) == "12.3\u00A0%");
    CHECK(html::signed_percent(0.0042, 2) == "+0.42\u00A0%");
}

TEST_CASE("numbers in attributes are plain") {
    CHECK(html::plain(-1234.56, 1) == "-1234.6");
    CHECK(html::plain(-0.01, 1) == "0.0");
    CHECK(html::plain(std::numeric_limits<double>::quiet_NaN(), 1) == "0");
    CHECK(html::plain(std::numeric_limits<double>::max(), 0).size() == 309);
}

TEST_CASE("what is no number is a dash") {
    double const nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    CHECK(html::fixed(nan, 2) == "–");
    CHECK(html::significant(-inf) == "–");
    CHECK(html::signed_percent(nan) == "–");
    CHECK(html::duration(inf) == "–");
}

TEST_CASE("digits that count") {
    CHECK(html::significant(1234.5678) == "1,235");
    CHECK(html::significant(0.787174) == "0.7872");
    CHECK(html::significant(0.00123456) == "0.001235");
    CHECK(html::significant(1.5e-9, 3) == "1.50e-09");
    CHECK(html::significant(0) == "0");
}

TEST_CASE("times are UTC, spans are in words") {
    CHECK(minute_text(minute_of(1'704'724'260'000)) == "2024-01-08 14:31");
    CHECK(minute_text(minute_of(0)) == "1970-01-01 00:00");
    CHECK(minute_text(minute_of(-60'000)) == "1969-12-31 23:59");
    CHECK(html::duration(4.24) == "4.2\u00A0s");
    CHECK(html::duration(59.99) == "1\u00A0min 00\u00A0s");
    CHECK(html::duration(725) == "12\u00A0min 05\u00A0s");
    CHECK(html::duration(11'220) == "3\u00A0h 07\u00A0min");
}

TEST_CASE("no locale puts a comma into a number") {
    char const* const german = std::setlocale(LC_ALL, "de_DE.UTF-8"); // without it, the C locale is tested once more
    CHECK(html::fixed(1.5, 2) == "1.50");
    CHECK(html::plain(1.5, 2) == "1.50");
    if (german != nullptr) std::setlocale(LC_ALL, "C");
}

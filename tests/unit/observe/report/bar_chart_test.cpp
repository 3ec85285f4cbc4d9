// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/observe/report/markup.hpp"

#include <espalier/observe/report/bar_chart.hpp>

using namespace espalier;
using espalier_test::count_in;

TEST_CASE("a bar a row from zero, to the left below it, with whiskers where there is an interval") {
    auto const svg =
        charts::bar_chart({"c", "t", "d"}, {.x_name = "x"},
                          {{"up", 1, interval{-1, 2}, "+1"}, {"down", -1, {}, "−1"}, {"none", std::nan(""), {}, "–"}});
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK(count_in(svg, "class=\"bar better\"") == 2); // one of them for no number, without a width
    CHECK(count_in(svg, "class=\"bar worse\"") == 1);
    CHECK(count_in(svg, "class=\"whisker ink\"") == 3);
    CHECK(count_in(svg, "width=\"0.0\"") == 1);
    CHECK(count_in(svg, ">−1</text>") == 1);   // the number
    CHECK(count_in(svg, ">−1.0</text>") == 1); // a tick
    CHECK(count_in(svg, "nan") == 0);
}

TEST_CASE("bars of zero alone, and none at all, have an axis") {
    CHECK(espalier_test::fault_in(charts::bar_chart({"c", "t", "d"}, {}, {{"zero", 0, interval{0, 0}, "0"}})) == "");
    CHECK(espalier_test::fault_in(charts::bar_chart({"c", "t", "d"}, {}, {})) == "");
}

TEST_CASE("long names are cut between characters") {
    CHECK(charts::shortened("short", 5) == "short");
    CHECK(charts::shortened("longer", 5) == "long…");
    CHECK(charts::shortened("ÄÖÜäö", 5) == "ÄÖÜäö");
    CHECK(charts::shortened("ÄÖÜäöü", 5) == "ÄÖÜä…");
    CHECK(charts::shortened("", 5).empty());
}

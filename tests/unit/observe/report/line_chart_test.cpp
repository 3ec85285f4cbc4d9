// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/observe/report/markup.hpp"

#include <espalier/observe/report/line_chart.hpp>

using namespace espalier;
using charts::line_chart;
using espalier_test::count_in;
using espalier_test::fault_in;

namespace {
charts::caption const words{"c", "t", "d"};
}

TEST_CASE("a chart of lines has a path a line, a legend of the named ones, marks and whiskers") {
    std::vector<charts::series> const all{{"first", "model", {{0, 1}, {1, 2}, {2, 0}}, true, true},
                                          {"", "other", {{0, 1, interval{0.5, 1.5}}, {2, 2, interval{1, 3}}}}};
    auto const svg = line_chart(words, {.x_name = "x", .y_name = "y"}, all);
    CHECK(fault_in(svg) == "");
    CHECK(count_in(svg, "<path class=\"line model\"") == 1);
    CHECK(count_in(svg, "<path class=\"line other\"") == 1);
    CHECK(count_in(svg, "<path class=\"whisker other\"") == 1);
    CHECK(count_in(svg, "<circle class=\"mark model\"") == 3 + 1); // and one in the legend
    CHECK(count_in(svg, ">first</text>") == 1);
    CHECK(count_in(svg, ">3</text>") == 1); // whiskers are within the axis
}

TEST_CASE("names along the axis do not meet") {
    std::vector<std::string> names;
    charts::series s{"", "model", {}};
    for (int i = 0; i < 48; ++i) names.push_back(joined("h", i)), s.points.push_back({static_cast<double>(i), 1.0});
    auto const svg = line_chart(words, {.x_names = names}, {s}); // about 390 pixels: eight names of 46
    CHECK(count_in(svg, ">h") >= 5);
    CHECK(count_in(svg, ">h") <= 8);
    CHECK(count_in(svg, ">h0<") == 1);
}

TEST_CASE("a point that is marked has a ring and its name") {
    auto const svg =
        line_chart(words, {.marked = charts::point{1, 1}, .marked_name = "best"}, {{"", "model", {{0, 2}, {1, 1}, {2, 3}}}});
    CHECK(count_in(svg, "class=\"ring\"") == 1);
    CHECK(count_in(svg, ">best</text>") == 1);
}

TEST_CASE("lines without a point, or without a finite one, are drawn as nothing") {
    auto const svg = line_chart(words, {}, {{"", "model", {}}, {"", "other", {{std::nan(""), 1}, {1, std::nan("")}}}});
    CHECK(fault_in(svg) == "");
    CHECK(count_in(svg, "<path") == 0);
    CHECK(count_in(svg, "nan") == 0);
}

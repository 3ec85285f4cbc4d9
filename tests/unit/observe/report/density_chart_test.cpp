// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/observe/report/markup.hpp"

#include <espalier/observe/report/density_chart.hpp>

#include <limits>

using namespace espalier;
using espalier_test::count_in;

TEST_CASE("the range holds its share of each coordinate around zero, and counts what lies outside") {
    std::vector<charts::point> pairs;
    for (int i = -100; i <= 100; ++i) pairs.push_back({static_cast<double>(i), -0.01 * i});
    auto const most = charts::range_for(pairs, 0.9); // |i| ≤ 90, 20 are beyond
    CHECK(most.x.high == 90);
    CHECK(most.x.low == -90);
    CHECK(most.y.high == Approx(0.9));
    CHECK(most.outside == 20);
    pairs.push_back({std::nan(""), 1});
    CHECK(charts::range_for(pairs, 1).outside == 0);
    CHECK(charts::range_for({}).x.is_empty);
}

TEST_CASE("cells grow stronger with the logarithm of their count") {
    std::vector<charts::point> pairs; // in a grid of 2 × 2: 1, 10, 100 and none
    pairs.push_back({-0.5, -0.5});
    pairs.insert(pairs.end(), 10, {0.5, -0.5});
    pairs.insert(pairs.end(), 100, {0.5, 0.5});
    charts::density_range seen;
    for (double v : {-1.0, 1.0}) seen.x.add(v), seen.y.add(v);
    auto const svg = charts::density_chart({"c", "t", "d"}, {.columns = 2, .rows = 2}, seen, pairs, {});
    CHECK(espalier_test::fault_in(svg) == "");
    CHECK(count_in(svg, "cell shade-1\"") == 1); // log 1 / log 100 = 0
    CHECK(count_in(svg, "cell shade-4\"") == 1); // 1/2
    CHECK(count_in(svg, "cell shade-6\"") == 1); // 1
    CHECK(count_in(svg, "class=\"cell") == 3);
}

TEST_CASE("pairs beyond the range, on its border or without a number are in no cell or in the last") {
    charts::density_range seen;
    for (double v : {-1.0, 1.0}) seen.x.add(v), seen.y.add(v);
    double const inf = std::numeric_limits<double>::infinity();
    auto const svg   = charts::density_chart({"c", "t", "d"}, {.columns = 2, .rows = 2}, seen,
                                             {{1, 1}, {2, 0}, {std::nan(""), 0}, {inf, inf}, {-1, -1}}, {});
    CHECK(count_in(svg, "class=\"cell shade-6\"") == 1); // both corners, one pair each
    CHECK(count_in(svg, "z\"") == 1);
    CHECK(espalier_test::fault_in(charts::density_chart({"c", "t", "d"}, {}, {}, {}, {})) == "");
}

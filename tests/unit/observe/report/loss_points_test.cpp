// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/observe/metrics_csv.hpp>
#include <espalier/observe/report/loss_points.hpp>

#include <limits>

using namespace espalier;
using points = std::vector<loss_point>;

TEST_CASE("losses are read back from what metrics_csv writes") {
    espalier_test::temporary_folder const folder;
    auto const file = folder.path() / "metrics.csv";
    {
        metrics_csv metrics{file};
        metrics.on_start({});
        metrics.on_step({.step = 1, .epoch = 1, .loss = 0.5});
        metrics.on_step({.step = 2, .epoch = 1, .loss = std::numeric_limits<double>::infinity()});
        metrics.on_finish({});
    }
    CHECK(loss_points_of(file) == points{{1, 0.5}, {2, std::numeric_limits<double>::infinity()}});
}

TEST_CASE("columns are found by name, and a torn last line is left out") {
    espalier_test::temporary_folder const folder;
    CHECK(loss_points_of(folder.write("a.csv", "loss,best,step\n0.25,1,10\n0.125,1,20\n0.1")) == points{{10, 0.25}, {20, 0.125}});
    CHECK(loss_points_of(folder.write("b.csv", "step,epoch,loss\n")).empty());
}

TEST_CASE("a file of losses that cannot be used is named with the reason") {
    espalier_test::temporary_folder const folder;
    auto const missing = folder.path() / "none.csv";
    CHECK_THROWS_WITH(loss_points_of(missing), "espalier: loss_points_of: requires a file that can be read; got none (" +
                                                   missing.string() +
                                                   "). Name the metrics.csv of a run. See docs/howto/report.md.");
    auto const other = folder.write("other.csv", "a,b\n1,2\n");
    CHECK_THROWS_WITH(loss_points_of(other), Catch::Matchers::ContainsSubstring("requires columns 'step' and 'loss'; got 'a,b'"));
    auto const wrong = folder.write("wrong.csv", "step,loss\n1,2\n2,x\n");
    CHECK_THROWS_WITH(loss_points_of(wrong), Catch::Matchers::ContainsSubstring("got '2,x' in line 3"));
    auto const few = folder.write("few.csv", "step,loss\n1\n");
    CHECK_THROWS_WITH(loss_points_of(few), Catch::Matchers::ContainsSubstring("got '1' in line 2"));
}

TEST_CASE("few points are drawn as they are, without those that are no numbers") {
    double const nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(thinned({{1, 0.5}, {2, nan}, {3, 0.25}}) == points{{1, 0.5}, {3, 0.25}});
    CHECK(smoothed({{1, 0.5}, {2, nan}, {3, 0.25}}) == points{{1, 0.5}, {3, 0.25}});
    CHECK(thinned({}).empty());
}

TEST_CASE("thinning keeps the first, the last, and every peak in rising order") {
    points many;
    for (std::int64_t i = 0; i < 100'000; ++i)
        many.push_back({i, i == 31'415 ? 9.0 : i == 27'182 ? -9.0 : 0.001 * static_cast<double>(i % 7)});
    auto const few = thinned(many, 2000);
    CHECK(few.size() <= 2000);
    CHECK(few.size() > 1900);
    CHECK(few.front() == many.front());
    CHECK(few.back() == many.back());
    CHECK(std::count(few.begin(), few.end(), loss_point{31'415, 9.0}) == 1);
    CHECK(std::count(few.begin(), few.end(), loss_point{27'182, -9.0}) == 1);
    CHECK(std::is_sorted(few.begin(), few.end(), [](auto const& a, auto const& b) { return a.step < b.step; }));
}

TEST_CASE("smoothing takes means of stretches at their middle step") {
    points six;
    for (int i = 0; i < 6; ++i) six.push_back({10 * i, static_cast<double>(i * i)}); // 0 1 4 | 9 16 25
    CHECK(smoothed(six, 2) == points{{10, 5.0 / 3}, {40, 50.0 / 3}});
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/data/bootstrap.hpp>
#include <espalier/data/errors.hpp>

#include <cmath>
#include <random>
#include <vector>

using namespace espalier;

namespace {

/// Days of one window each.
std::vector<error_sums> days_of(std::vector<double> const& values) {
    std::vector<error_sums> days;
    for (double v : values) days.push_back({v, 1.0, 1.0});
    return days;
}

/// The share of simulated AR(1) series, x(t) = rho·x(t − 1) + e(t), whose interval holds their true mean of 0.
double coverage(double rho, int days, int minutes, int days_a_block) {
    std::mt19937_64 random{20240108};
    std::normal_distribution<double> e;
    int const trials = 400;
    int covered      = 0;
    for (int trial = 0; trial < trials; ++trial) {
        std::vector<error_sums> sums(static_cast<std::size_t>(days));
        double x = e(random) / std::sqrt(1 - rho * rho);
        for (error_sums& day : sums)
            for (int minute = 0; minute < minutes; ++minute, x = rho * x + e(random)) day += {x, 1.0, 1.0};
        covered += mean_interval(sums, {.draws = 400, .days_a_block = days_a_block})->contains(0.0);
    }
    return static_cast<double>(covered) / trials;
}

} // namespace

TEST_CASE("intervals of an AR(1) series cover its mean nearly as often as they say") {
    // 60 days of 40 minutes, rho = 0.8: dependence reaches a few minutes over the border of a day. The binomial standard error of
    // 400 trials is 0.011; percentile intervals of n days cover a little less than normal ones.
    double const by_days = coverage(0.8, 60, 40, 1);
    CHECK(by_days > 0.89);
    CHECK(by_days < 0.985);
}

TEST_CASE("where days depend on one another, blocks of several days cover more than single ones") {
    // One value a day, rho = 0.6: the variance of the mean is (1 + rho)/(1 − rho) = 4 times what single days make of it, so that
    // their interval is half as wide as it must be and covers 2·Phi(0.98) − 1 = 0.67.
    double const single = coverage(0.6, 120, 1, 1), blocks = coverage(0.6, 120, 1, 8);
    CHECK(single == Approx(0.67).margin(0.07));
    CHECK(blocks > 0.82);
}

TEST_CASE("two days are drawn both alike or one of each: the interval of their mean is from the one to the other") {
    auto const found = mean_interval(days_of({1.0, 5.0})); // 1, 3 and 5 with probabilities 1/4, 1/2, 1/4
    REQUIRE(found.has_value());
    CHECK(*found == interval{1.0, 5.0});
    CHECK(*mean_interval(days_of({1.0, 5.0}), {.level = 0.4}) == interval{3.0, 3.0}); // 0.3 … 0.7 lie within the middle half
}

TEST_CASE("the variance of drawn means is Künsch's") {
    // Var = Σ over the n − l + 1 blocks of (block mean − mean of block means)² / (n − l + 1) / (n / l), where l divides n.
    std::vector<double> values;
    std::mt19937_64 random{7};
    for (int i = 0; i < 60; ++i) values.push_back(std::uniform_real_distribution<double>{0, 1}(random) + 0.02 * i);
    auto const days = days_of(values);
    for (int l : {1, 3, 6}) {
        auto const length = static_cast<std::size_t>(l);
        std::vector<double> means;
        for (std::size_t first = 0; first + length <= values.size(); ++first) {
            double sum = 0;
            for (std::size_t i = 0; i < length; ++i) sum += values[first + i];
            means.push_back(sum / l);
        }
        auto const moments_of = [](std::vector<double> const& x) {
            double mean = 0, square = 0;
            for (double v : x) mean += v / static_cast<double>(x.size());
            for (double v : x) square += (v - mean) * (v - mean) / static_cast<double>(x.size());
            return std::pair{mean, square};
        };
        auto const expected = moments_of(means);
        std::vector<double> drawn;
        for (error_sums const& s : resampled_totals(std::span<error_sums const>{days}, {.draws = 20'000, .days_a_block = l}))
            drawn.push_back(s.mean());
        auto const found = moments_of(drawn);
        INFO("blocks of " << l);
        CHECK(found.first == Approx(expected.first).epsilon(0.01));
        CHECK(found.second == Approx(expected.second * l / 60).epsilon(0.05)); // 20,000 draws: 1 %
    }
}

TEST_CASE("a skill is drawn with both errors together") {
    std::vector<error_sums> days;
    for (double scale : {1.0, 9.0, 2.0, 30.0, 4.0}) days.push_back({0.75 * scale, scale, 10});
    auto const found = skill_interval(days); // the model always has three quarters of the naive error
    REQUIRE(found.has_value());
    CHECK(found->low == Approx(0.25));
    CHECK(found->high == Approx(0.25));
    CHECK(mean_interval(days)->high > 2 * mean_interval(days)->low); // alone it varies
}

TEST_CASE("every window weighs the same, whatever its day") {
    std::vector<error_sums> const days{{30, 1, 10}, {1, 1, 1}}; // totals 60/20, 31/11, 2/2
    CHECK(*mean_interval(days) == interval{1.0, 3.0});
    CHECK(*mean_interval(days, {.level = 0.4}) == interval{31.0 / 11, 31.0 / 11});
}

TEST_CASE("the same days give the same interval, another seed another one") {
    auto const days = days_of({3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9});
    CHECK(*mean_interval(days) == *mean_interval(days));
    CHECK_FALSE(*mean_interval(days) == *mean_interval(days, {.seed = 2}));
}

TEST_CASE("one day, no day and a single block give no interval, nor does a ratio to zero") {
    CHECK_FALSE(mean_interval(days_of({})).has_value());
    CHECK_FALSE(mean_interval(days_of({2.0})).has_value());
    CHECK_FALSE(mean_interval(days_of({1, 2, 3}), {.days_a_block = 3}).has_value());
    CHECK(mean_interval(days_of({1, 2, 3}), {.days_a_block = 2}).has_value());
    CHECK_FALSE(skill_interval(std::vector<error_sums>{{1, 0, 1}, {2, 0, 1}, {3, 1, 1}}).has_value()); // a draw without the third
}

TEST_CASE("quantiles lie linearly between values") {
    CHECK(*interval_of({4, 1, 3, 2, 0}, 0.5) == interval{1.0, 3.0});
    CHECK(*interval_of({0, 10}, 0.5) == interval{2.5, 7.5});
    CHECK(*interval_of({7}, 0.95) == interval{7, 7});
}

TEST_CASE("settings that draw nothing are errors with the value") {
    auto const days = days_of({1, 2, 3});
    CHECK_THROWS_WITH(mean_interval(days, {.draws = 1}), "espalier: bootstrap: requires 2 draws or more; got 1. Set draws to "
                                                         "1000. See docs/howto/report.md.");
    CHECK_THROWS_AS(mean_interval(days, {.level = 1.0}), invalid_setting);
    CHECK_THROWS_AS(mean_interval(days, {.days_a_block = 0}), invalid_setting);
}

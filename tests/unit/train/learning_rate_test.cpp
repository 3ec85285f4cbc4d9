// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/train/learning_rate.hpp>

#include <cmath>
#include <random>

using namespace espalier;

TEST_CASE("a number is a rule: the same rate at every step") {
    constexpr rate_rule rule = 0.25;
    STATIC_REQUIRE(rule.at(1) == 0.25);
    STATIC_REQUIRE(rule.at(1'000'000'000'000) == 0.25);
    STATIC_REQUIRE(rule.peak() == 0.25);
    rate_rule const from_float = 1e-3f;
    CHECK(from_float.at(7) == static_cast<double>(1e-3f));
}

TEST_CASE("warm-up rises in a straight line, reaches the peak at its last step, and stays") {
    constexpr rate_rule rule = warm_up(1.0, 4);
    STATIC_REQUIRE(rule.at(1) == 0.25);
    STATIC_REQUIRE(rule.at(2) == 0.5);
    STATIC_REQUIRE(rule.at(3) == 0.75);
    STATIC_REQUIRE(rule.at(4) == 1.0);
    STATIC_REQUIRE(rule.at(5) == 1.0);
    STATIC_REQUIRE(rule.at(1'000'000) == 1.0);
    STATIC_REQUIRE(rule.peak() == 1.0);
    CHECK(warm_up(1e-3, 500).at(50) == Approx(1e-4).epsilon(1e-14));
}

TEST_CASE("a warm-up of no steps or of one begins at the peak") {
    STATIC_REQUIRE(warm_up(0.5, 0).at(1) == 0.5);
    STATIC_REQUIRE(warm_up(0.5, 1).at(1) == 0.5);
}

// Expected values below: mpmath with 30 digits, from the papers' equations.

TEST_CASE("a cosine falls from the peak to the floor as equation 5 of SGDR says, after a straight warm-up") {
    constexpr rate_rule rule = cosine(1e-3, 1000, {.warm_up = 100, .floor = 1e-5});
    CHECK(rule.at(50) == Approx(5e-4).epsilon(1e-15));
    CHECK(rule.at(100) == 1e-3);
    CHECK(rule.at(101) == 1e-3);
    CHECK(rule.at(326) == Approx(0.000855017856687341025).epsilon(1e-14));
    CHECK(rule.at(550) == Approx(0.000506727872450535747).epsilon(1e-14));
    CHECK(rule.at(551) == Approx(0.000505).epsilon(1e-14));
    CHECK(rule.at(776) == Approx(0.000154982143312658975).epsilon(1e-14));
    CHECK(rule.at(1000) == Approx(0.0000100030157093937612).epsilon(1e-14));
    CHECK(rule.at(1001) == 1e-5);
    CHECK(rule.at(1'000'000'000'000) == 1e-5);
    STATIC_REQUIRE(rule.peak() == 1e-3);
}

TEST_CASE("a cosine without a warm-up begins at the peak and loses no step on its floor") {
    constexpr rate_rule rule = cosine(1, 4);
    STATIC_REQUIRE(rule.at(1) == 1);
    STATIC_REQUIRE(rule.at(3) == 0.5);
    STATIC_REQUIRE(rule.at(5) == 0);
    CHECK(rule.at(2) == Approx(0.853553390593273762).epsilon(1e-15));
    CHECK(rule.at(4) == Approx(0.146446609406726238).epsilon(1e-14));
    CHECK(cosine(1, 1'000'000'000).at(333'333'334) == Approx(0.750000000453449841).epsilon(1e-15));
}

TEST_CASE("the rule of the first transformer: width 512, 4,000 steps of warm-up") {
    constexpr rate_rule rule = inverse_square_root_of_width(512, 4000);
    CHECK(rule.at(1) == Approx(1.7469281074217107e-7).epsilon(1e-14));
    CHECK(rule.at(100) == Approx(0.000017469281074217107).epsilon(1e-14));
    CHECK(rule.at(3999) == Approx(0.000698596550157942109).epsilon(1e-14));
    CHECK(rule.at(4000) == Approx(0.00069877124296868428).epsilon(1e-14));
    CHECK(rule.at(4001) == Approx(0.000698683912937352979).epsilon(1e-14));
    CHECK(rule.at(100000) == Approx(0.000139754248593736856).epsilon(1e-14));
    CHECK(rule.at(1'000'000'000'000) == Approx(4.41941738241592203e-8).epsilon(1e-14));
    CHECK(rule.peak() == Approx(0.00069877124296868428).epsilon(1e-14));
}

TEST_CASE("an inverse square root by its peak: a quarter of the peak at sixteen times the warm-up") {
    constexpr rate_rule rule = inverse_square_root(0.5, 10);
    STATIC_REQUIRE(rule.at(5) == 0.25);
    STATIC_REQUIRE(rule.at(10) == 0.5);
    STATIC_REQUIRE(rule.at(40) == 0.25);
    STATIC_REQUIRE(rule.at(160) == 0.125);
    CHECK(rule.at(11) < rule.at(10));
}

TEST_CASE("rules are smooth: no step changes the rate by more than a warm-up step or the steepest slope does") {
    rate_rule const rules[] = {cosine(1, 5000, {.warm_up = 50, .floor = 0.25}), inverse_square_root(1, 50), warm_up(1, 50)};
    for (auto const& rule : rules)
        for (std::int64_t t = 1; t < 6000; ++t) {
            INFO("step " << t);
            REQUIRE(std::abs(rule.at(t + 1) - rule.at(t)) <= (t < 50 ? 0.0200001 : 0.0101));
            REQUIRE((t < 51 || rule.at(t + 1) <= rule.at(t)));
        }
}

TEST_CASE("the constant expressions for square root and cosine agree with the standard library's") {
    std::mt19937 dice{5};
    std::uniform_real_distribution<double> unit{0, 1}, exponent{-300, 300};
    long double const pi = std::acos(-1.0L);
    for (int i = 0; i < 10000; ++i) {
        double const a = std::pow(10.0, exponent(dice)), x = unit(dice);
        REQUIRE(detail::square_root(a) == Approx(std::sqrt(a)).epsilon(4e-16).margin(0));
        REQUIRE(std::abs(static_cast<double>(detail::cosine_of_half_turns(x) - std::cos(pi * x))) <= 4e-16);
    }
    STATIC_REQUIRE(detail::square_root(0) == 0);
    STATIC_REQUIRE(detail::square_root(144) == 12);
    STATIC_REQUIRE(detail::cosine_of_half_turns(0) == 1);
    STATIC_REQUIRE(detail::cosine_of_half_turns(0.5) == 0);
    STATIC_REQUIRE(detail::cosine_of_half_turns(1) == -1);
}

TEST_CASE("a rule that makes no sense is refused with its numbers") {
    CHECK_THROWS_WITH(cosine(1, 100, {.warm_up = 100}), "espalier: cosine: requires a warm-up of 0 to 99 of its 100 steps; got 100. Give more "
                                                        "steps, or a shorter warm-up. See docs/policies/model.md.");
    CHECK_THROWS_WITH(cosine(0.5, 100, {.floor = 1}), "espalier: cosine: requires a floor from 0 to the peak, 0.5; got 1. Lower the floor. "
                                                      "See docs/policies/model.md.");
    CHECK_THROWS_AS(cosine(1, 0), invalid_setting);
    CHECK_THROWS_AS(cosine(1, 100, {.warm_up = -1}), invalid_setting);
    CHECK_THROWS_AS(cosine(1, 100, {.floor = std::nan("")}), invalid_setting);
    CHECK_THROWS_WITH(inverse_square_root(1, 0), "espalier: inverse_square_root: requires a warm-up of at least 1 step; got 0. Give the step of "
                                                 "the peak. See docs/policies/model.md.");
    CHECK_THROWS_AS(inverse_square_root_of_width(512, 0), invalid_setting);
    CHECK_THROWS_AS(inverse_square_root_of_width(0, 4000), invalid_setting);
}

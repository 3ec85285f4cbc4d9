// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/train/learning_rate.hpp>

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

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/train/batch_scaling.hpp>

using namespace espalier;

TEST_CASE("the linear rule gives the rates of the paper's table: 0.1 for 256 samples is 3.2 for 8,192") {
    STATIC_REQUIRE(linear_scaling(0.1, 256, 256) == 0.1);
    CHECK(linear_scaling(0.1, 256, 8192) == Approx(3.2).epsilon(1e-15));  // Goyal et al. 2017, table 1 and section 5.1
    CHECK(linear_scaling(0.1, 256, 64) == Approx(0.025).epsilon(1e-15));
}

TEST_CASE("the square-root rule doubles the rate for four times the samples") {
    STATIC_REQUIRE(square_root_scaling(1e-3, 256, 1024) == 2e-3);
    CHECK(square_root_scaling(1e-3, 256, 32768) == Approx(0.0113137084989847604).epsilon(1e-15));  // mpmath: 1e-3 * sqrt(128)
    CHECK(square_root_scaling(1e-3, 1500, 500) == Approx(0.000577350269189625765).epsilon(1e-15));  // mpmath: 1e-3 / sqrt(3)
}

TEST_CASE("a scaled rate is a rule, and the peak of one") {
    STATIC_REQUIRE(warm_up(linear_scaling(0.5, 32, 64), 2).at(1) == 0.5);
}

TEST_CASE("a step without samples is refused by the name of the rule") {
    CHECK_THROWS_WITH(linear_scaling(0.1, 0, 64), "espalier: linear_scaling: requires steps of at least 1 sample; got 0 and 64. Give the "
                                                  "samples of a step, before and now. See docs/policies/model.md.");
    CHECK_THROWS_AS(square_root_scaling(0.1, 32, -1), invalid_setting);
}

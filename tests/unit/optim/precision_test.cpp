// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/optim/precision.hpp>

#include <type_traits>

using namespace espalier;

TEST_CASE("a precision names its scalar, and itself in checkpoints") {
    STATIC_REQUIRE(std::is_same_v<fp32::scalar, float>);
    STATIC_REQUIRE(std::is_same_v<fp64::scalar, double>);
    STATIC_REQUIRE(fp32::name == "fp32");
    STATIC_REQUIRE(fp64::name == "fp64");
}

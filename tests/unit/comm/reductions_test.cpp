// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/comm/reductions.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

using namespace espalier;

TEST_CASE("reductions keep their operands' type and give the value", "[comm]") {
    static_assert(sum{}(2, 3) == 5 && maximum{}(2, 3) == 3 && maximum{}(3, 2) == 3 && minimum{}(2, 3) == 2);
    static_assert(std::is_same_v<decltype(sum{}(std::int8_t{1}, std::int8_t{2})), std::int8_t>);
    CHECK(sum{}(0.5, 0.25) == 0.75);
    CHECK(maximum{}(-1.f, -2.f) == -1.f);
    CHECK(minimum{}(-1.f, -2.f) == -2.f);
}

TEST_CASE("the largest and the smallest of a NaN and a number are NaN, whichever side it is on", "[comm]") {
    float const nan = std::numeric_limits<float>::quiet_NaN();
    for (float x : {0.f, 1.f, -std::numeric_limits<float>::infinity()}) {
        CHECK(std::isnan(maximum{}(nan, x)));
        CHECK(std::isnan(maximum{}(x, nan)));
        CHECK(std::isnan(minimum{}(nan, x)));
        CHECK(std::isnan(minimum{}(x, nan)));
    }
}

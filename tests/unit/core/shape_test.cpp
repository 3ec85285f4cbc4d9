// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/shape.hpp>

using namespace espalier;

namespace {
template <shape S>
struct holder {
    static constexpr shape value = S;
};
}  // namespace

TEST_CASE("a shape counts its elements, its features and its rows") {
    STATIC_REQUIRE(dims(60, 2).elements() == 120);
    STATIC_REQUIRE(dims(60, 2).features() == 2);
    STATIC_REQUIRE(dims(60, 2).rows() == 60);
    STATIC_REQUIRE(dims(5).rows() == 1);
    STATIC_REQUIRE(dims(2, 3, 4, 5).elements() == 120);
    STATIC_REQUIRE(dims(2, 3, 4, 5).rows() == 24);
}

TEST_CASE("a shape without dims is one element, one with an empty dim is none") {
    STATIC_REQUIRE(dims().elements() == 1);
    STATIC_REQUIRE(dims().features() == 1);
    STATIC_REQUIRE(dims().rows() == 1);
    STATIC_REQUIRE(dims(3, 0).elements() == 0);
    STATIC_REQUIRE(dims(3, 0).rows() == 0);
    STATIC_REQUIRE(dims(0, 3).rows() == 0);
}

TEST_CASE("another innermost extent leaves the others as they are") {
    STATIC_REQUIRE(dims(60, 2).with_features(50) == dims(60, 50));
    STATIC_REQUIRE(dims(2).with_features(7) == dims(7));
    STATIC_REQUIRE(dims().with_features(7) == dims());
}

TEST_CASE("shapes are equal by rank and extents, and template arguments") {
    STATIC_REQUIRE(dims(1, 2) == dims(1, 2));
    STATIC_REQUIRE(!(dims(1, 2) == dims(2, 1)));
    STATIC_REQUIRE(!(dims(2) == dims(2, 1)));
    STATIC_REQUIRE(shape{1, {4, 9, 9, 9}} == dims(4));  // what lies behind the rank does not count
    STATIC_REQUIRE(holder<dims(4, 3)>::value == dims(4, 3));
}

TEST_CASE("large extents are counted in 64 bits") { STATIC_REQUIRE(dims(100000, 100000).elements() == 10'000'000'000); }

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/comm/self.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace espalier;

TEST_CASE("self leaves a single summand in its place and copies it elsewhere", "[comm]") {
    self world;
    std::vector<float> x{1, 2, 3}, y(3);
    summand<float> const whole[] = {{{0, 8}, x.data()}};
    world.all_reduce(ordered_sum<float>{8, whole}, x.data(), 3);
    CHECK(x == std::vector<float>{1, 2, 3});
    world.all_reduce(ordered_sum<float>{8, whole}, y.data(), 3);
    CHECK(y == x);
}

TEST_CASE("self sums several summands along the tree", "[comm]") {
    // 1 + 2⁻²⁴ is lost in float, 2⁻²⁴ + 2⁻²⁴ is not: (a b) c differs from a (b c).
    float const a = 1, b = 0x1p-24f, c = 0x1p-24f;
    summand<float> const three[] = {{{0, 1}, &a}, {{1, 2}, &b}, {{2, 3}, &c}};
    float out = 0;
    self{}.all_reduce(ordered_sum<float>{3, three}, &out, 1);
    CHECK(out == 1.f);
    summand<float> const other[] = {{{0, 2}, &a}, {{2, 3}, &b}, {{3, 4}, &c}};
    self{}.all_reduce(ordered_sum<float>{4, other}, &out, 1);
    CHECK(out == 1.f + 0x1p-23f);
}

TEST_CASE("self's reduce-scatter gives all that lies between the borders", "[comm]") {
    std::vector<float> const x{1, 2, 3, 4};
    std::vector<float> out(4);
    std::int64_t const borders[] = {0, 4};
    self{}.reduce_scatter(x.data(), out.data(), borders, maximum{});
    CHECK(out == x);
}

TEST_CASE("self refuses more than one rank, and says what to choose instead", "[comm]") {
    std::string text;
    try {
        self::launch(4, [](self&) {});
    } catch (invalid_setting const& e) {
        text = e.what();
    }
    CHECK(text == "espalier: self: requires 1 rank; got 4. Choose `threads` as the communicator to train on several ranks, or "
                  "launch one. See docs/policies/communicator.md.");
}

TEST_CASE("self names summands that do not make the whole sum", "[comm]") {
    float const x = 1;
    float out     = 0;
    summand<float> const first[] = {{{0, 1}, &x}};
    CHECK_THROWS_AS(self{}.all_reduce(ordered_sum<float>{2, first}, &out, 1), invalid_setting);
}

TEST_CASE("self's operations with a root refuse one that is no rank", "[comm]") {
    self world;
    float x = 1, y = 0;
    std::int64_t const borders[] = {0, 1};
    CHECK_THROWS_AS(world.reduce(&x, &y, 1, sum{}, 1), invalid_setting);
    CHECK_THROWS_AS(world.gather(&x, &y, borders, -1), invalid_setting);
    CHECK_THROWS_AS(world.scatter(&x, &y, borders, 1), invalid_setting);
    CHECK_THROWS_AS((void)world.post_reduce(&x, &y, 1, sum{}, 1), invalid_setting);
    CHECK(y == 0);
}

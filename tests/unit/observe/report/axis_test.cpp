// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/observe/report/axis.hpp>

#include <limits>

using namespace espalier;
using charts::axis_of;

namespace {
std::vector<std::string> labels(charts::axis const& a) {
    std::vector<std::string> out;
    for (double tick : a.ticks) out.push_back(a.label(tick));
    return out;
}
using words = std::vector<std::string>;
} // namespace

TEST_CASE("ticks are multiples of 1, 2 or 5 times a power of ten") {
    CHECK(labels(axis_of({0, 10, false})) == words{"0", "2", "4", "6", "8", "10"});
    CHECK(labels(axis_of({-0.03, 0.11, false})) == words{"−0.05", "0.00", "0.05", "0.10", "0.15"});
    CHECK(labels(axis_of({1, 5100, false}, 8, false)) == words{"1,000", "2,000", "3,000", "4,000", "5,000"});
    CHECK(labels(axis_of({0.93, 1.21, false})) == words{"0.9", "1.0", "1.1", "1.2", "1.3"});
}

TEST_CASE("an axis ends at ticks, or where its range does") {
    CHECK(axis_of({0.93, 1.21, false}).low == Approx(0.9));
    CHECK(axis_of({0.93, 1.21, false}).high == Approx(1.3));
    auto const exact = axis_of({0.93, 1.21, false}, 5, false);
    CHECK(exact.low == 0.93);
    CHECK(exact.share(0.93) == 0.0);
    CHECK(exact.share(1.21) == 1.0);
    CHECK(exact.share(1.07) == Approx(0.5));
}

TEST_CASE("a range without extent is widened, and an empty one is 0 to 1") {
    for (double v : {3.0, -3.0, 0.0, 1e-305, 1e308, 0.9999999999}) {
        charts::range r;
        r.add(v), r.add(v);
        auto const a = axis_of(r);
        INFO(v);
        CHECK(a.low < a.high);
        CHECK(std::isfinite(a.share(v)));
        CHECK(a.ticks.size() >= 2);
        CHECK(a.ticks.size() < 20);
    }
    auto const empty = axis_of({});
    CHECK(empty.low == 0);
    CHECK(empty.high == 1);
}

TEST_CASE("ranges from the smallest to the largest numbers have few ticks") {
    double const most = std::numeric_limits<double>::max();
    for (auto const& [low, high] : {std::pair{-most, most}, {0.0, 1e-300}, {-1e-12, 1.0}, {1e6, 1e6 + 1e-6}, {-1e300, -1e299}}) {
        auto const a = axis_of({low, high, false});
        CHECK(a.ticks.size() >= 2);
        CHECK(a.ticks.size() < 20);
        for (double tick : a.ticks) CHECK(a.label(tick).size() < 16);
    }
}

TEST_CASE("what is not finite does not widen a range") {
    charts::range r;
    r.add(std::numeric_limits<double>::quiet_NaN());
    CHECK(r.is_empty);
    r.add(2), r.add(std::numeric_limits<double>::infinity()), r.add(-1);
    CHECK(r.low == -1);
    CHECK(r.high == 2);
}

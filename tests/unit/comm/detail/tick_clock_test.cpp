// SPDX-License-Identifier: BSL-1.0
/// @file
/// How counts become times: by hand, without a clock. That the recorder's times are those of the steady clock is seen in
/// tests/unit/comm/flight_recorder_test.cpp.
#include "support/catch.hpp"

#include <espalier/comm/detail/tick_clock.hpp>

#include <cstdint>

using espalier::detail::tick_clock;

TEST_CASE("a count becomes a time by the rate between two moments, wherever it was taken", "[comm]") {
    // 2,000,000 ticks in 1,000,000 ns.
    tick_clock::moment const first{.ticks = 10'000'000, .steady_ns = 500'000'000}, last{.ticks = 12'000'000, .steady_ns = 501'000'000};
    CHECK(tick_clock::to_steady_ns(12'000'000, first, last) == 501'000'000);
    CHECK(tick_clock::to_steady_ns(11'000'000, first, last) == 500'500'000);
    CHECK(tick_clock::to_steady_ns(10'000'000, first, last) == 500'000'000);
    CHECK(tick_clock::to_steady_ns(9'000'000, first, last) == 499'500'000);   // before the first
    CHECK(tick_clock::to_steady_ns(14'000'000, first, last) == 502'000'000);  // after the last
}

TEST_CASE("where no count has passed between two moments, every time is the last", "[comm]") {
    tick_clock::moment const first{.ticks = 7, .steady_ns = 100}, last{.ticks = 7, .steady_ns = 160};
    CHECK(tick_clock::to_steady_ns(7, first, last) == 160);
    CHECK(tick_clock::to_steady_ns(9, first, last) == 160);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"
#include "unit/data/window_oracle.hpp"

#include <cmath>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::steady_series;
using espalier_test::words_of;

TEST_CASE("Too few bars for a window are rejected with the numbers") {
    auto const words = [](int minutes, double fraction) {
        return words_of<bad_data>(
            [&] { static_cast<void>(windows_of({steady_series("A", 0, 1, minutes)}, {.train_fraction = fraction})); });
    };
    CHECK(words(65, 1) ==
          "espalier: windows: requires a training window: 66 minutes in a row (60 steps, a horizon of 5, one close "
          "before); got at most 65 in 65 bars of 1 series, with the cut at 1970-01-01 11:05 UTC. Give longer series, "
          "lower steps or horizon, or raise train_fraction. See docs/howto/data.md.");
    CHECK(words(66, 1) == "");
    CHECK_THAT(words(100, 0.5), ContainsSubstring("requires a training window: 66 minutes in a row") &&
                                    ContainsSubstring("at most 100 in 100 bars"));
    CHECK_THAT(words(100, 0.9), ContainsSubstring("requires a test window") &&
                                    ContainsSubstring("set train_fraction to 1 to do without a test part"));
    CHECK(words_of<bad_data>([] {
              static_cast<void>(windows_of({bar_series{"A", {}}, bar_series{"B", {}}}));
          }) == "espalier: windows: requires at least one bar; got none in 2 series. Give bars. See docs/howto/data.md.");
}

TEST_CASE("Bars that cannot be used are rejected with ticker and time") {
    auto const words = [](auto&& change) {
        auto series = steady_series("XYZ", 0, 1, 100);
        change(series.bars);
        return words_of<bad_data>([&] { static_cast<void>(windows_of({series})); });
    };
    using bars = std::vector<bar>&;
    CHECK(words([](bars b) { b[3].close = 0; }) == "espalier: windows: requires a finite close above 0 (XYZ, bar 3, time "
                                                   "36180000 ms); got 0. Correct the bar or remove it. See "
                                                   "docs/howto/data.md.");
    CHECK_THAT(words([](bars b) { b[3].close = std::nanf(""); }),
               ContainsSubstring("a finite close above 0") && ContainsSubstring("got nan"));
    CHECK_THAT(words([](bars b) { b[3].close = HUGE_VALF; }),
               ContainsSubstring("a finite close above 0") && ContainsSubstring("got inf"));
    CHECK_THAT(words([](bars b) { b[3].volume = -1; }),
               ContainsSubstring("a finite volume of 0 or more") && ContainsSubstring("got -1"));
    CHECK_THAT(
        words([](bars b) { b[4].time_ms = b[3].time_ms + 59'999; }),
        ContainsSubstring("at most one bar a minute, in rising order (XYZ, bar 4, time 36239999 ms); got one after a bar of "
                          "36180000 ms"));
    CHECK_THAT(words([](bars b) { std::swap(b[3], b[4]); }), ContainsSubstring("in rising order"));
}

TEST_CASE("Settings out of their range are rejected with the value") {
    auto const words = [](window_settings const& s) {
        return words_of<invalid_setting>([&] { static_cast<void>(windows_of({steady_series("A", 0, 1, 300)}, s)); });
    };
    CHECK(words({.steps = 0}) ==
          "espalier: windows: requires steps of 1 or more; got 0. Set steps to 60. See docs/howto/data.md.");
    CHECK_THAT(words({.horizon = 0}), ContainsSubstring("requires a horizon of 1 or more minutes; got 0."));
    CHECK_THAT(words({.max_gap_minutes = -1}), ContainsSubstring("requires max_gap_minutes of 0 or more; got -1."));
    CHECK_THAT(words({.train_fraction = 0}), ContainsSubstring("requires train_fraction above 0 and at most 1; got 0."));
    CHECK_THAT(words({.train_fraction = 1.5}), ContainsSubstring("at most 1; got 1.5."));
}

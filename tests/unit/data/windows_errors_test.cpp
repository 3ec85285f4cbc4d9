// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"
#include "unit/data/window_oracle.hpp"

#include <cmath>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::at_any_time;
using espalier_test::steady_series;
using espalier_test::words_of;

TEST_CASE("Too few bars for a window are rejected with the numbers") {
    auto const words = [](int minutes, double fraction) {
        return words_of<bad_data>(
            [&] { static_cast<void>(windows_of({steady_series("A", 0, 1, minutes)}, {.train_fraction = fraction}, at_any_time(0))); });
    };
    CHECK(words(65, 1) ==
          "espalier: windows: requires a training window: 66 minutes in a row (60 steps, a horizon of 5, and 1 "
          "before that features look back to); got at most 65 in 1 series, with the cut at 1970-01-01 11:05 UTC. Give longer series, "
          "lower steps or horizon, or raise train_fraction. See docs/howto/data.md.");
    CHECK(words(66, 1) == "");
    CHECK_THAT(words(100, 0.5), ContainsSubstring("requires a training window: 66 minutes in a row") &&
                                    ContainsSubstring("at most 100 in 1 series"));
    CHECK_THAT(words(100, 0.9), ContainsSubstring("requires a test window") &&
                                    ContainsSubstring("set train_fraction to 1 to do without a test part"));
    CHECK(words_of<bad_data>([] {
              static_cast<void>(windows_of({bar_series{"A", {}}, bar_series{"B", {}}}));
          }) == "espalier: clean: requires at least one bar that stays; got none in 2 series. Give bars, or check the session and the rules. See docs/howto/data.md.");
}

TEST_CASE("Settings out of their range are rejected with the value") {
    auto const words = [](window_settings const& s) {
        return words_of<invalid_setting>([&] { static_cast<void>(windows_of({steady_series("A", 0, 1, 300)}, s, at_any_time())); });
    };
    CHECK(words({.steps = 0}) ==
          "espalier: windows: requires steps of 1 or more; got 0. Set steps to 60. See docs/howto/data.md.");
    CHECK_THAT(words({.horizon = 0}), ContainsSubstring("requires a horizon of 1 or more minutes; got 0."));
    CHECK_THAT(words({.train_fraction = 0}), ContainsSubstring("requires train_fraction above 0 and at most 1; got 0."));
    CHECK_THAT(words({.train_fraction = 1.5}), ContainsSubstring("at most 1; got 1.5."));
    CHECK_THAT(words({.validation_fraction = 0.3}),
               ContainsSubstring("requires validation_fraction of 0 or more, and at most 1 with train_fraction; got 0.3."));
}

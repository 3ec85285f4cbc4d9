// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/panel_cases.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/panel_windows.hpp>

using namespace espalier;
using namespace espalier_test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("Panel windows that cannot be are rejected with the numbers that say why") {
    auto const words = [](panel const& p, panel_window_settings const& s) {
        return words_of<error>([&] { static_cast<void>(windows_of(p, s)); });
    };
    panel_window_settings const by_difference{.steps = 10, .horizon = 5, .target_change = change::difference};
    auto const with = [&](auto set) {
        panel_window_settings s = by_difference;
        set(s);
        return s;
    };
    auto const p = squares(100);
    CHECK_THAT(words(p, with([](auto& s) { s.steps = 0; })),
               ContainsSubstring("panel_windows: requires steps of 1 or more; got 0."));
    CHECK_THAT(words(p, with([](auto& s) { s.horizon = 0; })), ContainsSubstring("requires a horizon of 1 or more days; got 0."));
    CHECK_THAT(words(p, with([](auto& s) { s.train_fraction = 0; })),
               ContainsSubstring("requires train_fraction above 0 and at most 1; got 0."));
    CHECK_THAT(words(p, with([](auto& s) { s.validation_fraction = 0.3; })),
               ContainsSubstring("requires validation_fraction of 0 or more, and at most 1"));
    CHECK_THAT(words(p, with([](auto& s) { s.target_change = change::level; })),
               ContainsSubstring("requires a change of the target, log_return or difference; got level."));
    CHECK(words(p, with([](auto& s) { s.target_change = change::log_return; })) ==
          "espalier: panel_windows: requires a target above 0, of which a log return can be taken (x, 1970-01-01); got 0. Set "
          "target_change to change::difference. See docs/howto/panel.md.");
    CHECK_THAT(words(squares(15), with([](auto& s) { s.train_fraction = 1; })),
               ContainsSubstring(
                   "requires a training window: 16 days in a row (10 steps, a horizon of 5, and the day before); got none in "
                   "15 days, of which at most 15 are in a row."));
    CHECK(windows_of(squares(16), with([](auto& s) { s.train_fraction = 1; })).train.size() == 1);
    CHECK_THAT(words(squares(60), by_difference), ContainsSubstring("requires a test window: 16 days in a row"));
    CHECK_THAT(words(p, with([](auto& s) { s.validation_fraction = 0.1; })), ContainsSubstring("requires a validation window: "));
    CHECK_THAT(words(panel{}, by_difference), ContainsSubstring("requires a training window: "));
}

TEST_CASE("A newest window that cannot be is rejected with the numbers that say why") {
    auto const p     = panel_of({{{"x", {{0, 1}, {1, 2}, {2, 3}, {3, 5}, {50, 1}, {51, 2}}}, change::level}}, {.target = "x"});
    auto const words = [&](feature_scaler const& scaler, int steps) {
        double x[4];
        return words_of<error>([&] { gather_newest(p, scaler, steps, x); });
    };
    feature_scaler const one{{0}, {1}};
    CHECK(words(one, 2) ==
          "espalier: panel_windows: requires 3 days in a row at the panel's end (2 steps, and the day before); got 2. "
          "Bring every series up to date. See docs/howto/panel.md.");
    CHECK(words(one, 1).empty());
    CHECK_THAT(words(one, 0), ContainsSubstring("requires steps of 1 or more; got 0."));
    CHECK_THAT(words({{0, 0}, {1, 1}}, 1), ContainsSubstring("requires a scaler of the panel's 1 series; got one of 2."));
}

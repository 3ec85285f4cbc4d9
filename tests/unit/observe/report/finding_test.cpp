// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/observe/report/simulated_forecasts.hpp"

#include <espalier/observe/report/finding.hpp>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using espalier_test::simulated_forecasts;

namespace {
/// A model of error 1 − skill beside naive forecasts of errors 1, 1 and 2.
assessment assessed(double skill, std::optional<interval> between) {
    assessment a{.windows = 1000, .days = 12};
    a.model.squared_error.value = 1 - skill;
    double const naive[]        = {1, 1.001, 2};
    for (int i = 0; i < 3; ++i) {
        a.naive[i].squared_error.value = naive[i];
        a.against[i]                   = {1 - (1 - skill) / naive[i], between};
    }
    return a;
}
} // namespace

TEST_CASE("a model that is not better is said to be so, with the margin") {
    auto const f = finding_of(assessed(-0.012, interval{-0.031, -0.002}));
    CHECK(f.what == outcome::not_better);
    CHECK(f.sentence ==
          "The model does not beat predicting no change: its mean squared error is 1.20\u00A0% higher (95\u00A0% interval "
          "of its skill −3.10\u00A0% to −0.20\u00A0%).");
    CHECK_THAT(finding_of(assessed(0, interval{-1, 1})).sentence,
               StartsWith("The model does not beat predicting no change: its mean squared error is the same ("));
}

TEST_CASE("a skill whose interval includes 0 could be chance") {
    auto const f = finding_of(assessed(0.008, interval{-0.002, 0.018}));
    CHECK(f.what == outcome::could_be_chance);
    CHECK(f.sentence ==
          "The model’s error is the smallest, but this could be chance: its mean squared error is 0.80\u00A0% lower than "
          "that of predicting no change (95\u00A0% interval of its skill −0.20\u00A0% to +1.80\u00A0%), and the interval "
          "includes 0.");
    CHECK(finding_of(assessed(0.008, interval{0, 0.018})).what == outcome::could_be_chance);
}

TEST_CASE("a skill whose interval lies above 0 is a finding, with the interval") {
    auto const f = finding_of(assessed(0.021, interval{0.01, 0.033}));
    CHECK(f.what == outcome::better);
    CHECK(f.sentence ==
          "The model beats every naive forecast: its mean squared error is 2.10\u00A0% lower than that of predicting no "
          "change (95\u00A0% interval of its skill +1.00\u00A0% to +3.30\u00A0%).");
}

TEST_CASE("every naive forecast must be beaten, not the best one only") {
    auto a               = assessed(0.021, interval{0.01, 0.033});
    a.against[2].between = interval{-0.01, 0.9};
    CHECK_THAT(finding_of(a).sentence,
               ContainsSubstring(
                   "could be chance: its mean squared error is 51.05\u00A0% lower than that of repeating the last return"));
    a.naive[2].squared_error.value = 0.5;
    CHECK_THAT(finding_of(a).sentence,
               StartsWith("The model does not beat repeating the last return: its mean squared error is 95.80\u00A0% higher"));
}

TEST_CASE("without an interval a smaller error could be chance") {
    auto a = assessed(0.021, {});
    a.days = 1;
    CHECK(finding_of(a).what == outcome::could_be_chance);
    CHECK_THAT(finding_of(a).sentence, ContainsSubstring("(without an interval: 1 day of forecasts)."));
}

TEST_CASE("without forecasts, or without finite ones, nothing is compared") {
    CHECK(finding_of(assessment{}).what == outcome::no_forecasts);
    CHECK_THAT(finding_of(assessment{}).sentence, StartsWith("There are no test forecasts"));
    CHECK_THAT(finding_of(assessment{.left_out = 3}).sentence, StartsWith("No test forecast is a finite number"));
}

TEST_CASE("prices that never move make no model better than predicting no change") {
    assessment a = assessed(0, {});
    for (auto& naive : a.naive) naive.squared_error.value = 0;
    CHECK_THAT(finding_of(a).sentence,
               StartsWith("The model does not beat predicting no change: its mean squared error is above zero ("));
}

TEST_CASE("simulated forecasts are found to be what they are") {
    CHECK(finding_of(assess(simulated_forecasts({.signal = 3}))).what == outcome::better);
    CHECK(finding_of(assess(simulated_forecasts({.error = 2}))).what == outcome::not_better);
    CHECK(finding_of(assess(simulated_forecasts({.days = 1, .signal = 3}))).what == outcome::could_be_chance);
}

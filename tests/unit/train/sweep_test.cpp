// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/train/sweep.hpp>

#include <limits>
#include <stdexcept>

using namespace espalier;

namespace {
struct candidate {
    std::string name;
    double validation, test;
};

/// What a candidate says of itself; one with a test loss below zero throws.
trial_result run(candidate const& c) {
    if (c.test < 0) throw std::runtime_error{c.test < -1 ? "" : "no luck"};
    return {.validation_loss = c.validation, .test_loss = c.test, .seconds = 1.5, .steps = 100};
}
sweep_result swept(std::vector<candidate> const& candidates) { return sweep(candidates, run); }
}  // namespace

TEST_CASE("candidates are run one after the other, and the best is the best by validation, whatever the test says") {
    std::string order;
    std::vector<candidate> const candidates{{"a", 0.5, 0.125}, {"b", 0.25, 9}, {"c", 0.25, 0.5}, {"d", 0.75, 0.0625}};
    auto const found = sweep(candidates, [&](candidate const& c) {
        order += c.name;
        return run(c);
    });
    CHECK(order == "abcd");
    CHECK(found.best().name == "b");  // the first of two equal ones
    CHECK(found.best_index() == 1);
    REQUIRE(found.trials().size() == 4);
    CHECK(found.trials()[3].result.test_loss == 0.0625);
    CHECK(swept({{"a", -0.5, 1}, {"b", -2, 1}}).best().name == "b");
}

TEST_CASE("the table has a line a trial in their order, with a star at the best and the words of those that failed") {
    CHECK(swept({{"rate 1e-2", 0.5, 0.125}, {"broken", 0, -1}, {"rate 1e-3, wide", 1.0 / 3, 2}}).table() ==
          "  candidate          validation          test     steps   seconds\n"
          "  rate 1e-2                 0.5         0.125       100      1.50\n"
          "  broken             no luck\n"
          "* rate 1e-3, wide      0.333333             2       100      1.50\n");
}

TEST_CASE("a trial that throws or whose validation loss is not finite is recorded, and the others go on") {
    double const nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
    auto const found = swept({{"throws", 0, -1}, {"nan", nan, 1}, {"falls without end", -infinity, 1}, {"silent", 0, -2}, {"runs", 7, 1}});
    CHECK(found.best().name == "runs");
    CHECK(found.trials()[0].failure == "no luck");
    CHECK(found.trials()[1].failure == "its validation loss is nan");
    CHECK(found.trials()[2].failure == "its validation loss is -inf");
    CHECK(found.trials()[3].failure == "an exception without words");
    CHECK(!found.trials()[4].has_failed());
}

TEST_CASE("a sweep in which all fail says why, and one of nothing too") {
    CHECK_THROWS_WITH(swept({{"a", 0, -1}, {"b", 0, -2}}), "espalier: sweep: requires a candidate that runs; got failures of all 2 (a: no luck). Mend "
                                                           "what the first one says. See docs/policies/model.md.");
    CHECK_THROWS_WITH(swept({}), "espalier: sweep: requires at least one candidate; got none. Give the settings that are to be compared. See "
                                 "docs/policies/model.md.");
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/observe/progress.hpp>

#include <regex>
#include <sstream>
#include <string>
#include <vector>

using namespace espalier;

namespace {
step_report report(std::int64_t step, std::int64_t last) {
    return {.step          = step,
            .epoch         = 1 + step / 50,
            .last_step     = last,
            .samples       = 32,
            .loss          = 0.125,
            .learning_rate = 1e-3,
            .gradient_norm = 0};
}

/// What progress writes for the steps first + 1 … last.
std::string shown(progress::style how, std::int64_t first, std::int64_t last) {
    std::ostringstream out;
    progress p{out, how};
    p.on_start(report(first, last));
    for (std::int64_t step = first + 1; step <= last; ++step) p.on_step(report(step, last));
    p.on_finish(report(last, last));
    return out.str();
}

/// The steps that have a line. Every line must have the form that is promised.
std::vector<int> steps_shown(std::string const& text) {
    static std::regex const form{
        R"(step (\d+)/\d+  epoch \d+  loss 0\.125000  \d+ samples/s  \d+ (s|min \d\d s|h \d\d min) left)"};
    std::vector<int> steps;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
        std::smatch match;
        INFO(line);
        REQUIRE(std::regex_match(line, match, form));
        steps.push_back(std::stoi(match[1]));
    }
    return steps;
}
}  // namespace

TEST_CASE("plain lines come at the first step, at each tenth of the way and at the last") {
    CHECK(steps_shown(shown(progress::style::lines, 0, 100)) == std::vector<int>{1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100});
    CHECK(steps_shown(shown(progress::style::lines, 0, 1005)) ==
          std::vector<int>{1, 101, 201, 302, 402, 503, 603, 704, 804, 905, 1005});
    CHECK(steps_shown(shown(progress::style::lines, 0, 3)) == std::vector<int>{1, 2, 3});
    CHECK(steps_shown(shown(progress::style::lines, 0, 1)) == std::vector<int>{1});
}

TEST_CASE("a resumed run counts its tenths from where it resumed") {
    CHECK(steps_shown(shown(progress::style::lines, 900, 1000)) ==
          std::vector<int>{901, 910, 920, 930, 940, 950, 960, 970, 980, 990, 1000});
}

TEST_CASE("a plain line has no control characters") {
    for (char c : shown(progress::style::lines, 0, 20)) CHECK((c == '\n' || (c >= ' ' && c <= '~')));
}

TEST_CASE("the bar redraws one line and ends it full at the last step") {
    std::string const text = shown(progress::style::bar, 0, 100);
    std::size_t const last = text.rfind('\r');
    REQUIRE(last != std::string::npos);
    CHECK(text.substr(last, 34) == "\r[========================] step 1");
    CHECK(text.substr(last + 28, 12) == "step 100/100");
    CHECK(text.substr(text.size() - 4) == "\033[K\n");
    CHECK(text.find('\n') == text.size() - 1);  // no other line
}

TEST_CASE("a bar that ends before the last step, or with a validation, ends with a line of its own") {
    for (bool validated : {false, true}) {
        std::ostringstream out;
        progress p{out, progress::style::bar};
        p.on_start(report(0, 100));
        for (std::int64_t step = 1; step <= 50; ++step) p.on_step(report(step, 100));
        if (validated) p.on_validate({.step = 50, .epoch = 2, .loss = 0.25, .best_loss = 0.1875, .best_step = 25, .epochs_waited = 1});
        p.on_finish(report(50, 100));
        std::string const text = out.str();
        std::string const last = text.substr(text.rfind('\r') + 1);
        CHECK_THAT(last, Catch::Matchers::StartsWith("[============>           ] step 50/100  epoch 2  loss 0.125000  "));
        CHECK_THAT(last, Catch::Matchers::EndsWith(validated ? " left  validation 0.250000 (best 0.187500)\033[K\n" : " left\033[K\n"));
        CHECK(text.find('\n') == text.size() - 1);
    }
}

TEST_CASE("a run that does no step leaves no bar") {
    std::ostringstream out;
    progress p{out, progress::style::bar};
    p.on_start(report(100, 100));
    p.on_finish(report(100, 100));
    CHECK(out.str().empty());
}

TEST_CASE("each validation has a plain line") {
    std::ostringstream out;
    progress p{out, progress::style::lines};
    p.on_start(report(0, 100));
    p.on_validate({.step = 50, .epoch = 2, .loss = 0.25, .best_loss = 0.1875, .best_step = 25, .epochs_waited = 1});
    p.on_finish(report(50, 100));
    CHECK(out.str() == "validation at step 50  epoch 2  loss 0.250000  best 0.187500 at step 25\n");
}

TEST_CASE("the bar shows the last step even where it comes at once, and nothing where no step is done") {
    std::ostringstream out;
    progress p{out, progress::style::bar};
    p.on_start(report(7, 7));
    CHECK(out.str().empty());
    p.on_step(report(7, 7));
    CHECK_THAT(out.str(), Catch::Matchers::ContainsSubstring("step 7/7"));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"
#include "unit/observe/report/markup.hpp"
#include "unit/observe/report/simulated_forecasts.hpp"

#include <espalier/observe/report.hpp>

#include <fstream>
#include <iterator>
#include <limits>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::count_in;
using espalier_test::fault_in;
using espalier_test::simulated_forecasts;

namespace {
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// A run that has everything.
report_contents everything() {
    report_contents c;
    c.title   = "A run";
    c.command = "program --steps 300", c.hardware = "a machine", c.arithmetic = "an arithmetic", c.plan = "plan of rank 0 of 1\n";
    c.state   = {run_ending::stopped_early, 300, 900};
    c.seconds = 61;
    for (int i = 1; i <= 300; ++i) c.training.push_back({i, 1.0 + 1.0 / i});
    c.validation = {{100, 1.25}, {200, 1.125}, {300, 1.5}};
    c.split      = {{"training", 1000, 3, 0, 60'000}, {"test", 0, 0, 0, 0}};
    c.cleaning   = table{{"Ticker", "Bars"}, {{"T1", "1,200"}, {"T2", "300"}}, {"All", "1,500"}};
    c.sweep      = {{"first", 0.5, 0.625, 12, false}, {"second", 0.25, 0.375, 13, true}, {"third", 0, 0, 1, false, "it failed"}};
    c.test       = simulated_forecasts({.days = 4, .minutes = 60, .signal = 3});
    c.notes      = {"a note"};
    return c;
}

/// The page of contents, which must be well-formed, free of numbers that are none, and of anything from elsewhere.
std::string page_of(report_contents const& c) {
    std::string const page = report_html(c);
    CHECK(fault_in(page) == "");
    CHECK(count_in(page, "nan") + count_in(page, "inf\"") + count_in(page, ">inf") == 0);
    CHECK(count_in(page, "http") + count_in(page, "<script") + count_in(page, "src=") + count_in(page, "@import") == 0);
    CHECK(count_in(page, "<svg ") == count_in(page, "role=\"img\""));
    CHECK(count_in(page, "<table>") == count_in(page, "<caption>"));
    return page;
}
} // namespace

TEST_CASE("a page of a whole run has every section, six charts, and the finding as its first line") {
    auto const page = page_of(everything());
    for (char const* section : {"How good the forecasts are", "Forecast and outcome", "By ticker", "By time of day", "Training",
                                "Candidates", "Data", "How it was run", "Notes"})
        CHECK(count_in(page, joined("<h2>", section, "</h2>")) == 1);
    CHECK(count_in(page, "<svg ") == 6);
    auto const finding = page.find("The model beats every naive forecast: its mean squared error is ");
    REQUIRE(finding != std::string::npos);
    CHECK(page.find("</h1>") < finding);
    CHECK(finding < page.find("<p>") + 10); // no paragraph stands before it
    CHECK_THAT(
        page, ContainsSubstring(
                  "Validation stopped training early, at step 300 of 900. The validation loss was smallest at step 200: 1.125."));
    CHECK_THAT(page, ContainsSubstring("best: step 200"));
    CHECK_THAT(page, ContainsSubstring("<tr class=\"strong\"><th scope=\"row\">second</th><td class=\"number\">0.250000</td>"));
    CHECK_THAT(page, ContainsSubstring("failed: it failed"));
    CHECK_THAT(page, ContainsSubstring("<tfoot><tr><th scope=\"row\">All</th><td class=\"number\">1,500</td></tr>"));
    CHECK_THAT(page,
               ContainsSubstring(
                   "<th scope=\"row\">test</th><td class=\"number\">0</td><td class=\"number\">0</td><td>–</td><td>–</td>"));
    CHECK_THAT(page, ContainsSubstring("<dt>Training time</dt><dd>1\u00A0min 01\u00A0s</dd>"));
}

TEST_CASE("the first line says it where the model is not better, and where it could be chance") {
    auto c = everything();
    c.test = simulated_forecasts({.days = 10, .minutes = 60, .error = 5});
    CHECK_THAT(page_of(c),
               ContainsSubstring(
                   "<strong>Not better</strong>\n<p>The model does not beat predicting no change: its mean squared error is "));
    c.test = simulated_forecasts({.days = 4, .minutes = 60, .signal = 1, .seed = 2});
    c.test->of.resize(60); // one day of one ticker
    auto const page = page_of(c);
    CHECK_THAT(page, ContainsSubstring(
                         "<strong>Could be chance</strong>\n<p>The model’s error is the smallest, but this could be chance"));
    CHECK_THAT(page, ContainsSubstring("There are no intervals: they need more than 1 day of forecasts, and there is 1."));
}

TEST_CASE("contents that are empty make a page that says so, without an empty chart or table") {
    auto const page = page_of({});
    CHECK(count_in(page, "<svg ") + count_in(page, "<table") == 0);
    CHECK_THAT(page, ContainsSubstring("There are no test forecasts, so nothing is known"));
    CHECK_THAT(page, ContainsSubstring("No losses were recorded."));
    CHECK_THAT(page, ContainsSubstring("No validation loss was computed."));
    for (char const* section : {"Candidates", "Data", "How it was run", "Notes", "By ticker"})
        CHECK(count_in(page, joined("<h2>", section)) == 0);
    auto c     = everything();
    c.test     = forecast_set{};
    c.cleaning = table{};
    CHECK(count_in(page_of(c), "<svg ") == 1);
}

TEST_CASE("a run that was interrupted says so below the finding") {
    auto c  = everything();
    c.state = {run_ending::interrupted, 210, 900};
    CHECK_THAT(page_of(c), ContainsSubstring("The run was interrupted at step 210 of 900: its model is unfinished."));
    c.state.planned_steps = 0;
    CHECK_THAT(page_of(c), ContainsSubstring("The run was interrupted at step 210: its model is unfinished."));
}

TEST_CASE("one ticker has no chart of tickers, one half-hour none of times") {
    auto c = everything();
    c.test = simulated_forecasts({.tickers = 1, .days = 4, .minutes = 60, .signal = 3});
    CHECK(count_in(page_of(c), "<h2>By ticker") == 0);
    c.test = simulated_forecasts({.days = 4, .minutes = 30, .signal = 3});
    CHECK(count_in(page_of(c), "<h2>By time of day") == 0);
}

TEST_CASE("many tickers are drawn as the best and the worst") {
    auto c            = everything();
    c.test            = simulated_forecasts({.tickers = 50, .days = 3, .minutes = 4, .signal = 3});
    c.intervals.draws = 50;
    auto const page   = page_of(c);
    CHECK_THAT(page, ContainsSubstring("Shown are the 20 best and the 20 worst."));
    CHECK(count_in(page, "class=\"bar ") == 40);
}

TEST_CASE("losses that are equal, one, or no numbers are drawn or told") {
    auto c = everything();
    c.validation.clear(), c.test.reset();
    for (auto& p : c.training) p.loss = 1;
    CHECK(count_in(page_of(c), "<svg ") == 1);
    for (auto& p : c.training) p.loss = 0;
    CHECK(count_in(page_of(c), "<svg ") == 1);
    c.training.resize(1);
    c.training[0].loss = 0.5;
    auto page          = page_of(c);
    CHECK(count_in(page, "<svg ") == 0);
    CHECK_THAT(page, ContainsSubstring("One step was recorded, with a loss of 0.5000: too few for a curve."));
    c.training   = {{1, 0.5}, {2, no_number}, {3, std::numeric_limits<double>::infinity()}, {4, 0.25}};
    c.validation = {{4, no_number}};
    page         = page_of(c);
    CHECK(count_in(page, "<svg ") == 1);
    CHECK_THAT(page, ContainsSubstring("3 losses are not finite, and not drawn"));
    for (auto& p : c.training) p.loss = no_number;
    CHECK(count_in(page_of(c), "<svg ") == 0);
    c.training = {{1, 1e308}, {2, -1e308}, {3, 1e-308}};
    CHECK(count_in(page_of(c), "<svg ") == 1);
}

TEST_CASE("forecasts that are all zero, all equal, or of prices that never move divide nothing by zero") {
    auto c              = everything();
    c.test->mean_return = 0.01; // far off, so that no change is the best naive forecast
    for (auto& f : c.test->of) f.predicted = 0;
    CHECK_THAT(page_of(c), ContainsSubstring("The model forecasts the same return for every window"));
    CHECK_THAT(page_of(c), ContainsSubstring("its mean squared error is the same ("));
    for (auto& f : c.test->of) f.actual = f.last = 0;
    CHECK_THAT(page_of(c), ContainsSubstring("<strong>Not better</strong>"));
    for (auto& f : c.test->of) f.predicted = 1e-4 * static_cast<double>(&f - c.test->of.data());
    CHECK_THAT(page_of(c), ContainsSubstring("its mean squared error is above zero ("));
    c.test->mean_return = 0;
    CHECK(count_in(page_of(c), "<svg ") > 1);
}

TEST_CASE("forecasts that are no numbers are left out, and said to be") {
    auto c = everything();
    c.test->of.push_back({0, 0, no_number, 0, 0});
    CHECK_THAT(page_of(c), ContainsSubstring("1 forecast is not finite, and left out everywhere."));
    for (auto& f : c.test->of) f.predicted = no_number;
    CHECK_THAT(page_of(c), ContainsSubstring("No test forecast is a finite number"));
}

TEST_CASE("what comes from outside cannot become part of the page") {
    auto c                  = everything();
    std::string const angry = "<img src=x onerror=\"y\">&'";
    c.title = c.command = c.hardware = c.arithmetic = c.plan = angry;
    c.split[0].part = c.sweep[0].name = c.sweep[2].failure = c.notes[0] = c.test->tickers[0] = c.test->tickers[2] = angry;
    c.cleaning             = table{{angry}, {{angry}}, {angry}};
    std::string const page = report_html(c);
    CHECK(fault_in(page) == "");
    CHECK(count_in(page, "<img") == 0);
    CHECK(count_in(page, "&lt;img src=x onerror=&quot;y&quot;&gt;&amp;&#39;") >= 12);
}

TEST_CASE("the page is written to a file in a folder that is made") {
    espalier_test::temporary_folder const folder;
    auto const file = folder.path() / "a" / "report.html";
    write_report(file, everything());
    std::ifstream in{file, std::ios::binary};
    CHECK(std::string{std::istreambuf_iterator<char>{in}, {}} == report_html(everything()));
    CHECK_THROWS_AS(write_report(file / "below a file" / "report.html", {}), checkpoint::bad_checkpoint);
}

TEST_CASE("a forecast of a ticker without a name, or settings that draw nothing, are errors") {
    auto c               = everything();
    c.test->of[0].ticker = 9;
    CHECK_THROWS_AS(report_html(c), bad_data);
    c                 = everything();
    c.intervals.draws = 0;
    CHECK_THROWS_AS(report_html(c), invalid_setting);
}

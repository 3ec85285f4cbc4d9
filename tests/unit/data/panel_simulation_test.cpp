// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/panel_simulation.hpp>

#include <algorithm>
#include <cmath>
#include <map>

using namespace espalier;
using namespace espalier_test;
using Catch::Matchers::ContainsSubstring;

namespace {

double correlation(std::vector<double> const& a, std::vector<double> const& b) {
    auto const n  = static_cast<double>(a.size());
    double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) mean_a += a[i] / n, mean_b += b[i] / n;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a), bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return ab / std::sqrt(aa * bb);
}
/// Values from `first` on, and log returns.
std::vector<double> levels(panel_column const& c, std::size_t first, std::size_t count) {
    std::vector<double> out;
    for (std::size_t i = first; i < first + count; ++i) out.push_back(c.series.values[i].value);
    return out;
}
std::vector<double> returns(panel_column const& c) {
    std::vector<double> out;
    for (std::size_t i = 1; i < c.series.values.size(); ++i)
        out.push_back(std::log(c.series.values[i].value / c.series.values[i - 1].value));
    return out;
}

} // namespace

TEST_CASE("Simulated series have the correlations that their page states") {
    // Of n = 50,000 days: a correlation of independent days is off by less than 5/√n; one of a series of persistence 0.95 by
    // about √((1 + 0.95)/(1 − 0.95)) times as much.
    std::size_t const n = 50'000;
    double const signal = GENERATE(0.0, 0.1, 0.6), shared = GENERATE(0.0, 0.5);
    auto const all =
        simulated_panel({.series = 4, .days = static_cast<int>(n), .signal = signal, .correlation = shared, .missing = 0});
    double const tolerance = 5 / std::sqrt(static_cast<double>(n)), slow = tolerance * std::sqrt(1.95 / 0.05);
    for (auto const& column : all) REQUIRE(column.series.values.size() == n);
    auto const price = returns(all[0]), other = returns(all[2]);
    std::vector<double> const before = levels(all[1], 0, n - 1);
    CHECK(correlation(price, before) == Approx(signal).margin(tolerance));
    CHECK(correlation(other, before) == Approx(signal).margin(tolerance));
    CHECK(correlation(price, other) == Approx(signal * signal + (1 - signal * signal) * shared).margin(tolerance));
    CHECK(correlation(before, levels(all[1], 1, n - 1)) == Approx(0.95).margin(tolerance));
    CHECK(correlation(before, levels(all[3], 0, n - 1)) == Approx(shared).margin(slow));
    double squares = 0;
    for (double x : before) squares += x * x / static_cast<double>(n);
    CHECK(squares == Approx(1).margin(2 * slow));
}

TEST_CASE("Simulated series lie on weekdays and state what is seen of them") {
    auto const all = simulated_panel({.series = 3, .days = 12, .missing = 0});
    CHECK((all[0].series.name == "SIM0" && all[1].series.name == "SIM1" && all[2].series.name == "SIM2"));
    CHECK((all[0].as == change::log_return && all[1].as == change::level && all[2].as == change::log_return));
    std::vector<std::int64_t> days;
    for (auto const& v : all[2].series.values) days.push_back(v.day - day_of(2010, 1, 4));
    CHECK(days == std::vector<std::int64_t>{0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15}); // 2010-01-04 was a Monday
}

TEST_CASE("Simulated days are missing at the asked rate, of each series by itself, and otherwise the same") {
    auto const all  = simulated_panel({.series = 2, .days = 20'000, .missing = 0.1}),
               full = simulated_panel({.series = 2, .days = 20'000, .missing = 0});
    for (int k : {0, 1}) {
        auto const& some  = all[static_cast<std::size_t>(k)].series.values;
        auto const& every = full[static_cast<std::size_t>(k)].series.values;
        CHECK(static_cast<double>(some.size()) == Approx(18'000).margin(5 * std::sqrt(20'000 * 0.09)));
        CHECK(std::includes(every.begin(), every.end(), some.begin(), some.end(),
                            [](auto const& a, auto const& b) { return a.day < b.day || (a.day == b.day && a.value < b.value); }));
    }
    CHECK(all[0].series.values.size() != all[1].series.values.size());
    CHECK(panel_of(all, {.target = "SIM0"}).counts[1].filled > 1000);
}

TEST_CASE("More simulated days or series begin as fewer do; another seed does not") {
    auto const few = simulated_panel({.series = 2, .days = 100}), more = simulated_panel({.series = 6, .days = 400}),
               other = simulated_panel({.series = 2, .days = 100, .seed = 2});
    for (std::size_t k : {std::size_t{0}, std::size_t{1}}) {
        auto const &a = few[k].series.values, &b = more[k].series.values;
        CHECK(std::equal(a.begin(), a.end(), b.begin()));
        CHECK(a != other[k].series.values);
    }
}

TEST_CASE("A simulation's settings out of their range are rejected") {
    auto const words = [](simulation_settings const& s) {
        return words_of<invalid_setting>([&] { static_cast<void>(simulated_panel(s)); });
    };
    CHECK(words({.series = 1}) ==
          "espalier: simulated_panel: requires 2 to 64 series; got 1. Set series to 6. See docs/howto/panel.md.");
    CHECK_THAT(words({.series = 65}), ContainsSubstring("2 to 64 series; got 65."));
    CHECK_THAT(words({.days = 0}), ContainsSubstring("at least one day; got 0."));
    CHECK_THAT(words({.signal = -0.1}), ContainsSubstring("a signal in 0 … 0.9; got -0.1."));
    CHECK_THAT(words({.correlation = 1.5}), ContainsSubstring("a correlation in 0 … 1; got 1.5."));
    CHECK_THAT(words({.missing = 0.6}), ContainsSubstring("missing in 0 … 0.5; got 0.6."));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"
#include "unit/data/window_oracle.hpp"

#include <espalier/data/market_features.hpp>
#include <espalier/data/windows.hpp>

#include <cmath>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::words_of;

namespace {

/// Five minutes with closes 100, 101, 99, 99, 102 and volumes 10, 20, 0, 30, 5.
std::vector<minute_bar> five_minutes() {
    std::vector<minute_bar> all;
    float const close[] = {100, 101, 99, 99, 102}, volume[] = {10, 20, 0, 30, 5};
    for (std::size_t i = 0; i < 5; ++i) {
        minute_bar m;
        m.open = m.vwap = m.close = close[i];
        m.high                    = close[i] + 1;
        m.low                     = close[i] - 1;
        m.volume                  = volume[i];
        m.log_close               = std::log(double{close[i]});
        m.session_position        = static_cast<float>(i) / 390.0f;
        all.push_back(m);
    }
    return all;
}
template <class F>
double newest() {
    auto const minutes = five_minutes();
    return F::at(minute_history{&minutes.back(), F::look_back});
}

/// Looks one minute further back than it says.
struct hasty {
    static constexpr int look_back         = 1;
    static constexpr std::string_view name = "hasty";
    static double at(minute_history const& m) { return m[0].log_close - m[2].log_close; }
};
/// Has no value without a trade.
struct no_trade_no_value {
    static constexpr int look_back         = 0;
    static constexpr std::string_view name = "no_trade_no_value";
    static double at(minute_history const& m) { return std::log(static_cast<double>(m[0].volume)); }
};

static_assert(Feature<log_return> && Feature<realised_volatility<30>> && FeatureRow<default_features>);
static_assert(!Feature<int> && !FeatureRow<log_return>);
static_assert(features<log_return, relative_volume<60>, time_of_day>::look_back == 60);
static_assert(features<log_return, relative_volume<60>, time_of_day>::count == 3);

} // namespace

TEST_CASE("Features of the market are the formulas that they state") {
    // Worked out by hand from closes 100, 101, 99, 99, 102 and volumes 10, 20, 0, 30, 5.
    CHECK(newest<log_return>() == Approx(std::log(102.0 / 99.0)).epsilon(1e-12));
    CHECK(newest<log_return_over<4>>() == Approx(std::log(102.0 / 100.0)).epsilon(1e-12));
    CHECK(newest<log_volume>() == Approx(std::log(6.0)).epsilon(1e-12));
    CHECK(newest<relative_volume<4>>() == Approx(std::log(6.0 / 16.0)).epsilon(1e-12));
    double const r1 = std::log(101.0 / 100.0), r2 = std::log(99.0 / 101.0), r4 = std::log(102.0 / 99.0);
    CHECK(newest<realised_volatility<4>>() == Approx(std::sqrt(r1 * r1 + r2 * r2 + r4 * r4)).epsilon(1e-12));
    CHECK(newest<high_low_spread>() == Approx(std::log(103.0 / 101.0)).epsilon(1e-12));
    CHECK(newest<time_of_day>() == Approx(4.0 / 390).epsilon(1e-6));
    CHECK(newest<roll_spread<3>>() == Approx(2 * std::sqrt(-r1 * r2 / 3)).epsilon(1e-12)); // the other products are 0
}

TEST_CASE("Names of features carry their number of minutes") {
    CHECK(features<log_return, realised_volatility<30>, roll_spread<5>>::names() ==
          std::vector<std::string>{"log_return", "realised_volatility<30>", "roll_spread<5>"});
    CHECK(relative_volume<1200>::name == "relative_volume<1200>");
}

TEST_CASE("A feature that looks further back than it says is stopped") {
    auto const minutes = five_minutes();
    CHECK(words_of<invalid_setting>([&] { static_cast<void>(hasty::at({&minutes.back(), hasty::look_back})); }) ==
          "espalier: minute_history: requires a minute 0 … 1 minutes ago, as the feature's look_back says; got 2. Raise the feature's "
          "look_back. See docs/howto/own-features.md.");
    minute_history const m{&minutes.back(), 4};
    CHECK_THROWS_AS(m[-1], invalid_setting); // the next minute
    CHECK(m[4].close == 100);
}

TEST_CASE("A feature without a value is rejected with its name, ticker and minute") {
    auto const series = espalier_test::steady_series("XYZ", 10, 1, 100); // every seventeenth volume is 0
    CHECK_THAT(words_of<bad_data>([&] {
                   static_cast<void>(windows_of<features<no_trade_no_value>>({series}, {}, espalier_test::at_any_time()));
               }),
               ContainsSubstring("features that are finite numbers (no_trade_no_value of XYZ, 1970-01-11 10:") &&
                   ContainsSubstring("got -inf"));
}

TEST_CASE("The gap between the parts follows from what the features look back") {
    auto const series = espalier_test::steady_series("A", 3, 1, 1000, 60);
    window_settings const settings{.steps = 10, .horizon = 5, .train_fraction = 0.5, .validation_fraction = 0.2};
    auto const rules = espalier_test::at_any_time(0);
    auto const near  = windows_of<features<log_volume>>({series}, settings, rules);
    auto const far   = windows_of<features<log_return, realised_volatility<30>>>({series}, settings, rules);
    std::int64_t const open = (3 * 1440 + 60) * std::int64_t{60'000};
    // The first cut is at minute 500, the second at 700; targets end before, the next part's windows begin 10 + 5 + look-back later.
    for (auto const& [parts, back] : {std::pair{&near, 0}, std::pair{&far, 30}}) {
        CHECK(parts->train.time_of(0) == open + (back + 9) * 60'000);
        CHECK(parts->train.time_of(parts->train.size() - 1) == open + (499 - 5) * 60'000);
        CHECK(parts->validation.time_of(0) == open + (515 + back + 9) * 60'000);
        CHECK(parts->validation.time_of(parts->validation.size() - 1) == open + (699 - 5) * 60'000);
        CHECK(parts->test.time_of(0) == open + (715 + back + 9) * 60'000);
        CHECK(parts->test.time_of(parts->test.size() - 1) == open + (999 - 5) * 60'000);
    }
    CHECK(far.train.input() == dims(10, 2));
    CHECK(far.train.look_back() == 30);
    table const t = far.to_table();
    REQUIRE(t.rows.size() == 3);
    CHECK(t.rows[1] == std::vector<std::string>{"validation", joined(far.validation.size()), "1", "1970-01-04 10:05", "1970-01-04 12:39"});
}

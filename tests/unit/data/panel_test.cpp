// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/data/panel_cases.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/panel.hpp>
#include <espalier/data/read_series.hpp>

#include <limits>

using namespace espalier;
using namespace espalier_test;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string words_of_panel(std::vector<panel_column> const& columns, panel_settings const& settings) {
    return words_of<error>([&] { static_cast<void>(panel_of(columns, settings)); });
}
panel_column two_days(std::string name, change as = change::level) {
    return {{std::move(name), {{10, 1.5}, {11, 2.5}}}, as};
}

} // namespace

TEST_CASE("A panel's days are the target's, and other series keep their newest value") {
    // Monday 2024-06-03 is day 19,877.
    auto const p = panel_of({{{"target", {{19'877, 1}, {19'878, 2}, {19'879, 4}, {19'881, 5}}}, change::difference},
                             {{"other", {{19'878, 40}, {19'880, 41}}}, change::level}},
                            {.target = "target"});
    CHECK(p.days == std::vector<std::int64_t>{19'878, 19'879, 19'881});
    CHECK(p.levels == std::vector<double>{2, 40, 4, 40, 5, 41});
    CHECK(p.ages == std::vector<std::int64_t>{0, 0, 0, 1, 0, 1});
    CHECK(p.target_levels == std::vector<double>{2, 4, 5});
    CHECK((p.counts[1].too_early == 1 && p.counts[1].filled == 2 && p.counts[1].too_old == 0 && p.counts[0].filled == 0));
    CHECK((p.seen(1, 0) == 2 && p.seen(2, 0) == 1 && p.seen(2, 1) == 41));
    CHECK((p.segments.size() == 1 && p.segments[0].rows == 3));
}

TEST_CASE("What a model sees is the log return, the difference or the level, as the column says") {
    std::vector<dated_value> const values{{1, 2.0}, {2, 5.0}};
    auto const p =
        panel_of({{{"a", values}, change::log_return}, {{"b", values}, change::difference}, {{"c", values}, change::level}},
                 {.target = "a"});
    CHECK(p.seen(1, 0) == Approx(0.91629073187415507).epsilon(1e-15)); // Python's math.log(2.5)
    CHECK(p.seen(1, 1) == 3.0);
    CHECK(p.seen(1, 2) == 5.0);
}

TEST_CASE("A value stands for fill_days after it became known, and not for a day longer") {
    std::vector<dated_value> days;
    for (std::int64_t d = 0; d < 30; ++d) days.push_back({d, 1});
    int const fill = GENERATE(0, 1, 4), lag = GENERATE(0, 3);
    auto const p = panel_of({{{"t", days}, change::level}, {{"s", {{5, 7}, {20, 8}}}, change::level, lag}},
                            {.target = "t", .fill_days = fill});
    std::vector<std::int64_t> expected;
    for (std::int64_t known : {5 + lag, 20 + lag})
        for (std::int64_t d = known; d <= known + fill; ++d) expected.push_back(d);
    CHECK(p.days == expected);
    CHECK((p.segments.size() == 2 && p.segments[0].rows == fill + 1 && p.segments[1].first_row == fill + 1));
    CHECK(p.counts[1].too_early == 5 + lag);
    CHECK(p.counts[1].too_old == 30 - (5 + lag) - 2 * (fill + 1));
    CHECK(p.counts[1].filled == 2 * fill);
}

TEST_CASE("A panel is what a look-up of every day finds, whatever the calendars and lags") {
    auto const settings =
        GENERATE(panel_settings{"b", 4}, panel_settings{"a", 0}, panel_settings{"c", 14, 2}, panel_settings{"d", 6, 3, false});
    auto const columns  = ragged_columns();
    auto const p        = panel_of(columns, settings);
    auto const expected = look_up(columns, settings);
    REQUIRE(expected.days.size() > 50);
    CHECK(p.days == expected.days);
    CHECK(p.levels == expected.levels);
    CHECK(p.ages == expected.ages);
    CHECK(p.target_levels == expected.target_levels);
    std::vector<std::int64_t> rows;
    for (auto const& segment : p.segments) rows.push_back(segment.rows);
    CHECK(rows == expected.segment_rows);
}

TEST_CASE("No row of a panel knows a later value, whatever becomes of later values") {
    auto const columns = ragged_columns();
    panel_settings const settings{"b", 4};
    auto const before = panel_of(columns, settings);
    for (std::int64_t last : {60, 133, 260})
        for (auto const& other : {cut_after(columns, last), disturbed_after(columns, last)}) {
            auto const after  = panel_of(other, settings);
            std::int64_t same = 0;
            while (same < before.size() && before.days[static_cast<std::size_t>(same)] <= last) ++same;
            REQUIRE(same > 20);
            REQUIRE(after.size() >= same);
            auto const begins_alike = [&](auto const& a, auto const& b, std::int64_t width) {
                return std::equal(a.begin(), a.begin() + same * width, b.begin());
            };
            CHECK(begins_alike(before.days, after.days, 1));
            CHECK(begins_alike(before.levels, after.levels, before.series()));
            CHECK(begins_alike(before.ages, after.ages, before.series()));
            CHECK(after.levels != before.levels); // the disturbance is one
            CHECK((after.size() == same || after.days[static_cast<std::size_t>(same)] > last));
        }
}

TEST_CASE("A log return that does not exist is an error with series, day and value, unless no row needs it") {
    dated_series const oil{"oil", {{day_of(2020, 4, 17), 18.31}, {day_of(2020, 4, 20), -36.98}, {day_of(2020, 4, 21), 8.91}}};
    dated_series stock{"stock", {{day_of(2020, 4, 17), 1}, {day_of(2020, 4, 20), 2}, {day_of(2020, 4, 21), 3}}};
    CHECK(words_of_panel({{stock, change::log_return}, {oil, change::log_return}}, {.target = "stock"}) ==
          "espalier: panel: requires levels above 0, of which a log return can be taken (oil, 2020-04-20); got -36.98. State "
          "change::difference or change::level for this series. See docs/howto/panel.md.");
    CHECK(panel_of({{stock, change::log_return}, {oil, change::difference}}, {.target = "stock"}).seen(1, 1) == -36.98 - 18.31);
    stock.values.erase(stock.values.begin() + 1); // the stock's holiday
    CHECK(panel_of({{stock, change::log_return}, {oil, change::log_return}}, {.target = "stock"}).size() == 2);
}

TEST_CASE("A panel's columns that cannot be aligned are rejected by name") {
    double const nan = std::numeric_limits<double>::quiet_NaN();
    auto const rest  = [](char const* text) { return joined("espalier: panel: requires ", text, ". See docs/howto/panel.md."); };
    CHECK(words_of_panel({}, {.target = "a"}) == rest("1 to 64 series; got 0. Choose among them"));
    CHECK(words_of_panel({two_days("a"), two_days("a")}, {.target = "a"}) ==
          rest("a name of its own for each series; got two of 'a'. Set the name of one"));
    CHECK(words_of_panel({two_days("a"), {{"b", {}}, change::level}}, {.target = "a"}) ==
          rest("at least one value in each series (b); got none. Leave the series out"));
    CHECK(words_of_panel({{{"b", {{0, 1}, {1, nan}}}, change::level}}, {.target = "b"}) ==
          rest("finite values (b, 1970-01-02); got nan. Leave out days without a value"));
    CHECK(words_of_panel({{{"b", {{1, 1}, {1, 2}}}, change::level}}, {.target = "b"}) ==
          rest("days that rise, each once (b); got 1970-01-02 after 1970-01-02. Sort the series"));
    CHECK(words_of_panel({two_days("a"), {{"b", {{40, 1}, {50, 1}}}, change::level}}, {.target = "a"}) ==
          rest("a day of a on which every series is known and at most 14 days old; got none; b begins last, on 1970-02-10, and a "
               "ends "
               "first, on 1970-01-12. Leave a series out, or raise fill_days"));
    std::vector<panel_column> many;
    for (int i = 0; i < 65; ++i) many.push_back(two_days(joined("s", i)));
    CHECK(words_of_panel(many, {.target = "s0"}) == rest("1 to 64 series; got 65. Choose among them"));
    many.pop_back();
    CHECK(panel_of(many, {.target = "s0"}).series() == 64);
}

TEST_CASE("A panel's settings out of their range are rejected") {
    auto const words = [](panel_settings const& s, int lag = 0) {
        panel_column column = two_days("a");
        column.lag_days     = lag;
        return words_of<invalid_setting>([&] { static_cast<void>(panel_of({column, two_days("b")}, s)); });
    };
    CHECK_THAT(words({"x"}),
               ContainsSubstring("requires a target that is one of the series; got 'x'. Set target to one of a, b."));
    CHECK_THAT(words({""}), ContainsSubstring("requires a target that is one of the series; got ''."));
    CHECK_THAT(words({"a", -1}), ContainsSubstring("requires fill_days of 0 or more; got -1."));
    CHECK_THAT(words({"a", 0, 0}), ContainsSubstring("requires pause_days of 1 or more; got 0."));
    CHECK_THAT(words({"a"}, -1), ContainsSubstring("requires lag_days of 0 or more; got -1 (a)."));
}

TEST_CASE("A panel's table says what became of each series") {
    auto const p = panel_of({{{"stock", {{0, 1}, {1, 2}, {2, 3}, {30, 4}}}, change::log_return},
                             {{"rate", {{1, -1}, {3, 0}}, 5}, change::difference}},
                            {.target = "stock"});
    CHECK(p.to_table().to_string() ==
          "series             seen as        from          to  values  missing  days filled  days too old  days too early\n"
          "stock (target)  log_return  1970-01-01  1970-01-31       4        0            0             0               0\n"
          "rate            difference  1970-01-02  1970-01-04       2        5            1             1               1\n"
          "panel                       1970-01-02  1970-01-03       2                                                    \n");
}

TEST_CASE("Real series of different calendars are aligned as a look-up in Python finds", "[data]") {
    auto const folder = require_data("macro_multiasset") / "daily";
#if !defined(ESPALIER_USE_ZLIB)
    skip("needs zlib");
#endif
    auto const read = [&](char const* name, char const* value) {
        return read_series(folder / (std::string{name} + ".csv.gz"), {.value = value});
    };
    std::vector<panel_column> columns{
        {read("index_sp500", "close"), change::log_return}, {read("vix", "CLOSE"), change::level},
        {read("wti", "Price"), change::difference, 1},      {read("natgas_henryhub", "Price"), change::log_return, 1},
        {read("fx_eurusd", "Close"), change::log_return},   {read("index_n225", "close"), change::log_return}};
    auto const p = panel_of(columns, {.target = "index_sp500"});
    // bisect.bisect_right in each series' days for every day of the S&P 500, with the same limits.
    CHECK(p.size() == 3458);
    CHECK(p.segments.size() == 1);
    CHECK((p.days.front() == day_of(2010, 1, 4) && p.days.back() == day_of(2023, 9, 25)));
    auto const row_of = [&](std::int64_t day) { return std::lower_bound(p.days.begin(), p.days.end(), day) - p.days.begin(); };
    auto const levels = [&](std::int64_t day) {
        auto const first = p.levels.begin() + row_of(day) * 6;
        return std::vector<double>(first, first + 6);
    };
    CHECK(levels(day_of(2018, 1, 8)) == std::vector<double>{2747.71, 9.52, 61.49, 4.65, 1.19698, 23714.5293}); // Tokyo is closed
    CHECK(levels(day_of(2018, 1, 9)) == std::vector<double>{2751.29, 10.08, 61.73, 2.89, 1.19284, 23849.99023});
    CHECK(levels(day_of(2020, 4, 20)) == std::vector<double>{2823.1599, 43.83, 18.31, 1.71, 1.08637, 19669.11914});
    CHECK(levels(day_of(2020, 4, 21)) == std::vector<double>{2736.5601, 45.41, -36.98, 1.78, 1.08563, 19280.7793});
    CHECK((p.age(row_of(day_of(2018, 1, 8)), 3) == 3 && p.age(row_of(day_of(2018, 1, 8)), 5) == 3));

    columns.push_back({read("ust_curve", "10year"), change::difference});
    auto const with_yields = panel_of(columns, {.target = "index_sp500"});
    CHECK(with_yields.days.back() == day_of(2017, 4, 12)); // yields end on 2017-03-29
    CHECK(with_yields.counts[6].too_old == 2192);

    columns[2].as = change::log_return;
    CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(panel_of(columns, {.target = "index_sp500", .fill_days = 4000})); }),
               ContainsSubstring("(wti, 2020-04-20); got -36.98."));

    std::vector<panel_column> const two{columns[4], columns[0]};
    CHECK(panel_of(two, {.target = "fx_eurusd"}).size() == 4282);
    CHECK(panel_of(two, {.target = "fx_eurusd", .weekends = false}).size() == 3569);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/data/temporary_folder.hpp"
#include "unit/data/window_oracle.hpp"

#include <espalier/data/clean.hpp>
#include <espalier/data/market.hpp>
#include <espalier/data/read_bars.hpp>

#include <cmath>
#include <limits>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::at_any_time;
using espalier_test::words_of;

namespace {

/// Bars of one ticker at the minutes of 1970-01-05 14:30 UTC and later, with these closes.
bar_series closes(std::initializer_list<float> of) {
    bar_series s{"XYZ", {}, "folder/XYZ_1970.csv"};
    std::int64_t at = 4 * 1440 + 870;
    for (float c : of) s.bars.push_back({at++ * 60'000, c, c, c, c, c, 10});
    return s;
}
std::vector<float> closes_after(bar_series s, bar_rules const& rules) {
    std::vector<float> left;
    auto const cleaned = clean({std::move(s)}, rules);
    for (bar const& b : cleaned.series[0].bars) left.push_back(b.close);
    return left;
}
template <class Change>
std::string words(Change change, bar_rules const& rules = {}) {
    auto s = closes({100, 101, 102, 103, 104});
    change(s.bars);
    return words_of<bad_data>([&] { static_cast<void>(clean({s}, rules)); });
}
using bars = std::vector<bar>&;

} // namespace

TEST_CASE("What has no innocent reading is rejected with file, row, time and the rule that would take it") {
    CHECK(words([](bars b) { b[3].close = 0; }) ==
          "espalier: clean: requires prices above 0, of which a return can be taken (folder/XYZ_1970.csv, row 4, 1970-01-05 14:33 "
          "UTC); got 0. Correct the row, or set .no_price = on_no_price::drop. See docs/howto/data.md.");
    CHECK_THAT(words([](bars b) { b[1].low = -36.98f; }), ContainsSubstring("row 2") && ContainsSubstring("got -36.98"));
    CHECK_THAT(words([](bars b) { b[0].open = std::nanf(""); }),
               ContainsSubstring("a finite number in every price and the volume") && ContainsSubstring("on_missing_value::drop"));
    CHECK_THAT(words([](bars b) { b[0].volume = HUGE_VALF; }), ContainsSubstring("got inf"));
    CHECK_THAT(words([](bars b) { b[4].volume = -1; }),
               ContainsSubstring("a volume of 0 or more") && ContainsSubstring("got -1") && ContainsSubstring("on_negative_volume::zero"));
    CHECK_THAT(words([](bars b) { b[4].time_ms = b[3].time_ms + 59'999; }),
               ContainsSubstring("at most one bar a minute") && ContainsSubstring("row 5") && ContainsSubstring("keep_first"));
    CHECK_THAT(words([](bars b) { std::swap(b[3], b[4]); }),
               ContainsSubstring("times that rise from row to row") && ContainsSubstring("row 5, 1970-01-05 14:33") &&
                   ContainsSubstring("got one after 1970-01-05 14:34"));
}

TEST_CASE("Each kind of dirt can be dropped or mended, and is counted") {
    auto dirty = closes({100, 101, 102, 103, 104, 105, 106, 107});
    auto& b    = dirty.bars;
    b[0].vwap  = 99;
    b[1].close = std::numeric_limits<float>::quiet_NaN();
    b[2].open  = 0;
    b[3].volume = -5;
    b[4].high   = 103; // below the close
    b[6].time_ms = b[5].time_ms + 1;
    std::swap(b[5], b[7]);
    bar_rules const rules{.missing_value   = on_missing_value::drop,
                          .no_price        = on_no_price::drop,
                          .negative_volume = on_negative_volume::zero,
                          .duplicate       = on_duplicate::keep_first,
                          .backwards       = on_backwards::drop,
                          .vwap_outside    = on_vwap_outside::clip};
    auto const cleaned = clean({dirty}, rules);
    auto const& left   = cleaned.series[0].bars;
    auto const& counts = cleaned.counts[0];
    REQUIRE(left.size() == 4); // rows 1, 4, 5, and the one that was put before its time
    CHECK(left[0].vwap == 100);
    CHECK(left[1].volume == 0);
    CHECK(left[2].high == 104);
    CHECK(left[3].close == 107);
    CHECK(counts.rows == 8);
    CHECK(counts.kept == 4);
    CHECK(counts.missing_value == 1);
    CHECK(counts.no_price == 1);
    CHECK(counts.negative_volume == 1);
    CHECK(counts.inconsistent == 1);
    CHECK(counts.vwap_outside == 1);
    CHECK(counts.backwards == 2);

    auto sorting      = rules;
    sorting.backwards = on_backwards::sort;
    auto const sorted = clean({dirty}, sorting);
    CHECK(sorted.series[0].bars.size() == 5);
    CHECK(sorted.counts[0].backwards == 0);
    CHECK(sorted.counts[0].duplicate == 1);

    auto strict         = rules;
    strict.inconsistent = on_inconsistent::drop;
    strict.negative_volume = on_negative_volume::drop;
    strict.bad_print       = on_bad_print::keep; // without the rows between, 107 is a leap
    CHECK(clean({dirty}, strict).counts[0].kept == 2);
}

TEST_CASE("A leap that the next bars do not confirm is a bad print; one that they confirm is a new price") {
    bar_rules const rules{.bad_print_move = 0.05, .bad_print_confirm = 3};
    CHECK(closes_after(closes({100, 117, 100.5f, 101}), rules) == std::vector<float>{100, 100.5f, 101});
    CHECK(closes_after(closes({100, 110, 110.5f, 111, 110}), rules) == std::vector<float>{100, 111, 110});
    CHECK(closes_after(closes({100, 117, 83, 118, 101}), rules) == std::vector<float>{100, 101}); // they do not agree
    CHECK(closes_after(closes({100, 105.1f, 105.2f}), rules) == std::vector<float>{100, 105.1f, 105.2f}); // ln 1.051 < 0.05

    bar_rules clipping = rules;
    clipping.bad_print = on_bad_print::clip;
    auto const clipped = closes_after(closes({100, 117, 83, 101}), clipping);
    REQUIRE(clipped.size() == 4);
    CHECK(clipped[1] == Approx(100 * std::exp(0.05)));
    CHECK(clipped[2] == Approx(100 * std::exp(-0.05)));

    bar_rules keeping = rules;
    keeping.bad_print = on_bad_print::keep;
    CHECK(closes_after(closes({100, 117, 83, 101}), keeping).size() == 4);

    auto wick         = closes({100, 101});
    wick.bars[1].high = 150;
    auto const mended = clean({wick}, rules);
    CHECK(mended.series[0].bars[1].high == Approx(101 * std::exp(0.05)));
    CHECK(mended.counts[0].bad_print == 1);

    auto two_days = closes({100, 130}); // over night a price may leap
    two_days.bars[1].time_ms += 86'400'000;
    CHECK(clean({two_days}, rules).counts[0].bad_print == 0);
}

TEST_CASE("Bars before the open and after the close are dropped, unless they are to be kept") {
    auto s = closes({100, 101});
    s.bars[0].time_ms -= 60'000;                       // 14:29
    s.bars[1].time_ms = (4 * 1440 + 1260) * 60'000; // 21:00, the minute of the close
    auto one          = closes({100});
    CHECK(clean({s, one}).counts[0].outside_session == 2);
    CHECK(clean({s}, {.outside_session = on_outside_session::keep}).counts[0].kept == 2);
    CHECK(clean({s}, at_any_time()).counts[0].kept == 2);
    CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(clean({s})); }),
               ContainsSubstring("at least one bar that stays; got none in 1 series"));
}

TEST_CASE("A series that begins later than the others is kept or left out, as the rule says") {
    auto const early = closes({100, 101});
    auto late        = closes({100, 101});
    late.ticker      = "NEW";
    for (auto& b : late.bars) b.time_ms += std::int64_t{7} * 86'400'000;
    CHECK(clean({early, late}).series[1].bars.size() == 2);
    auto const left_out = clean({early, late}, {.late_start = on_late_start::drop, .late_start_days = 6});
    CHECK(left_out.series[1].bars.empty());
    CHECK(left_out.counts[1].late_start == 2);
    CHECK(left_out.tickers_left_out == std::vector<std::string>{"NEW"});
    CHECK(clean({early, late}, {.late_start = on_late_start::drop, .late_start_days = 7}).series[1].bars.size() == 2);
}

TEST_CASE("Minutes without a bar are counted as filled while the close stands, and as absent after that") {
    auto s = closes({100, 101, 102});
    s.bars[1].time_ms += 4 * 60'000;  // four minutes without a bar
    s.bars[2].time_ms += 20 * 60'000; // sixteen
    auto const counts = clean({s}, {.fill_minutes = 10}).counts[0];
    CHECK(counts.filled_minutes == 4 + 10);
    CHECK(counts.absent_minutes == 6);
}

TEST_CASE("Cleaning bar by bar is cleaning the series") {
    auto market = built_in_market({.tickers = 1, .days = 3, .seed = 6});
    auto& all   = market[0].bars;
    for (std::size_t i = 5; i < all.size(); i += 17) all[i].close *= i % 2 == 0 ? 1.2f : 0.85f;
    for (std::size_t i = 9; i < all.size(); i += 31) all[i].time_ms = all[i - 1].time_ms;
    bar_rules const rules{.duplicate = on_duplicate::keep_first};
    auto const cleaned = clean(market, rules);
    bar_filter filter{rules, "live"};
    std::vector<bar> passed;
    for (bar b : all)
        if (filter.pass(b)) passed.push_back(b);
    CHECK(passed == cleaned.series[0].bars);
    CHECK(filter.counts().bad_print == cleaned.counts[0].bad_print);
    CHECK(filter.counts().bad_print > 20);
    CHECK(filter.counts().duplicate > 10);
}

TEST_CASE("The table has a row a ticker and one of totals") {
    auto const cleaned = clean({closes({100, 117, 101})});
    table const t      = cleaned.to_table();
    REQUIRE(t.rows.size() == 1);
    CHECK(t.rows[0][0] == "XYZ");
    CHECK(t.rows[0][1] == "1970-01-05");
    CHECK(t.total[0] == "all");
    CHECK(t.rows[0].size() == t.head.size());
    CHECK(t.total.size() == t.head.size());
    auto const column = [&](std::string const& name) {
        return t.total[static_cast<std::size_t>(std::find(t.head.begin(), t.head.end(), name) - t.head.begin())];
    };
    CHECK(column("rows") == "3");
    CHECK(column("kept") == "2");
    CHECK(column("bad print") == "1");
    CHECK(column("minutes filled") == "1");
    CHECK(std::find(t.head.begin(), t.head.end(), "duplicate") == t.head.end()); // none was found
}

TEST_CASE("Rules out of their range are rejected with the value") {
    auto const said = [](bar_rules const& rules) {
        return words_of<invalid_setting>([&] { static_cast<void>(clean({closes({100})}, rules)); });
    };
    CHECK(said({.fill_minutes = -1}) ==
          "espalier: bar_rules: requires fill_minutes of 0 or more; got -1. Set fill_minutes to 30. See docs/howto/data.md.");
    CHECK_THAT(said({.bad_print_move = 0}), ContainsSubstring("bad_print_move above 0; got 0."));
    CHECK_THAT(said({.bad_print_confirm = 0}), ContainsSubstring("bad_print_confirm of 1 or more; got 0."));
    CHECK_THAT(said({.late_start_days = -1}), ContainsSubstring("late_start_days of 0 or more; got -1."));
    CHECK_THAT(said({.session = {"none", nullptr}}), ContainsSubstring("a session; got none."));
}

TEST_CASE("The known dirt of the real bars is found: sessions, bad prints outside them, late starts", "[data]") {
    auto const folder = espalier_test::require_data("intraday_stocks_1m");
#if !defined(ESPALIER_USE_ZLIB)
    espalier_test::skip("needs zlib");
#endif
    auto const all     = read_bars(folder);
    auto const cleaned = clean(all);
    auto const of      = [&](cleaned_bars const& from, std::string const& ticker) {
        for (std::size_t i = 0; i < from.series.size(); ++i)
            if (from.series[i].ticker == ticker) return from.counts[i];
        return bar_counts{};
    };
    // As the folder's description counts them: 0.5 to 1.5 % outside the session (BKNG 2.2), SW 6.7 to 7 %.
    CHECK(of(cleaned, "SW").outside_session > 51'124 * 65 / 1000);
    CHECK(of(cleaned, "TDY").outside_session < 39'344 * 15 / 1000);
    // Its bad prints lie outside the session: whoever keeps those bars meets them.
    auto const around_the_clock = clean(all, {.session = any_time});
    CHECK(of(around_the_clock, "SW").bad_print > 0);
    CHECK(of(around_the_clock, "TDY").bad_print > 0);
    // CPAY and SW begin in the middle of the year.
    CHECK(clean(all, {.late_start = on_late_start::drop}).tickers_left_out == std::vector<std::string>{"CPAY", "SW"});
}

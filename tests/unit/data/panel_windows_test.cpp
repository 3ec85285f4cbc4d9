// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/data/panel_cases.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/panel_simulation.hpp>
#include <espalier/data/panel_windows.hpp>
#include <espalier/data/read_series.hpp>

#include <algorithm>

using namespace espalier;
using namespace espalier_test;

TEST_CASE("A window of a panel holds what is seen of its days, and its target the change that follows") {
    // Differences of squares: day d is seen as 2d − 1. Over 3 days from d the target moves by 6d + 9.
    auto const w =
        windows_of(squares(30), {.steps = 4, .horizon = 3, .target_change = change::difference, .train_fraction = 1}).train;
    CHECK(w.size() == 30 - 4 - 3);
    CHECK(w.input() == dims(4, 1));
    CHECK(w.target() == dims(1));
    for (std::int64_t i = 0; i < w.size(); ++i) {
        std::int64_t const day = 4 + i;
        CHECK(w.day_of(i) == day);
        CHECK(w.target_day_of(i) == day + 3);
        CHECK(w.change_of(i) == static_cast<double>(6 * day + 9));
        CHECK(w.change_before(i) == static_cast<double>(6 * day - 9));
        auto const sample = unscaled(w, i);
        CHECK(sample[0] == Approx(6 * day + 9));
        for (std::int64_t t = 0; t < 4; ++t) CHECK(sample[static_cast<std::size_t>(1 + t)] == Approx(2 * (day - 3 + t) - 1));
    }
    CHECK(w.feature_names() == std::vector<std::string>{"x difference"});
}

TEST_CASE("A target of log returns is the log of the level over the level before") {
    dated_series const s{"x", {{0, 1}, {1, 1}, {2, 2}, {3, 5}, {4, 5}}};
    auto const w =
        windows_of(panel_of({{s, change::level}}, {.target = "x"}), {.steps = 1, .horizon = 2, .train_fraction = 1}).train;
    REQUIRE(w.size() == 2);
    CHECK(w.change_of(0) == Approx(1.6094379124341003));  // Python's math.log(5)
    CHECK(w.change_of(1) == Approx(0.91629073187415507)); // math.log(2.5)
}

TEST_CASE("Panel windows are gathered step by step, as (T,B,S)") {
    auto const w        = windows_of(ragged_panel(), {.steps = 6, .horizon = 2, .train_fraction = 1}).train;
    auto const batch    = std::vector<std::int64_t>{7, 0, w.size() - 1};
    std::size_t const T = 6, B = 3, S = 4;
    std::vector<double> x(T * B * S), y(B), one(T * S);
    w.gather(batch, x.data(), y.data());
    for (std::size_t b = 0; b < B; ++b) {
        double target = 0;
        w.gather(std::vector<std::int64_t>{batch[b]}, one.data(), &target);
        CHECK(y[b] == target);
        for (std::size_t t = 0; t < T; ++t)
            for (std::size_t s = 0; s < S; ++s) REQUIRE(x[(t * B + b) * S + s] == one[t * S + s]);
    }
}

TEST_CASE("There is a panel window wherever steps, the day before and the target follow each other without a gap") {
    auto const p    = ragged_panel();
    int const steps = GENERATE(1, 3, 8), horizon = GENERATE(1, 4);
    auto const w = windows_of(p, {.steps = steps, .horizon = horizon, .train_fraction = 1}).train;
    std::vector<std::int64_t> expected; // by the look-up, which counts runs of rows by itself
    auto const rows    = look_up(ragged_columns(), {"b", 5});
    std::int64_t first = 0;
    for (std::int64_t const count : rows.segment_rows) {
        for (std::int64_t r = 0; r < count; ++r)
            if (r - steps >= 0 && r + horizon < count) expected.push_back(rows.days[static_cast<std::size_t>(first + r)]);
        first += count;
    }
    std::vector<std::int64_t> days;
    for (std::int64_t i = 0; i < w.size(); ++i) days.push_back(w.day_of(i));
    CHECK(rows.segment_rows.size() > 3);
    CHECK(days == expected);
}

TEST_CASE("The newest window of a panel is, bit for bit, what training would gather when its target is known") {
    auto const columns = simulated_panel({.series = 4, .days = 300});
    auto const all     = panel_of(columns, {.target = "SIM0"});
    auto const trained = windows_of(all, {.steps = 20, .horizon = 3, .train_fraction = 0.5});
    for (std::int64_t sample : {std::int64_t{0}, trained.test.size() - 1}) {
        std::int64_t const today = trained.test.day_of(sample);
        std::vector<float> x(20 * 4), expected(20 * 4);
        float target = 0;
        trained.test.gather(std::vector<std::int64_t>{sample}, expected.data(), &target);
        auto const known = panel_of(cut_after(columns, today), {.target = "SIM0"});
        CHECK(gather_newest(known, trained.train.scaler(), 20, x.data()) == today);
        CHECK(x == expected);
    }
}

TEST_CASE("The table of a panel's parts names windows and days") {
    // 100 rows cut before row 60: training from row 1 to 59, test from row 76 to 99.
    auto const parts =
        windows_of(squares(100), {.steps = 10, .horizon = 5, .target_change = change::difference, .train_fraction = 0.6});
    CHECK(parts.to_table().to_string() == "part        windows        from          to\n"
                                          "training         45  1970-01-02  1970-03-01\n"
                                          "validation        0        none        none\n"
                                          "test             10  1970-03-18  1970-04-10\n");
}

TEST_CASE("Windows of real series are as many as Python counts", "[data]") {
    auto const folder = require_data("macro_multiasset") / "daily";
#if !defined(ESPALIER_USE_ZLIB)
    skip("needs zlib");
#endif
    auto const read = [&](char const* name, char const* value) {
        return read_series(folder / (std::string{name} + ".csv.gz"), {.value = value});
    };
    auto const p     = panel_of({{read("index_sp500", "close"), change::log_return},
                                 {read("vix", "CLOSE"), change::level},
                                 {read("wti", "Price"), change::difference, 1},
                                 {read("natgas_henryhub", "Price"), change::log_return, 1},
                                 {read("fx_eurusd", "Close"), change::log_return},
                                 {read("index_n225", "close"), change::log_return},
                                 {read("xauusd", "Close"), change::log_return}},
                                {.target = "index_sp500"});
    auto const parts = windows_of(p, {.train_fraction = 0.7, .validation_fraction = 0.15});
    CHECK(parts.train.size() == 2356);
    CHECK(parts.validation.size() == 389);
    CHECK(parts.test.size() == 388);
    CHECK(parts.train.input() == dims(60, 7));
    auto const x = gathered(parts.train);
    CHECK(std::all_of(x.begin(), x.end(), [](float v) { return std::isfinite(v); }));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/data.hpp"
#include "unit/data/panel_cases.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/panel_simulation.hpp>
#include <espalier/data/panel_windows.hpp>
#include <espalier/data/read_series.hpp>

#include <algorithm>
#include <set>

using namespace espalier;
using namespace espalier_test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A sample as its scaler found it: the target, then the input (T,S).
std::vector<double> unscaled(panel_windows const& w, std::int64_t sample) {
    std::vector<double> all(static_cast<std::size_t>(w.input().elements()) + 1);
    w.gather(std::vector<std::int64_t>{sample}, all.data() + 1, all.data());
    auto const& s = w.scaler();
    for (std::size_t i = 1; i < all.size(); ++i) {
        std::size_t const f = (i - 1) % s.mean.size();
        all[i]              = all[i] / s.scale[f] + s.mean[f];
    }
    all[0] *= w.target_scale();
    return all;
}
/// All samples of a data set as they are gathered.
std::vector<float> gathered(panel_windows const& w) {
    std::vector<float> all;
    for (std::int64_t i = 0; i < w.size(); ++i) {
        std::vector<float> one(static_cast<std::size_t>(w.input().elements()) + 1);
        w.gather(std::vector<std::int64_t>{i}, one.data() + 1, one.data());
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}
panel ragged_panel() {
    return panel_of(ragged_columns(), {"b", 5});
}
/// A target alone, of which every day of `count` has the value day·day.
panel squares(std::int64_t count) {
    dated_series s{"x", {}};
    for (std::int64_t d = 0; d < count; ++d) s.values.push_back({d, static_cast<double>(d * d)});
    return panel_of({{s, change::difference}}, {.target = "x"});
}

} // namespace

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

TEST_CASE(
    "Parts of a panel are cut where the fractions say, with a window and a horizon between them, and lose nothing beside it") {
    // 200 rows cut before row 120 and before row 160, steps 10, horizon 5. The first window ends at row 10; the first of
    // validation begins at 120 + 16, the first test window at 160 + 16.
    auto const [train, validation, test] = windows_of(
        squares(200),
        {.steps = 10, .horizon = 5, .target_change = change::difference, .train_fraction = 0.6, .validation_fraction = 0.2});
    CHECK((train.day_of(0) == 10 && train.target_day_of(train.size() - 1) == 119 && train.size() == 114 - 10 + 1));
    CHECK((validation.day_of(0) == 145 && validation.target_day_of(validation.size() - 1) == 159 && validation.size() == 10));
    CHECK((test.day_of(0) == 185 && test.target_day_of(test.size() - 1) == 199 && test.size() == 10));
}

TEST_CASE("No part of a panel shares a day with another, nor one that a change looks back to") {
    auto const settings =
        GENERATE(panel_window_settings{.steps = 5, .horizon = 2, .train_fraction = 0.5, .validation_fraction = 0.25},
                 panel_window_settings{.steps = 2, .horizon = 7, .train_fraction = 0.4, .validation_fraction = 0.3},
                 panel_window_settings{.steps = 1, .horizon = 1, .train_fraction = 0.37, .validation_fraction = 0.11});
    auto const p        = ragged_panel();
    auto const parts    = windows_of(p, settings);
    auto const row_of   = [&](std::int64_t day) { return std::lower_bound(p.days.begin(), p.days.end(), day) - p.days.begin(); };
    std::int64_t newest = -1;
    for (panel_windows const* part : {&parts.train, &parts.validation, &parts.test}) {
        REQUIRE(part->size() > 0);
        std::int64_t const oldest = row_of(part->day_of(0)) - settings.steps; // what the first change looks back to
        if (newest >= 0) CHECK(oldest - newest - 1 >= settings.steps + settings.horizon);
        newest = row_of(part->target_day_of(part->size() - 1));
    }
}

TEST_CASE("No panel window whose target is known by a day changes with what comes after, and none comes or goes") {
    auto const columns    = ragged_columns();
    auto const samples_of = [](std::vector<panel_column> const& from) {
        auto const w = windows_of(panel_of(from, {"b", 5}), {.steps = 4, .horizon = 3, .train_fraction = 1}).train;
        std::map<std::int64_t, std::pair<std::int64_t, std::vector<double>>> all; // by day: target's day, sample
        for (std::int64_t i = 0; i < w.size(); ++i) all[w.day_of(i)] = {w.target_day_of(i), unscaled(w, i)};
        return all;
    };
    auto const is_close = [](std::vector<double> const& a, std::vector<double> const& b, std::size_t from) {
        for (std::size_t i = from; i < a.size(); ++i)
            if (std::abs(a[i] - b[i]) > 1e-5 * (1 + std::abs(a[i]))) return false; // scaled and back, each by its own scaler
        return true;
    };
    auto const before = samples_of(columns);
    for (std::int64_t last : {90, 200, 310})
        for (auto const& other : {cut_after(columns, last), disturbed_after(columns, last)}) {
            auto const after = samples_of(other);
            int known = 0, gone = 0, come = 0, changed = 0, wrong_inputs = 0, later_changed = 0;
            for (auto const& [day, sample] : before) {
                auto const found    = after.find(day);
                bool const is_known = sample.first <= last, is_there = found != after.end();
                known += is_known;
                gone += is_known && !is_there;
                changed += is_known && is_there &&
                           !(found->second.first == sample.first && is_close(sample.second, found->second.second, 0));
                wrong_inputs += day <= last && is_there && !is_close(sample.second, found->second.second, 1);
                later_changed += !is_known && (!is_there || !is_close(sample.second, found->second.second, 0));
            }
            for (auto const& [day, sample] : after) come += sample.first <= last && !before.contains(day);
            CHECK(known > 5);
            CHECK(gone == 0);
            CHECK(come == 0);
            CHECK(changed == 0);
            CHECK(wrong_inputs == 0);
            CHECK(later_changed > 5); // the disturbance is one
        }
}

TEST_CASE("Nothing after the cut changes a bit of the training part or of what was fitted") {
    auto const columns = ragged_columns();
    panel_settings const align{"a", 9};
    panel_window_settings const settings{.steps = 7, .horizon = 2, .target_change = change::difference, .train_fraction = 0.6};
    auto const before       = windows_of(panel_of(columns, align), settings);
    std::int64_t const last = before.train.target_day_of(before.train.size() - 1);
    auto other              = columns;
    for (auto& column : other)
        for (auto& v : column.series.values)
            if (v.day > last) v.value = v.value * 3 + 1;
    auto const after = windows_of(panel_of(other, align), settings);
    CHECK(gathered(after.train) == gathered(before.train));
    CHECK(after.test.scaler() == before.train.scaler());
    CHECK(after.test.target_scale() == before.train.target_scale());
    CHECK(after.test.mean_training_change() == before.train.mean_training_change());
    CHECK(after.test.size() == before.test.size());
    CHECK(gathered(after.test) != gathered(before.test));
}

TEST_CASE("A panel's scaler is the mean and deviation over the days of training windows, each day once") {
    auto const p = ragged_panel();
    auto const w = windows_of(p, {.steps = 5, .horizon = 2, .train_fraction = 0.55}).train;
    std::set<std::int64_t> rows;
    std::vector<double> targets;
    for (std::int64_t i = 0; i < w.size(); ++i) {
        std::int64_t const last = std::lower_bound(p.days.begin(), p.days.end(), w.day_of(i)) - p.days.begin();
        for (std::int64_t r = last - 4; r <= last; ++r) rows.insert(r);
        targets.push_back(
            std::log(p.target_levels[static_cast<std::size_t>(last + 2)] / p.target_levels[static_cast<std::size_t>(last)]));
    }
    auto const check = [](std::vector<double> const& values, double mean, double deviation) {
        double sum = 0, squares = 0;
        for (double v : values) sum += v;
        double const expected = sum / static_cast<double>(values.size());
        for (double v : values) squares += (v - expected) * (v - expected);
        CHECK(mean == Approx(expected).epsilon(1e-5).margin(1e-6));
        CHECK(deviation == Approx(std::sqrt(squares / static_cast<double>(values.size()))).epsilon(1e-5));
    };
    for (std::int64_t s = 0; s < p.series(); ++s) {
        std::vector<double> values;
        for (std::int64_t r : rows) values.push_back(p.seen(r, s));
        auto const f = static_cast<std::size_t>(s);
        check(values, w.scaler().mean[f], 1 / w.scaler().scale[f]);
    }
    check(targets, w.mean_training_change(), w.target_scale());
}

TEST_CASE("The newest window of a panel is the one that a day more would give a target") {
    auto const columns = simulated_panel({.series = 4, .days = 300});
    auto const all     = panel_of(columns, {.target = "SIM0"});
    panel_window_settings const settings{.steps = 20, .horizon = 1, .train_fraction = 0.5};
    std::int64_t const today = all.days[all.days.size() - 2];
    auto const now           = panel_of(cut_after(columns, today), {.target = "SIM0"});
    auto const later = windows_of(all, settings), known = windows_of(now, settings);
    std::vector<double> x(20 * 4), expected(20 * 4);
    double target = 0;
    CHECK(known.test.gather_newest(x.data()) == today);
    std::int64_t const last = later.test.size() - 1;
    CHECK(later.test.day_of(last) == today);
    later.test.gather(std::vector<std::int64_t>{last}, expected.data(), &target);
    auto const &a = known.train.scaler(), &b = later.train.scaler();
    for (std::size_t i = 0; i < x.size(); ++i)
        CHECK(x[i] / a.scale[i % 4] + a.mean[i % 4] == Approx(expected[i] / b.scale[i % 4] + b.mean[i % 4]).margin(1e-6));
}

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

    auto const short_end =
        panel_of({{{"x", {{0, 1}, {1, 2}, {2, 3}, {3, 5}, {50, 1}, {51, 2}}}, change::level}}, {.target = "x"});
    auto const w = windows_of(short_end, {.steps = 2, .horizon = 1, .train_fraction = 1});
    double x[2];
    CHECK_THAT(words_of<bad_data>([&] { static_cast<void>(w.train.gather_newest(x)); }),
               ContainsSubstring("requires 3 days in a row at the panel's end, of which a window of 2 is made; got 2."));
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

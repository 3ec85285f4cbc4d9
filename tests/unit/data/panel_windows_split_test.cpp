// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/panel_cases.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/panel_windows.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

using namespace espalier;
using namespace espalier_test;

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

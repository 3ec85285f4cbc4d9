// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/window_oracle.hpp"

#include <espalier/data/market.hpp>

#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

using namespace espalier;
using namespace espalier_test;

namespace {

constexpr std::int64_t a_minute = 60'000;

std::vector<double> gathered(windows const& w, std::int64_t sample) {
    std::vector<double> x_and_y(static_cast<std::size_t>(w.input().elements()) + 1);
    w.gather(std::vector<std::int64_t>{sample}, x_and_y.data() + 1, x_and_y.data());
    return x_and_y;
}
bool is_same_scaler(feature_scaler const& a, feature_scaler const& b) {
    return a.mean.size() == 2 && a == b;
}

} // namespace

TEST_CASE("Between the last training target and the first test window lie a window and a horizon, for all series alike") {
    auto const settings = GENERATE(window_settings{}, window_settings{.steps = 5, .horizon = 40, .train_fraction = 0.3},
                                   window_settings{.steps = 300, .horizon = 1, .train_fraction = 0.613},
                                   window_settings{.steps = 1, .horizon = 1, .train_fraction = 0.9});
    auto bars           = built_in_market({.tickers = 3, .days = 30, .seed = 5});
    bars[1].bars.erase(bars[1].bars.begin(), bars[1].bars.begin() + 2000); // begins later
    bars[2].bars.resize(bars[2].bars.size() - 1500);                       // ends earlier
    auto const [train, validation, test] = windows_of(bars, settings);

    std::int64_t last_known = 0, first_seen = std::numeric_limits<std::int64_t>::max();
    for (std::int64_t i = 0; i < train.size(); ++i)
        last_known = std::max(last_known, train.time_of(i) + settings.horizon * a_minute);
    for (std::int64_t i = 0; i < test.size(); ++i)
        first_seen = std::min(first_seen, test.time_of(i) - (settings.steps - 1) * a_minute);
    CHECK(first_seen - last_known > (settings.steps + settings.horizon + 1) * a_minute); // a return looks back one minute

    std::int64_t const first = bars[0].bars.front().time_ms, last = bars[0].bars.back().time_ms;
    auto const cut = static_cast<double>(first) + settings.train_fraction * static_cast<double>(last + a_minute - first);
    CHECK(static_cast<double>(last_known) < cut + static_cast<double>(a_minute));
    CHECK(static_cast<double>(first_seen) >= cut + static_cast<double>((settings.steps + settings.horizon + 1) * a_minute));
}

TEST_CASE("The cut falls on the minute that the fraction says, and no window is lost beside it") {
    // One day of 1,000 minutes, from 1:00 on, cut after 600: training targets reach up to minute 599, test windows begin at 600 +
    // 10 + 5 + 1.
    auto const [train, validation, test] =
        windows_of({steady_series("A", 3, 1, 1000, 60)}, {.steps = 10, .horizon = 5, .train_fraction = 0.6}, at_any_time());
    std::int64_t const open = (3 * 1440 + 60) * a_minute;
    CHECK(train.time_of(0) == open + 10 * a_minute);
    CHECK(train.time_of(train.size() - 1) == open + (599 - 5) * a_minute);
    CHECK(test.time_of(0) == open + (616 + 9) * a_minute);
    CHECK(test.time_of(test.size() - 1) == open + (999 - 5) * a_minute);
    CHECK(train.size() == 594 - 10 + 1);
    CHECK(test.size() == 994 - 625 + 1);
}

TEST_CASE("No window knows a later bar, and no target one later than its own, whatever becomes of later bars") {
    using moment             = std::pair<std::string, std::int64_t>;
    auto const bars          = built_in_market({.tickers = 2, .days = 6, .seed = 8, .missing = 0.3});
    auto const samples_of    = [](std::vector<bar_series> const& from) {
        using spread_too = features<log_return, log_volume, realised_volatility<4>, roll_spread<3>, time_of_day>;
        auto const w     = windows_of<spread_too>(from, {.steps = 20, .train_fraction = 1}).train;
        std::map<moment, raw_sample> all;
        for (std::int64_t i = 0; i < w.size(); ++i) all.emplace(moment{w.ticker_of(i), w.time_of(i)}, unscaled(w, i));
        return all;
    };
    auto const before        = samples_of(bars);
    std::int64_t const count = static_cast<std::int64_t>(bars[0].bars.size());
    for (std::int64_t at : {count / 5, count / 2, count - 200})
        for (auto const change : {disturbed_after, thinned_after, cut_after}) {
            std::int64_t const time = bars[0].bars[static_cast<std::size_t>(at)].time_ms;
            auto const after        = samples_of(change(bars, time));
            std::int64_t gone = 0, come = 0, wrong_inputs = 0, wrong_targets = 0, later_changed = 0;
            auto const is_known = [&](moment const& m) { return m.second + 5 * a_minute <= time; }; // with its target
            for (auto const& [m, sample] : after) come += is_known(m) && !before.contains(m);
            for (auto const& [m, sample] : before) {
                auto const found = after.find(m);
                if (found == after.end()) {
                    gone += is_known(m);
                    later_changed += !is_known(m);
                    continue;
                }
                bool is_same = true;
                for (std::size_t k = 0; k < sample.input.size(); ++k)
                    is_same = is_same && std::abs(sample.input[k] - found->second.input[k]) < 1e-6;
                wrong_inputs += m.second <= time && !is_same;
                wrong_targets += is_known(m) && std::abs(sample.target - found->second.target) > 1e-12;
                later_changed += m.second > time && !is_same;
            }
            CHECK(gone == 0);
            CHECK(come == 0);
            CHECK(wrong_inputs == 0);
            CHECK(wrong_targets == 0);
            CHECK(later_changed > 100); // the disturbance is one
        }
}

TEST_CASE("Nothing after the cut changes a bit of what was fitted, or of any window that ended before") {
    auto const bars          = built_in_market({.tickers = 3, .days = 10, .seed = 9});
    auto const [train, validation, test] = windows_of(bars, {.steps = 30});
    std::int64_t last_known  = 0;
    for (std::int64_t i = 0; i < train.size(); ++i) last_known = std::max(last_known, train.time_of(i) + 5 * a_minute);
    bar_rules const all_prints{.bad_print = on_bad_print::keep};
    auto const other = windows_of(disturbed_after(bars, last_known), {.steps = 30}, all_prints);

    REQUIRE(other.train.size() == train.size());
    REQUIRE(other.test.size() == test.size());
    CHECK(other.train.target_scale() == train.target_scale());
    std::int64_t changed = 0, changed_in_test = 0;
    for (std::int64_t i = 0; i < train.size(); ++i)
        changed +=
            gathered(train, i) != gathered(other.train, i) || !is_same_scaler(train.scaler_of(i), other.train.scaler_of(i));
    for (std::int64_t i = 0; i < test.size(); ++i) {
        changed_in_test += gathered(test, i) != gathered(other.test, i);
        changed += !is_same_scaler(test.scaler_of(i), other.test.scaler_of(i));
    }
    CHECK(changed == 0);
    CHECK(changed_in_test == test.size());
}

TEST_CASE("Scalers are the mean and deviation over the training windows' minutes, every series by itself") {
    auto const bars   = built_in_market({.tickers = 3, .days = 8, .seed = 10});
    auto const train  = windows_of(bars, {.steps = 40, .horizon = 7, .train_fraction = 0.7}).train;
    double target_sum = 0, target_squares = 0;
    for (auto const& series : bars) {
        series_oracle const oracle{series, 30, new_york_2024, last_minute_of(bars)};
        std::set<std::int64_t> minutes;
        std::int64_t sample = -1;
        for (std::int64_t i = 0; i < train.size(); ++i) {
            if (train.ticker_of(i) != series.ticker) continue;
            sample                 = i;
            std::int64_t const end = train.time_of(i) / a_minute;
            for (std::int64_t m = end - 39; m <= end; ++m) minutes.insert(m);
            double const target = oracle.log_return(end, end + 7);
            target_sum += target, target_squares += target * target;
        }
        REQUIRE(sample >= 0);
        double mean[2] = {}, squares[2] = {};
        double const n = static_cast<double>(minutes.size());
        for (std::int64_t m : minutes) {
            auto const [move, volume] = oracle.features(m);
            mean[0] += move / n, mean[1] += volume / n;
        }
        for (std::int64_t m : minutes) {
            auto const [move, volume] = oracle.features(m);
            squares[0] += (move - mean[0]) * (move - mean[0]), squares[1] += (volume - mean[1]) * (volume - mean[1]);
        }
        for (int f : {0, 1}) {
            CHECK(train.scaler_of(sample).mean[f] == Approx(mean[f]).epsilon(1e-4).margin(1e-10));
            CHECK(train.scaler_of(sample).scale[f] == Approx(1 / std::sqrt(squares[f] / n)).epsilon(1e-5));
        }
    }
    double const n = static_cast<double>(train.size()), mean = target_sum / n;
    CHECK(train.target_scale() == Approx(std::sqrt(target_squares / n - mean * mean)).epsilon(1e-6));
}

TEST_CASE("A series that begins after the cut is left out of the test part, and counted") {
    auto const known = steady_series("OLD", 10, 10, 300), young = steady_series("YOUNG", 19, 1, 300);
    auto const rules = at_any_time(0);
    auto const alone = windows_of({known}, {}, rules), both = windows_of({known, young}, {}, rules),
               reversed = windows_of({young, known}, {}, rules);
    CHECK(both.train.size() == alone.train.size());
    CHECK(both.test.size() == alone.test.size());
    CHECK(both.test.counts().left_out == 300 - 65);
    CHECK(reversed.test.counts().left_out == 300 - 65);
    CHECK(alone.test.counts().left_out == 0);
    for (std::int64_t i = 0; i < reversed.test.size(); ++i) REQUIRE(reversed.test.ticker_of(i) == "OLD");
}

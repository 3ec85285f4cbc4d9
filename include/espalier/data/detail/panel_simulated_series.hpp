// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of simulated_panel: the draws of a day, and the rules by which series move.
/// All randomness is Philox at (day, series, purpose); there is no generator to carry along.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/core/philox.hpp>
#include <espalier/data/panel_simulation.hpp>

#include <cmath>

namespace espalier {
namespace detail {

inline void check(simulation_settings const& s) {
    auto const require = [](bool holds, char const* required, auto const& got, char const* fix) {
        if (!holds) throw invalid_setting{{"simulated_panel", required, joined(got), fix, "howto/panel.md"}};
    };
    require(s.series >= 2 && s.series <= max_features, "2 to 64 series", s.series, "Set series to 6");
    require(s.days >= 1, "at least one day", s.days, "Set days to 2500");
    require(s.signal >= 0 && s.signal <= 0.9, "a signal in 0 … 0.9", s.signal, "Set signal to 0.1");
    require(s.correlation >= 0 && s.correlation <= 1, "a correlation in 0 … 1", s.correlation, "Set correlation to 0.5");
    require(s.missing >= 0 && s.missing <= 0.5, "missing in 0 … 0.5", s.missing, "Set missing to 0.03");
}

/// The random numbers of simulated series.
class simulated_draws {
public:
    explicit simulated_draws(simulation_settings const& s)
        : key_{s.seed, "simulated panel"}, common_{std::sqrt(s.correlation)}, own_{std::sqrt(1.0 - s.correlation)},
          missing_{s.missing} {}

    /// The shock of a series on a day, standard normal; two of one day have the correlation that was asked for.
    [[nodiscard]] double shock(int day, int series) const noexcept {
        random_block const all = draw(day, 0, of_all), one = draw(day, series, of_one);
        return common_ * to_normal(all.word[0], all.word[1]) + own_ * to_normal(one.word[0], one.word[1]);
    }
    [[nodiscard]] bool is_missing(int day, int series) const noexcept {
        return static_cast<double>(to_unit(draw(day, series, of_one).word[2])) < missing_;
    }

private:
    enum purpose : std::uint64_t { of_all, of_one };
    [[nodiscard]] random_block draw(int day, int series, purpose p) const noexcept {
        return key_.at(static_cast<std::uint64_t>(day), static_cast<std::uint64_t>(series), p);
    }

    random_key key_;
    double common_, own_, missing_;
};

/// Moves every series by one day.
class simulated_state {
public:
    explicit simulated_state(simulation_settings const& s)
        : draws_{s}, signal_{s.signal}, at_(static_cast<std::size_t>(s.series)) {
        for (int k = 0; k < s.series; ++k) at(k) = is_price(k) ? std::log(100.0) : draws_.shock(0, k);
    }

    [[nodiscard]] static bool is_price(int series) noexcept { return series % 2 == 0; }

    /// Goes on to a day, from the one before.
    void advance(int day) {
        double const learnable = signal_ * at(1);
        double const noise = std::sqrt(1.0 - signal_ * signal_), renewal = std::sqrt(1.0 - persistence * persistence);
        for (int k = 0; k < static_cast<int>(at_.size()); ++k) {
            double const e = draws_.shock(day, k);
            at(k)          = is_price(k) ? at(k) + daily_volatility * (learnable + noise * e) : persistence * at(k) + renewal * e;
        }
    }
    [[nodiscard]] double value(int series) const {
        double const x = at_[static_cast<std::size_t>(series)];
        return is_price(series) ? std::exp(x) : x;
    }

private:
    static constexpr double persistence = 0.95, daily_volatility = 0.01;
    [[nodiscard]] double& at(int series) { return at_[static_cast<std::size_t>(series)]; }

    simulated_draws draws_;
    double signal_;
    std::vector<double> at_; // log prices and levels
};

} // namespace detail

inline std::vector<panel_column> simulated_panel(simulation_settings const& settings) {
    detail::check(settings);
    std::vector<panel_column> columns;
    for (int k = 0; k < settings.series; ++k)
        columns.emplace_back(dated_series{joined("SIM", k), {}},
                             detail::simulated_state::is_price(k) ? change::log_return : change::level);
    detail::simulated_state state{settings};
    detail::simulated_draws const draws{settings};
    std::int64_t const first_monday = espalier::day_of(2010, 1, 4);
    for (int day = 0; day < settings.days; ++day) {
        if (day > 0) state.advance(day);
        for (int k = 0; k < settings.series; ++k) {
            bool const is_there = day == 0 || !draws.is_missing(day, k); // each series begins on the first day
            dated_series& s     = columns[static_cast<std::size_t>(k)].series;
            if (is_there) s.values.push_back({first_monday + day / 5 * 7 + day % 5, state.value(k)});
        }
    }
    return columns;
}

} // namespace espalier

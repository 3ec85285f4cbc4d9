// SPDX-License-Identifier: BSL-1.0
/// @file
/// Several ways to do one collective operation, run in turns by all ranks and timed as the slowest rank sees them.
/// It knows neither the operations nor how their figures are shown.
#pragma once

#include "support/report.hpp"

#include <espalier/comm/concepts.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace bench {

/// One way: a name for the table, and the operation of this rank.
struct way {
    std::string name;
    std::function<void()> run;
};

/// Seconds of one operation of the slowest rank, over `repeats` operations one after the other. One more is done before, not
/// counted, so that no way finds caches and cores as another one has left them.
/// @par Ranks     collective over `world`
template <espalier::Communicator World>
[[nodiscard]] double slowest_seconds(World& world, way const& w, long repeats) {
    w.run();
    world.barrier();
    double seconds = seconds_of([&] {
        for (long i = 0; i < repeats; ++i) w.run();
    });
    world.all_reduce(&seconds, &seconds, std::int64_t{1}, espalier::maximum{});
    return seconds / static_cast<double>(repeats);
}

/// How many operations take about `budget_seconds`, the same number on all ranks; they also warm up.
/// @par Ranks     collective over `world`
template <espalier::Communicator World>
[[nodiscard]] long repeats_within(World& world, way const& w, double budget_seconds) {
    long repeats = 1;
    for (;;) {
        double const seconds = slowest_seconds(world, w, repeats) * static_cast<double>(repeats);
        if (seconds > budget_seconds / 4 || repeats > 200'000)
            return std::max(1L, static_cast<long>(static_cast<double>(repeats) * budget_seconds / std::max(seconds, 1e-9)));
        repeats *= 4;
    }
}

/// The way that was the fastest when each had half of `budget_seconds` twice; the same on all ranks.
/// @par Ranks     collective over `world`
template <espalier::Communicator World>
[[nodiscard]] way const& fastest_way(World& world, std::vector<way> const& ways, double budget_seconds) {
    std::vector<double> seconds;
    for (way const& w : ways) {
        long const repeats = repeats_within(world, w, budget_seconds / 2);
        seconds.push_back(std::min(slowest_seconds(world, w, repeats), slowest_seconds(world, w, repeats)));
    }
    return ways[static_cast<std::size_t>(std::min_element(seconds.begin(), seconds.end()) - seconds.begin())];
}

/// The seconds of every way in every turn.
class rounds {
public:
    /// Runs way 0, way 1, …, way 0, …; each for about `budget_seconds` a turn. The first turn is not counted.
    /// @par Ranks     collective over `world`
    template <espalier::Communicator World>
    rounds(World& world, std::span<way const> ways, long turns, double budget_seconds) : seconds_(ways.size()) {
        std::vector<long> repeats;
        for (way const& w : ways) repeats.push_back(repeats_within(world, w, budget_seconds));
        for (long turn = 0; turn <= turns; ++turn)
            for (std::size_t i = 0; i < ways.size(); ++i) {
                double const seconds = slowest_seconds(world, ways[i], repeats[i]);
                if (turn > 0) seconds_[i].push_back(seconds);
            }
    }

    /// The median of a way.
    [[nodiscard]] double seconds(std::size_t i) const { return median(seconds_[i]); }
    /// The median, turn by turn, of another way's time over this one's: above 1 where way `i` is the faster one.
    [[nodiscard]] double speed(std::size_t i, std::size_t other) const {
        std::vector<double> ratios;
        for (std::size_t turn = 0; turn < seconds_[i].size(); ++turn) ratios.push_back(seconds_[other][turn] / seconds_[i][turn]);
        return median(ratios);
    }

private:
    std::vector<std::vector<double>> seconds_;
};

} // namespace bench

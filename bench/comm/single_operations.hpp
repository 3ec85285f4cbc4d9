// SPDX-License-Identifier: BSL-1.0
/// @file
/// Times of single operations instead of a mean over many: what one all-reduce takes where ranks must share cores, and some take
/// long because a rank that is needed does not run. It shows the distribution, rounds.hpp the rate.
#pragma once

#include "comm/rounds.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

namespace bench {

/// Seconds of `operations` operations, each from entering to leaving on the slowest rank, in rising order; the same on all ranks.
/// @par Ranks     collective over `world`
template <espalier::Communicator World>
[[nodiscard]] std::vector<double> single_seconds(World& world, way const& w, long operations) {
    std::vector<double> seconds(static_cast<std::size_t>(operations));
    for (long i = 0; i < operations / 10; ++i) w.run(); // not counted
    world.barrier();
    for (double& s : seconds) s = seconds_of(w.run);
    world.all_reduce(seconds.data(), seconds.data(), static_cast<std::int64_t>(operations), espalier::maximum{});
    std::sort(seconds.begin(), seconds.end());
    return seconds;
}

/// A row of the distribution of sorted seconds.
[[nodiscard]] inline report::row distribution(std::string const& name, int ranks, std::int64_t bytes,
                                              std::vector<double> const& sorted) {
    double const mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(sorted.size());
    auto const at     = [&](double share) {
        return 1e6 * sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    };
    return {{"single operations", name}, {"ranks", ranks},       {"bytes", bytes},
            {"count", sorted.size()},    {"median us", at(0.5)}, {"10th us", at(0.1)},
            {"90th us", at(0.9)},        {"99th us", at(0.99)},  {"mean us", 1e6 * mean}};
}

} // namespace bench

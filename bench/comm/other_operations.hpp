// SPDX-License-Identifier: BSL-1.0
/// @file
/// Broadcast, all-gather, reduce-scatter and all-to-all of a communicator, each beside a copy of as many bytes as a rank
/// receives, made by every rank alone without meeting anybody. The all-reduce has tables of its own.
#pragma once

#include "comm/rounds.hpp"

#include <espalier/comm/concepts.hpp>
#include <espalier/memory/buffer.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// One operation on `in` and `out`, both of n elements; `in` holds rank + 1 everywhere.
struct other_operation {
    std::string name;
    std::function<void()> run;
    bool is_of_everything;          ///< a rank receives all n elements, otherwise all but its own part
    std::function<bool()> is_right; ///< asked after `run`
};

/// The operations that `World` offers. What they point to is the caller's.
template <espalier::Communicator World>
[[nodiscard]] std::vector<other_operation> other_operations(World& world, float* in, float* out,
                                                            std::vector<std::int64_t> const& borders) {
    int const rank = world.rank(), ranks = world.size();
    std::int64_t const n = borders.back(), part = n / ranks;
    auto const parts_are_of_their_ranks = [=] {
        for (int r = 0; r < ranks; ++r)
            if (out[r * part] != static_cast<float>(r + 1) || out[(r + 1) * part - 1] != static_cast<float>(r + 1)) return false;
        return true;
    };
    std::vector<other_operation> all;
    all.push_back({"all_gather",
                   [=, &world, &borders] { world.all_gather(in + borders[static_cast<std::size_t>(rank)], out, borders); }, false,
                   parts_are_of_their_ranks});
    all.push_back({"all_to_all", [=, &world] { world.all_to_all(in, out, part); }, false, parts_are_of_their_ranks});
    all.push_back({"reduce_scatter", [=, &world, &borders] { world.reduce_scatter(in, out, borders, espalier::sum{}); }, false,
                   [=] { return out[0] == static_cast<float>(ranks * (ranks + 1) / 2) && out[part - 1] == out[0]; }});
    all.push_back(
        {"broadcast", [=, &world] { world.broadcast(in, n, 0); }, true, [=] { return in[0] == 1.0f && in[n - 1] == 1.0f; }});
    return all;
}

/// A row for each operation on `bytes` in all a rank; whether all gave what they should.
/// @par Ranks     collective over `world`
/// @par Source    bandwidths: nccl-tests, doc/PERFORMANCE.md
template <espalier::Communicator World>
[[nodiscard]] bool measure_others(World& world, std::int64_t bytes, report* out, long turns, double budget_seconds) {
    std::int64_t const n = bytes / 4;
    int const ranks      = world.size();
    espalier::buffer<float> from{n}, into{n};
    std::vector<std::int64_t> borders;
    for (int r = 0; r <= ranks; ++r) borders.push_back(n / ranks * r);
    std::fill_n(from.data(), n, static_cast<float>(world.rank() + 1));
    std::fill_n(into.data(), n, 0.0f);
    bool all_right = true;
    for (auto const& operation : other_operations(world, from.data(), into.data(), borders)) {
        world.barrier();
        operation.run();
        int wrong = operation.is_right() ? 0 : 1;
        world.all_reduce(&wrong, &wrong, std::int64_t{1}, espalier::maximum{});
        all_right = all_right && wrong == 0;

        double const share  = operation.is_of_everything ? 1 : static_cast<double>(ranks - 1) / ranks;
        auto const received = static_cast<std::size_t>(share * static_cast<double>(bytes));
        std::array<way, 2> const ways{{{operation.name, operation.run}, {"copy", [&] {
                                                                             std::memcpy(into.data(), from.data(), received);
                                                                             keep(*into.data());
                                                                         }}}};
        rounds const times{world, ways, turns, budget_seconds};
        double const algorithm_bandwidth = static_cast<double>(bytes) / times.seconds(0) * 1e-9;
        if (out != nullptr)
            out->add({{"operation", operation.name},
                      {"ranks", ranks},
                      {"bytes", bytes},
                      {"us", times.seconds(0) * 1e6},
                      {"algbw", algorithm_bandwidth},
                      {"busbw", algorithm_bandwidth * share},
                      {"copy us", times.seconds(1) * 1e6},
                      {"copy / operation", times.speed(0, 1)},
                      {"values", wrong == 0 ? "right" : "WRONG"}});
    }
    return all_right;
}

} // namespace bench

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What all benchmarks of all-reduces share: options, sizes, the library's own ways, the check of a sum, and bandwidths by
/// nccl-tests' formulas. What they are compared with, the programs say.
#pragma once

#include "comm/rounds.hpp"

#include <espalier/comm/order.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace bench {

/// 4 bytes to 64 MB, and the 49 kB of a small LSTM forecaster's gradients.
inline constexpr std::array<std::int64_t, 14> bytes_of_sums{
    4, 16, 64, 256, 1024, 4096, 16'384, 49'060, 65'536, 262'144, 1'048'576, 4'194'304, 16'777'216, 67'108'864};

/// How long is measured, and which sizes.
struct sum_options {
    long turns, bytes, most_bytes;
    double budget_seconds; ///< of one way in one turn

    explicit sum_options(arguments& args)
        : turns{args.number("--turns", 9)}, bytes{args.number("--bytes", 0)}, most_bytes{args.number("--most-bytes", 1L << 30)},
          budget_seconds{1e-6 * static_cast<double>(args.number("--microseconds", 5000))} {}
    /// What --help says of them.
    static constexpr char const* usage = "  --turns N          how often each is run (9)\n"
                                         "  --microseconds N   how long, about, each runs in a turn (5000)\n"
                                         "  --bytes N          only N bytes\n"
                                         "  --most-bytes N     no size above N bytes\n"
                                         "  --json             one JSON object a line\n";

    [[nodiscard]] bool wants(std::int64_t size) const { return bytes > 0 ? size == bytes : size <= most_bytes; }
};

/// Says so where ranks wait for cores as well as for each other.
inline void tell_if_cores_are_shared(int ranks) {
    auto const cores = std::thread::hardware_concurrency();
    if (static_cast<unsigned>(ranks) > cores)
        std::fprintf(stderr, "%d ranks share %u cores: what they take includes waiting for a core.\n", ranks, cores);
}

/// The all-reduce of a communicator over this rank's `n` elements at `part.data`, in place, in both orders.
template <espalier::Communicator World>
[[nodiscard]] std::vector<way> own_ways(World& world, espalier::summand<float> const& part, std::int64_t n) {
    auto* const data = const_cast<float*>(part.data);
    std::vector<way> ways{{"ordered", [=, &world, &part] {
                               world.all_reduce(espalier::ordered_sum<float>{world.size(), {&part, 1}}, data, n);
                           }}};
    if constexpr (requires { world.all_reduce(data, data, n, espalier::sum{}, espalier::fastest); })
        ways.push_back({"fastest", [=, &world] { world.all_reduce(data, data, n, espalier::sum{}, espalier::fastest); }});
    return ways;
}

/// Whether a way from `operand` to `result` gives the sum of rank + 1 over all ranks at both ends and in the middle, on every
/// rank.
/// @par Ranks     collective over `world`
template <espalier::Communicator World>
[[nodiscard]] bool gives_the_sum(World& world, way const& w, float* operand, float const* result, std::int64_t n) {
    std::fill_n(operand, n, static_cast<float>(world.rank() + 1));
    world.barrier();
    w.run();
    auto const wanted = static_cast<float>(world.size() * (world.size() + 1) / 2);
    int wrong         = result[0] != wanted || result[n / 2] != wanted || result[n - 1] != wanted ? 1 : 0;
    world.all_reduce(&wrong, &wrong, std::int64_t{1}, espalier::maximum{});
    return wrong == 0;
}

/// Zeros stay zeros, however often they are summed in place.
template <espalier::Communicator World>
void make_zero(World& world, float* data, std::int64_t n) {
    std::fill_n(data, n, 0.0f);
    world.barrier();
}

/// Adds "<name> us", and in GB/s "<name> algbw" = bytes / time and "<name> busbw" = algbw · 2(P-1)/P.
/// @par Source    nccl-tests, doc/PERFORMANCE.md
inline void add_figures(report::row& row, std::string const& name, double seconds, std::int64_t bytes, int ranks) {
    double const algorithm_bandwidth = static_cast<double>(bytes) / seconds * 1e-9;
    row[name + " us"]                = seconds * 1e6;
    row[name + " algbw"]             = algorithm_bandwidth;
    if (ranks > 2) row[name + " busbw"] = algorithm_bandwidth * 2 * (ranks - 1) / ranks;
}

} // namespace bench

// SPDX-License-Identifier: BSL-1.0
// test: --turns 1 --microseconds 1 --most-bytes 65536
// The all-reduce of `threads` from 4 bytes to 64 MB on 2, 4 and 8 ranks, in turns with a hand-written loop of two threads and
// with Gloo.
#include "comm/by_hand.hpp"
#include "comm/gloo_ranks.hpp"
#include "comm/other_operations.hpp"
#include "comm/single_operations.hpp"
#include "comm/sums.hpp"

#include <espalier/comm/threads.hpp>

#include <atomic>
#include <string>
#include <thread>

#include <sched.h>

using namespace espalier;

/// What the ranks of one world measure with.
struct peers {
    bench::two_threads by_hand;
    bench::gloo_store gloo;
};

/// One size: each way once for its sum, then all in turns.
static bool measure(threads& world, peers& others, bench::gloo_rank const& gloo, std::int64_t bytes, bench::report& out,
                    bench::sum_options const& o) {
    std::int64_t const n = bytes / 4;
    int const rank = world.rank(), ranks = world.size();
    buffer<float> mine{n};
    summand<float> const part{{rank, rank + 1}, mine.data()};
    auto ways             = bench::own_ways(world, part, n);
    std::size_t const own = ways.size();
    if (ranks == 2) {
        others.by_hand.array[rank] = mine.data();
        ways.push_back({"by hand", [&] { others.by_hand.add(rank, n); }});
    }
    bench::make_zero(world, mine.data(), n);
    std::string how;
    if (auto const all = gloo.sums(mine.data(), n); !all.empty()) {
        bench::way const& best = bench::fastest_way(world, all, o.budget_seconds);
        ways.push_back({"Gloo", best.run});
        how = best.name;
    }

    bool right = true;
    for (auto const& w : ways) right = bench::gives_the_sum(world, w, mine.data(), mine.data(), n) && right;
    bench::make_zero(world, mine.data(), n);
    bench::rounds const times{world, ways, o.turns, o.budget_seconds};
    if (rank != 0) return right;

    bench::report::row row{{"ranks", ranks}, {"bytes", bytes}};
    for (std::size_t i = 0; i < own; ++i) bench::add_figures(row, ways[i].name, times.seconds(i), bytes, ranks);
    for (std::size_t other = own; other < ways.size(); ++other) {
        row[ways[other].name + " us"] = times.seconds(other) * 1e6;
        for (std::size_t i = 0; i < own; ++i) row[ways[other].name + " / " + ways[i].name] = times.speed(i, other);
    }
    if (!how.empty()) row["Gloo's way"] = how;
    row["sum"] = right ? "right" : "WRONG";
    out.add(row);
    return right;
}

/// Single operations of 49 kB, in order.
static void measure_single(threads& world, bench::report& out, bench::sum_options const& o) {
    std::int64_t const n = 12'265;
    buffer<float> mine{n};
    summand<float> const part{{world.rank(), world.rank() + 1}, mine.data()};
    bench::make_zero(world, mine.data(), n);
    for (auto const& w : bench::own_ways(world, part, n)) {
        auto const sorted = bench::single_seconds(world, w, 200 * o.turns);
        if (world.rank() == 0) out.add(bench::distribution(w.name, world.size(), 4 * n, sorted));
    }
}

/// Binds a rank to a core of its own, as mpirun does, where there are as many; so that no two that wait for each other share one.
static void bind_to_core(int rank, int ranks) {
    if (static_cast<unsigned>(ranks) > std::thread::hardware_concurrency()) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(rank), &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) std::fprintf(stderr, "rank %d could not be bound to core %d\n", rank, rank);
}

int main(int argc, char** argv) {
    bench::arguments args{
        argc, argv,
        "All-reduce of `threads`, floats, in place, beside two threads that add by hand and beside the fastest of Gloo's ways.\n"
        "Times are the slowest rank's; algbw and busbw in GB/s as in nccl-tests, for two ranks the same. `a / b` is the time of "
        "a over\n"
        "the time of b. The last table has single operations of 49 kB.\n"
        "  --ranks N          only N ranks, instead of 2, 4 and 8\n" +
            std::string{bench::sum_options::usage}};
    bool const json       = args.flag("--json");
    long const only_ranks = args.number("--ranks", 0);
    bench::sum_options const o{args};
    args.finish();
    bench::report out{args.command(), json};
    if (!bench::has_gloo) std::fprintf(stderr, "Without Gloo (Debian: libgloo-dev): its columns are left out.\n");
    std::atomic<bool> right{true};
    for (int const ranks : {2, 4, 8}) {
        if (only_ranks > 0 && only_ranks != ranks) continue;
        bench::tell_if_cores_are_shared(ranks);
        peers others;
        threads::launch(ranks, [&](threads& world) {
            bench::gloo_rank const gloo{others.gloo, world.rank(), ranks};
            bind_to_core(world.rank(), ranks); // now, so that the threads that Gloo has begun run where they can
            for (auto const bytes : bench::bytes_of_sums)
                if (o.wants(bytes) && !measure(world, others, gloo, bytes, out, o)) right = false;
            if (o.bytes == 0 || o.bytes == 49'060) measure_single(world, out, o);
            for (std::int64_t const bytes : {std::int64_t{4096}, std::int64_t{1} << 20, std::int64_t{1} << 24})
                if (o.bytes == 0 && bytes <= o.most_bytes &&
                    !bench::measure_others(world, bytes, world.rank() == 0 ? &out : nullptr, o.turns, o.budget_seconds))
                    right = false;
        });
    }
    return right ? 0 : 1;
}

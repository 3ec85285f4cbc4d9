// SPDX-License-Identifier: BSL-1.0
// test: --turns 2
// The ordered all-reduce of two thread ranks beside two threads that know each other's arrays and add them by hand, in turns.
#include "support/report.hpp"

#include <espalier/comm/threads.hpp>

#include <atomic>
#include <utility>

using namespace espalier;

/// What a hand-written program has: both arrays, and a barrier of two.
class two_threads {
public:
    float* array[2] = {};

    /// array[0] = array[1] = array[0] + array[1]: each thread adds one half and writes it to both.
    void add(int rank, std::int64_t n) {
        meet(rank);
        std::int64_t const middle = n / 2 / 16 * 16, first = rank == 0 ? 0 : middle, last = rank == 0 ? middle : n;
        float* const ESPALIER_RESTRICT() a = array[0];
        float* const ESPALIER_RESTRICT() b = array[1];
        for (std::int64_t i = first; i < last; ++i) a[i] = b[i] = a[i] + b[i];
        meet(rank);
    }

private:
    void meet(int rank) {
        auto const mine = came_[rank].count.load(std::memory_order_relaxed) + 1;
        came_[rank].count.store(mine, std::memory_order_release);
        for (int spins = 0; came_[1 - rank].count.load(std::memory_order_acquire) < mine; ++spins)
            if (spins > 4000) std::this_thread::yield();  // on a machine that does other work
    }

    struct alignas(64) arrivals {
        std::atomic<long> count{0};
    };
    arrivals came_[2];
};

/// One size on one rank; returns whether the sum was right.
static bool measure(threads& world, two_threads& by_hand, bench::report& out, std::int64_t n, long repeats, long turns) {
    int const rank = world.rank();
    buffer<float> mine{n};
    auto const fill = [&](float value) { std::fill_n(mine.data(), n, value); };
    summand<float> const part{{rank, rank + 1}, mine.data()};
    auto const collective = [&] { world.all_reduce(ordered_sum<float>{2, {&part, 1}}, mine.data(), n); };
    by_hand.array[rank] = mine.data();
    world.barrier();

    fill(static_cast<float>(rank + 1));
    collective();
    bool right = mine.data()[0] == 3.0f && mine.data()[n - 1] == 3.0f;
    fill(static_cast<float>(rank + 1));
    by_hand.add(rank, n);
    right = right && mine.data()[0] == 3.0f && mine.data()[n - 1] == 3.0f;

    fill(0.0f);  // sums of zeros stay zeros, however often they are taken in place
    auto const slowest = [&](auto&& operation) {
        world.barrier();
        double seconds = bench::seconds_of([&] {
            for (long i = 0; i < repeats; ++i) operation();
        });
        world.all_reduce(&seconds, &seconds, std::int64_t{1}, maximum{});
        return seconds / static_cast<double>(repeats);
    };
    auto const times   = bench::in_turns(turns, [&] { return slowest(collective); }, [&] { return slowest([&] { by_hand.add(rank, n); }); });
    double const bytes = 4.0 * static_cast<double>(n);
    if (rank == 0)
        out.add({{"bytes", bytes},
                 {"all_reduce us", times.first * 1e6},
                 {"by hand us", times.second * 1e6},
                 {"algbw GB/s", bytes / times.first * 1e-9},
                 {"by hand GB/s", bytes / times.second * 1e-9},
                 {"all_reduce / by hand", 1 / times.ratio},
                 {"sum", right ? "right" : "WRONG"}});
    world.barrier();
    return right;
}

int main(int argc, char** argv) {
    bench::arguments args{argc, argv,
                          "The ordered all-reduce of `threads`, 2 ranks, in place, beside two threads that add by hand. Needs two free cores.\n"
                          "Bus bandwidth by nccl-tests is algbw * 2(n-1)/n, with two ranks the same.\n"
                          "  --turns N   how often each is run (15)\n"
                          "  --json      one JSON object a line\n"};
    bool const json  = args.flag("--json");
    long const turns = args.number("--turns", 15);
    args.finish();
    bench::report out{args.command(), json};
    two_threads by_hand;
    std::atomic<bool> right{true};
    threads::launch(2, [&](threads& world) {
        for (auto const& [n, repeats] : {std::pair{1L, 2000L}, std::pair{12265L, 500L}, std::pair{1L << 20, 20L}})
            if (!measure(world, by_hand, out, n, turns < 5 ? 2 : repeats, turns)) right = false;
    });
    return right ? 0 : 1;
}

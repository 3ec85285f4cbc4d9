// SPDX-License-Identifier: BSL-1.0
/// @file
/// The sum that two threads of one program would write for themselves, knowing each other's arrays: what `threads` is compared
/// with. It looks for no error, has no deadline and serves two ranks only.
#pragma once

#include <espalier/core/config.hpp>

#include <atomic>
#include <cstdint>
#include <thread>

namespace bench {

/// What a hand-written program has: both arrays, and a barrier of two.
class two_threads {
public:
    float* array[2] = {};

    /// array[0] = array[1] = array[0] + array[1]: each thread adds one of two parts and writes it to both.
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
            if (spins > 4000) std::this_thread::yield(); // on a machine that does other work
    }

    struct alignas(64) arrivals {
        std::atomic<long> count{0};
    };
    arrivals came_[2];
};

} // namespace bench

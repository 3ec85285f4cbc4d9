// SPDX-License-Identifier: BSL-1.0
/// @file
/// The gate at which the ranks of a group meet: a barrier that can be broken, in memory that threads or processes share.
/// It neither looks for failures nor keeps time; who waits here decides how long, and what to do then.
#pragma once

#include <espalier/comm/detail/atomics.hpp>

#include <chrono>
#include <cstdint>

namespace espalier::detail {

/// Opens whenever all parties have arrived, and is at once ready for their next arrival.
/// ```
///   word:   | generation 19 bits | broken 1 | arrived 12 |       the last arrival adds a generation and zeroes the arrivals
/// ```
/// Checked over all interleavings by tests/unit/comm/gate_test.cpp.
/// @tparam Atomics `machine_atomics`, or those of a test
template <class Atomics = machine_atomics>
class gate {
public:
    static constexpr int most_parties = 4095;

    /// What an arrival saw: the word before it.
    using arrival = std::uint32_t;

    /// @param parties 1 … most_parties
    explicit gate(int parties) noexcept : parties_{static_cast<std::uint32_t>(parties)} {}

    /// Counts the caller in; the last one opens the gate and wakes those who sleep.
    [[nodiscard]] arrival arrive() noexcept {
        std::uint32_t before = word_.load();
        for (;;) {
            if ((before & broken) != 0) return before;
            bool const is_last = (before & arrivals) + 1 == parties_;
            if (!word_.compare_exchange_weak(before, is_last ? (before & ~arrivals) + generation : before + 1)) continue;
            if (is_last) wake();
            return before;
        }
    }
    /// Whether all have arrived since. Never again false for this arrival, until it has seen it true.
    [[nodiscard]] bool is_open(arrival a) const noexcept { return has_passed(word_.load(), a); }
    /// Whether somebody has given up: nobody passes any more.
    [[nodiscard]] bool is_broken() const noexcept { return (word_.load() & broken) != 0; }

    /// Sleeps until the gate opens or breaks, at most as long as said. May return early.
    void sleep(arrival a, std::chrono::nanoseconds at_most) noexcept {
        sleepers_.fetch_add(1);  // before the look at the word: whoever changes it afterwards sees a sleeper
        std::uint32_t const seen = word_.load();
        if (!has_passed(seen, a) && (seen & broken) == 0) Atomics::sleep_while(word_, seen, at_most);
        sleepers_.fetch_sub(1);
    }

    /// Gives up waiting: breaks the gate for everybody.
    /// @return false where it has opened after all
    [[nodiscard]] bool leave(arrival a) noexcept {
        std::uint32_t now = word_.load();
        for (;;) {
            if (has_passed(now, a)) return false;
            if ((now & broken) != 0) return true;
            if (word_.compare_exchange_weak(now, now | broken)) {
                wake();
                return true;
            }
        }
    }

private:
    static constexpr std::uint32_t arrivals   = 0xfff;
    static constexpr std::uint32_t broken     = 0x1000;
    static constexpr std::uint32_t generation = 0x2000;

    [[nodiscard]] static bool has_passed(std::uint32_t now, arrival a) noexcept { return (now ^ a) >= generation; }
    void wake() noexcept {
        if (sleepers_.load() != 0) Atomics::wake_all(word_);
    }

    alignas(64) typename Atomics::template atomic<std::uint32_t> word_{0};
    typename Atomics::template atomic<std::uint32_t> sleepers_{0};
    std::uint32_t parties_;
};

}  // namespace espalier::detail

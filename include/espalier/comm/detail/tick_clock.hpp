// SPDX-License-Identifier: BSL-1.0
/// @file
/// The cheapest clock that there is: the processor's own counter where it never changes its rate, the steady clock elsewhere.
/// Counts become nanoseconds when somebody reads them, not when they are taken.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

#if defined(__x86_64__)
#    include <cpuid.h>
#endif

namespace espalier::detail {

[[nodiscard]] inline std::int64_t steady_ns() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Whether the processor's counter runs at one rate in every state of power.
/// @par Source    Intel SDM volume 3B, "Invariant TSC": CPUID leaf 0x80000007, bit 8 of EDX; AMD64 APM volume 3, the same
[[nodiscard]] inline bool has_invariant_counter() noexcept {
#if defined(__x86_64__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(0x80000007u, &a, &b, &c, &d) != 0 && (d & 0x100u) != 0;
#else
    return false;
#endif
}

/// Counts since some moment. `now()` costs a third to a half of a look at the steady clock.
class tick_clock {
public:
    /// A moment on all three clocks.
    struct moment {
        std::int64_t ticks = 0, steady_ns = 0, system_ns = 0;
    };

    [[nodiscard]] std::int64_t now() const noexcept {
#if defined(__x86_64__)
        if (counts_) {
            std::uint32_t low = 0, high = 0;
            asm volatile("rdtsc" : "=a"(low), "=d"(high));
            return static_cast<std::int64_t>(std::uint64_t{high} << 32 | low);
        }
#endif
        return steady_ns();
    }
    /// Of a few looks at all clocks, the one with the least time between.
    [[nodiscard]] moment look() const noexcept {
        moment best;
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        for (int i = 0; i < 5; ++i) {
            std::int64_t const before = now();
            std::int64_t const steady = steady_ns();
            auto const system         = std::chrono::system_clock::now().time_since_epoch();
            std::int64_t const took   = now() - before;
            if (took >= least) continue;
            least = took;
            best  = {before + took / 2, steady, std::chrono::duration_cast<std::chrono::nanoseconds>(system).count()};
        }
        return best;
    }
    /// A count in nanoseconds of the steady clock, by two moments between which, or near which, it was taken.
    [[nodiscard]] static std::int64_t to_steady_ns(std::int64_t ticks, moment const& first, moment const& last) noexcept {
        auto const counted = static_cast<double>(last.ticks - first.ticks), passed = static_cast<double>(last.steady_ns - first.steady_ns);
        if (counted <= 0) return last.steady_ns;
        return last.steady_ns + static_cast<std::int64_t>(static_cast<double>(ticks - last.ticks) * (passed / counted));
    }

private:
    bool counts_ = has_invariant_counter();
};

}  // namespace espalier::detail

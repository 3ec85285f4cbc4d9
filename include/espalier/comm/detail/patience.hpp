// SPDX-License-Identifier: BSL-1.0
/// @file
/// How a rank waits before it sleeps, and when it has waited too long: the same for all communicators whose ranks share memory.
/// What it waits for, and how it sleeps, is the business of those who wait.
#pragma once

#include <espalier/comm/detail/atomics.hpp>

#include <chrono>
#include <cstddef>
#include <thread>

namespace espalier::detail {

/// How long a rank looks before it sleeps: so many looks, then so many times it lets others run.
struct patience {
    int looks = 0, yields = 0;
};

/// Of `ranks` that wait for each other. With a core for each the others arrive soon, and waking from sleep takes longer than that
/// (measured: 50 µs against 0.3 µs); without, looking again keeps them from running.
[[nodiscard]] inline patience patience_among(std::size_t ranks) noexcept {
    return ranks <= std::thread::hardware_concurrency() ? patience{500, 1000} : patience{20, 50};
}
/// A worker shares the cores with ranks that compute: it sleeps soon.
inline constexpr patience patience_of_workers{50, 1};

/// Whether `is_over()` comes true while patience lasts.
template <class Over>
[[nodiscard]] bool is_over_soon(patience const& how_long, Over const& is_over) {
    for (int i = 0; i < how_long.looks; ++i) {
        if (is_over()) return true;
        relax();
    }
    // The one that is waited for may need this core, though there are enough: other programs run as well.
    for (int i = 0; i < how_long.yields; ++i) {
        if (is_over()) return true;
        std::this_thread::yield();
    }
    return is_over();
}

/// The moment at which a wait that begins now is late.
[[nodiscard]] inline std::chrono::steady_clock::time_point deadline_in(double seconds) noexcept {
    using clock = std::chrono::steady_clock;
    return clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{seconds});
}

}  // namespace espalier::detail

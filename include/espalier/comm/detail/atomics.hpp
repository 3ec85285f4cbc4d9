// SPDX-License-Identifier: BSL-1.0
/// @file
/// How ranks that share memory wait for each other: atomics, and a sleep that ends when a word changes.
/// A template parameter of the gate and of the queue, so that a test can run them under every order of steps.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <thread>

#if defined(__linux__)
#    include <linux/futex.h>
#    include <sys/syscall.h>
#    include <unistd.h>
#endif

namespace espalier::detail {

/// A processor's hint that this is a spin loop.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/// The atomics of this machine. They work on words in memory that several processes share.
struct machine_atomics {
    template <class T>
    using atomic = std::atomic<T>;
    static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);

    /// Sleeps while `word` is `seen`, until `wake_all(word)`, and not longer than `at_most`. May return early.
    static void sleep_while(std::atomic<std::uint32_t>& word, std::uint32_t seen, std::chrono::nanoseconds at_most) noexcept {
#if defined(__linux__)
        std::timespec const until{static_cast<std::time_t>(at_most.count() / 1'000'000'000),
                                  static_cast<long>(at_most.count() % 1'000'000'000)};
        ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT, seen, &until, nullptr, 0);
#else
        // Nothing ends this sleep, so it is short: std::atomic::wait has no deadline and need not work between processes. Callers look again; that
        // costs twice what waking from a futex does (50 µs), and the core is free meanwhile.
        if (word.load() == seen) std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(at_most, std::chrono::microseconds{100}));
#endif
    }
    /// Ends every sleep on `word`, whose value has changed before.
    static void wake_all(std::atomic<std::uint32_t>& word) noexcept {
#if defined(__linux__)
        ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE, 0x7fffffff, nullptr, nullptr, 0);
#else
        static_cast<void>(word);
#endif
    }
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Preemption: a signal that asks the process to end becomes a flag that training looks at, so that the step is finished and a
/// checkpoint written before. Which signals a cluster sends, and how it starts a run again, is in docs/howto/cluster.md.
#pragma once

#include <espalier/core/error.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

namespace espalier {

/// The exit status of a program that was asked to stop and can be started again to go on.
/// @par Source    EX_TEMPFAIL of sysexits.h
inline constexpr int exit_status_stopped = 75;

/// While it lives, SIGTERM and SIGUSR1 set a flag instead of ending the process. At most one lives at a time.
/// Pass `flag()` to `fit` as its `stop`. A second signal of the same kind ends the process as it would have without: whoever
/// cannot wait for the checkpoint sends twice.
/// @par Ranks     local: one a process; it is enough that one rank's process gets the signal
class stop_on_signal {
public:
    /// @throws invalid_setting where another one lives
    stop_on_signal() {
        if (alive_.exchange(true))
            throw invalid_setting{{"stop_on_signal", "one object at a time", "a second one", "Keep the first, or end it before",
                                   "howto/cluster.md"}};
        requested_.store(false);
        struct sigaction action {};
        action.sa_handler = &note;
        action.sa_flags   = SA_RESTART | static_cast<int>(SA_RESETHAND);
        sigemptyset(&action.sa_mask);
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &action, &before_[i]);
    }
    ~stop_on_signal() {
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
        alive_.store(false);
    }
    stop_on_signal(stop_on_signal const&)            = delete;
    stop_on_signal& operator=(stop_on_signal const&) = delete;

    [[nodiscard]] std::atomic<bool> const* flag() const noexcept { return &requested_; }
    [[nodiscard]] bool requested() const noexcept { return requested_.load(); }

private:
    static constexpr std::array signals{SIGTERM, SIGUSR1};

    static void note(int) noexcept { requested_.store(true); }

    // A signal belongs to the process, and its handler is given nothing: the flag has to be the process's too.
    static_assert(std::atomic<bool>::is_always_lock_free);
    static inline std::atomic<bool> requested_{false}, alive_{false};
    std::array<struct sigaction, signals.size()> before_{};
};

}  // namespace espalier

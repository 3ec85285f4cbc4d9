// SPDX-License-Identifier: BSL-1.0
/// @file
/// The thread that fills a rank's slots ahead. It knows only numbers: what a micro-batch is, and where a slot lies, is the caller's.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace espalier::detail {

/// Calls fill(0), fill(1), … on a thread of its own, at most `slots` ahead of what was released.
/// ```
///   3 slots      fill     0 1 2 . 3 . 4        fill(n) writes slot n mod 3: not before release n − 3
///                next           0   1   2      next() returns when the next one is filled
///                release          0   1        after its last use
/// ```
/// Waiting is by condition variable; no one spins.
/// @par Ranks     local; `next`, `release` and `stop` are called by the one thread that called `start`
class loader {
public:
    loader()                         = default;
    loader(loader const&)            = delete;
    loader& operator=(loader const&) = delete;
    ~loader() { stop(); }

    /// @param count how many there are to fill; the thread then ends
    /// @param fill  callable as fill(std::int64_t n); what it throws is thrown by the `next` that waits for that n
    template <class Fill>
    void start(int slots, std::int64_t count, Fill fill) {
        stop();
        slots_ = slots, filled_ = taken_ = released_ = 0, failure_ = nullptr, must_stop_ = false;
        thread_ = std::thread{[this, count, fill = std::move(fill)]() mutable {
            for (std::int64_t n = 0; n < count && may_fill(n); ++n) {
                try {
                    fill(n);
                } catch (...) {
                    announce(std::current_exception());
                    return;
                }
                announce(nullptr);
            }
        }};
    }
    /// Ends the thread as soon as the fill that it is in is over; without a thread it does nothing.
    void stop() noexcept {
        if (!thread_.joinable()) return;
        {
            std::lock_guard const guard{lock_};
            must_stop_ = true;
        }
        changed_.notify_all();
        thread_.join();
        thread_ = {};
    }
    [[nodiscard]] bool is_running() const noexcept { return thread_.joinable(); }

    /// Waits until the next one is filled.
    /// @throws what its fill has thrown
    void next() {
        std::unique_lock guard{lock_};
        changed_.wait(guard, [&] { return filled_ > taken_ || failure_; });
        if (filled_ == taken_) std::rethrow_exception(failure_);
        ++taken_;
    }
    /// Gives the slot of the oldest one that was taken back.
    void release() {
        {
            std::lock_guard const guard{lock_};
            ++released_;
        }
        changed_.notify_all();
    }

private:
    [[nodiscard]] bool may_fill(std::int64_t n) {
        std::unique_lock guard{lock_};
        changed_.wait(guard, [&] { return must_stop_ || n - released_ < slots_; });
        return !must_stop_;
    }
    void announce(std::exception_ptr failure) {
        {
            std::lock_guard const guard{lock_};
            if (failure) failure_ = std::move(failure);
            else ++filled_;
        }
        changed_.notify_all();
    }

    std::thread thread_;
    std::mutex lock_;
    std::condition_variable changed_;
    std::int64_t slots_ = 0, filled_ = 0, taken_ = 0, released_ = 0;
    std::exception_ptr failure_;
    bool must_stop_ = false;
};

/// In the place of a loader where slots are not filled ahead.
struct no_loader {};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The queue of a rank's posted operations: run in order, once each, by a worker thread or by the rank that waits for them.
/// What an operation does is not its business, nor is starting the worker.
#pragma once

#include <espalier/comm/detail/atomics.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

namespace espalier::detail {

/// Who runs a posted operation: the thread that waits for it may spin, one that works beside a computation must not.
enum class runner { caller, worker };

/// One thread posts, waits and closes: the caller. At most one other runs `work()`. Without a worker everything runs in `finish`.
/// Order: operation k begins after k − 1 has ended, whoever runs them. `finish` takes over what has not begun.
/// ```
///   posted_ ──> next to begin ──> over_          turn_: who runs now; over_ counts ends, so over_ > k means that k is over
/// ```
/// Checked over all interleavings by tests/unit/comm/post_queue_test.cpp.
/// @tparam Atomics `machine_atomics`, or those of a test
/// @tparam Slots   operations that may be posted and not yet finished
/// @tparam Bytes   of the largest operation object
template <class Atomics = machine_atomics, std::size_t Slots = 64, std::size_t Bytes = 192>
class post_queue {
public:
    using ticket                       = std::uint32_t;
    static constexpr std::size_t slots = Slots;

    /// Whether one more operation can be posted before an older one is finished.
    [[nodiscard]] bool has_room() const noexcept { return !slot_of(posted_.load()).in_use; }

    /// Posts `operation(runner)`, which may throw. Caller only, and only where there is room.
    template <class Operation>
    [[nodiscard]] ticket push(Operation operation) noexcept {
        static_assert(sizeof(Operation) <= Bytes && std::is_trivially_copyable_v<Operation> && alignof(Operation) <= 16);
        ticket const mine = posted_.load();
        slot& s           = slot_of(mine);
        new (s.bytes) Operation{operation};
        s.run    = [](void* bytes, runner by) { (*std::launder(static_cast<Operation*>(bytes)))(by); };
        s.in_use = true;
        posted_.store(mine + 1);
        ring();
        return mine;
    }
    [[nodiscard]] bool is_over(ticket t) const noexcept { return is_beyond(over_.load(), t); }

    /// Returns when operation `t` is over, and frees its slot. Caller only.
    /// @return what it threw, or null
    [[nodiscard]] std::exception_ptr finish(ticket t) noexcept {
        for (;;) {
            std::uint32_t const seen = over_.load();  // before the look at the turn: an end that comes afterwards is noticed
            if (is_beyond(seen, t)) break;
            if (take_turn()) {
                while (!is_beyond(begun_.load(), t)) run_next(runner::caller);
                turn_.store(0);
                if (has_work() || closed_.load() != 0) ring();  // a worker that found the turn taken sleeps
                continue;
            }
            waits_.store(1);
            if (over_.load() == seen) Atomics::sleep_while(over_, seen, std::chrono::seconds{1});
            waits_.store(0);
        }
        slot& s = slot_of(t);
        s.in_use = false;
        return std::exchange(s.error, nullptr);
    }

    /// Runs what is posted until `close`. Worker only.
    void work() noexcept {
        for (;;) {
            std::uint32_t const seen = bell_.load();
            if (has_work() && take_turn()) {
                if (has_work()) run_next(runner::worker);
                turn_.store(0);
                continue;
            }
            if (closed_.load() != 0 && !has_work()) return;
            rests_.store(1);
            if (bell_.load() == seen) Atomics::sleep_while(bell_, seen, std::chrono::seconds{1});
            rests_.store(0);
        }
    }
    /// Ends the worker after everything posted has run. Caller only.
    void close() noexcept {
        closed_.store(1);
        ring();
    }

private:
    struct slot {
        alignas(16) std::byte bytes[Bytes];
        void (*run)(void*, runner) = nullptr;
        std::exception_ptr error;
        bool in_use = false;  ///< from push to finish; the caller's own
    };

    [[nodiscard]] slot& slot_of(ticket t) noexcept { return slot_[t % Slots]; }
    [[nodiscard]] slot const& slot_of(ticket t) const noexcept { return slot_[t % Slots]; }
    /// Whether a count has passed operation `t`, though counts begin anew after 2³².
    [[nodiscard]] static bool is_beyond(std::uint32_t count, ticket t) noexcept { return static_cast<std::int32_t>(count - t) > 0; }
    [[nodiscard]] bool has_work() const noexcept { return begun_.load() != posted_.load(); }
    [[nodiscard]] bool take_turn() noexcept {
        std::uint32_t free = 0;
        return turn_.compare_exchange_strong(free, 1);
    }
    /// Only by whom has the turn.
    void run_next(runner by) noexcept {
        slot& s = slot_of(begun_.fetch_add(1));
        try {
            s.run(s.bytes, by);
        } catch (...) {
            s.error = std::current_exception();
        }
        over_.fetch_add(1);
        if (waits_.load() != 0) Atomics::wake_all(over_);
    }
    void ring() noexcept {
        bell_.fetch_add(1);
        if (rests_.load() != 0) Atomics::wake_all(bell_);
    }

    using word = typename Atomics::template atomic<std::uint32_t>;
    slot slot_[Slots];
    alignas(64) word posted_{0};
    word bell_{0};    ///< changes with every post and at the end: what a worker without work sleeps on
    word closed_{0};
    alignas(64) word begun_{0};
    word over_{0};    ///< what a caller sleeps on
    word turn_{0};
    word rests_{0};   ///< the worker sleeps, or is about to
    word waits_{0};   ///< the caller does
};

}  // namespace espalier::detail

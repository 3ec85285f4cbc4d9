// SPDX-License-Identifier: BSL-1.0
/// @file
/// The posted operations of one rank, with the worker thread that runs them beside the rank's own computation.
/// In which group an operation meets is the operation's knowledge.
#pragma once

#include <espalier/comm/detail/post_queue.hpp>
#include <espalier/core/error.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <system_error>
#include <thread>

namespace espalier::detail {

/// One a rank. The first post starts the worker; where there may be none, or the system has no thread for it, `finish` does the work.
class progress {
public:
    using ticket = post_queue<>::ticket;

    explicit progress(bool may_have_worker = true) noexcept : may_have_worker_{may_have_worker} {}
    progress(progress const&)            = delete;
    progress& operator=(progress const&) = delete;
    ~progress() {
        queue_.close();
        if (worker_.joinable()) worker_.join();
    }

    /// Queues operation(runner).
    /// @throws invalid_setting where too many are under way
    template <class Operation>
    [[nodiscard]] ticket post(char const* entity, Operation const& operation) {
        if (!queue_.has_room())
            throw invalid_setting{{entity, joined("at most ", queue_.slots, " posted operations under way"), "one more", "Wait for the first of them",
                                   "policies/communicator.md"}};
        if (may_have_worker_ && !worker_.joinable()) {
            try {
                worker_ = std::thread{[this] { queue_.work(); }};
            } catch (std::system_error const&) {
            }
        }
        return queue_.push(operation);
    }
    [[nodiscard]] bool is_over(ticket t) const noexcept { return queue_.is_over(t); }
    /// Waits until an operation is over.
    /// @throws what it threw
    void wait(ticket t) {
        if (auto const error = queue_.finish(t)) std::rethrow_exception(error);
    }
    /// Waits for an operation whose request is destroyed, unless an exception leaves the rank's function: then all that are under way give up.
    /// What went wrong is the world's failure, which the next operation throws.
    void abandon(ticket t) noexcept {
        if (std::uncaught_exceptions() > 0 && !is_over(t)) has_given_up_.store(true, std::memory_order_relaxed);
        static_cast<void>(queue_.finish(t));
    }

    /// Whether no operation is to wait for other ranks any more.
    [[nodiscard]] bool has_given_up() const noexcept { return has_given_up_.load(std::memory_order_relaxed); }

private:
    bool may_have_worker_;
    std::atomic<bool> has_given_up_{false};
    post_queue<> queue_;
    std::thread worker_;
};

}  // namespace espalier::detail

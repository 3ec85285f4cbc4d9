// SPDX-License-Identifier: BSL-1.0
/// @file
/// What all rank threads of one launch share: where each rank sleeps, what it does, and the first failure.
/// Who waits for what is decided above, in station.hpp and send_receive.hpp.
#pragma once

#include <espalier/comm/detail/check_arguments.hpp>
#include <espalier/comm/detail/failure_class.hpp>
#include <espalier/comm/detail/patience.hpp>
#include <espalier/comm/errors.hpp>
#include <espalier/comm/flight_file.hpp>
#include <espalier/core/call_site.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace espalier {

/// Run-time settings of `threads`.
struct threads_settings {
    double deadline_seconds    = 60;               ///< how long a rank waits for others before the run ends with `deadline_passed`
    std::string flight_folder = "flight-record";  ///< where a run of several ranks that fails leaves what each did last; empty: nowhere
};

}  // namespace espalier

namespace espalier::threads_detail {

/// How a wait ended.
enum class wake { ready, failed, late };

/// The first failure, the seats of the ranks, and how a rank waits for one other.
class world {
    struct doing;
    struct seat;

public:
    world(int ranks, threads_settings const& s) : size_{ranks}, settings_{s}, patience_{detail::patience_among(static_cast<std::size_t>(ranks))} {
        if (ranks < 1)
            throw invalid_setting{{"threads", "at least 1 rank", joined(ranks), "Launch one rank or more",
                                   "policies/communicator.md"}};
        detail::require_deadline("threads", s.deadline_seconds);
        seats_     = std::make_unique<seat[]>(static_cast<std::size_t>(ranks));
        recorders_ = std::make_unique<flight_recorder[]>(static_cast<std::size_t>(ranks));
    }

    [[nodiscard]] int size() const noexcept { return size_; }
    [[nodiscard]] double deadline_seconds() const noexcept { return settings_.deadline_seconds; }

    /// Marks what `rank` does while it lives; the watchdog and the errors of others read it. A posted operation is a second thing that a rank does.
    class activity {
    public:
        activity(world& w, int rank, char const* operation, call_site at, bool is_posted = false) noexcept
            : doing_{is_posted ? w.seat_of(rank).posted : w.seat_of(rank).own} {
            doing_.file.store(at.file, std::memory_order_relaxed);
            doing_.line.store(at.line, std::memory_order_relaxed);
            doing_.last.store(operation, std::memory_order_relaxed);
            doing_.operation.store(operation, std::memory_order_release);
        }
        ~activity() { doing_.operation.store(nullptr, std::memory_order_release); }
        activity(activity const&)            = delete;
        activity& operator=(activity const&) = delete;

    private:
        doing& doing_;
    };

    /// Sleeps until `ready()`, another rank's failure, or the deadline; the first of them that holds, in this order.
    template <class Ready>
    [[nodiscard]] wake wait(int rank, Ready const& ready) {
        using clock     = std::chrono::steady_clock;
        auto const ends = [&] { return ready() || failed(); };
        if (!detail::is_over_soon(patience_, ends)) {
            auto const until = detail::deadline_in(settings_.deadline_seconds);
            seat& s = seat_of(rank);
            std::unique_lock guard{s.lock};
            s.asleep.store(true);
            // The system clock, because not every thread sanitizer knows the call that waits on the steady one.
            for (auto now = clock::now(); !ends() && now < until; now = clock::now())
                s.woken.wait_until(guard, std::chrono::system_clock::now() +
                                              std::chrono::duration_cast<std::chrono::system_clock::duration>(until - now));
            s.asleep.store(false);
        }
        if (ready()) return wake::ready;
        return failed() ? wake::failed : wake::late;
    }

    /// Has `rank` look again, after the change that it waits for was stored.
    void look_again(int rank) noexcept {
        seat& s = seat_of(rank);
        if (!s.asleep.load()) return;
        { std::lock_guard const passed{s.lock}; }  // it sleeps, or has not looked yet
        s.woken.notify_one();
    }

    /// Stores the first failure and ends every wait; later failures are dropped.
    void fail(int rank, std::exception_ptr error, std::string text) noexcept {
        {
            std::lock_guard const guard{failure_lock_};
            if (failed_.load()) return;
            failed_rank_ = rank;
            failure_     = std::move(error);
            text_        = std::move(text);
            failed_.store(true);
        }
        for (int r = 0; r < size_; ++r) look_again(r);
    }
    [[nodiscard]] bool failed() const noexcept { return failed_.load(); }
    /// Throws `rank_failed` if a rank has failed.
    void raise_failure() const {
        if (failed()) throw rank_failed{failed_rank_, "threads", text_};
    }
    /// Rethrows the first failure itself, after all ranks have ended.
    void rethrow_failure() const {
        if (failed()) std::rethrow_exception(failure_);
    }

    /// "rank 2 is in broadcast (model.cpp:41)" or what it did last.
    [[nodiscard]] std::string whereabouts(int rank) const {
        seat const& s    = seat_of(rank);
        auto const where = [](doing const& d) {
            return joined(d.last.load(std::memory_order_relaxed), " (", d.file.load(std::memory_order_relaxed), ":", d.line.load(std::memory_order_relaxed), ")");
        };
        std::string const posted = s.posted.operation.load(std::memory_order_acquire) != nullptr ? joined(", and posted ", where(s.posted)) : std::string{};
        if (s.own.operation.load(std::memory_order_acquire) != nullptr) return joined("rank ", rank, " is in ", where(s.own), posted);
        bool const is_gone = s.left.load();
        if (s.own.last.load(std::memory_order_relaxed) == nullptr)
            return joined("rank ", rank, is_gone ? " has returned" : " has joined no operation yet", posted);
        return joined("rank ", rank, is_gone ? " has returned" : " is in no operation", ", its last was ", where(s.own), posted);
    }
    /// The operation that `rank` is in, or null.
    [[nodiscard]] char const* operation(int rank) const noexcept {
        return seat_of(rank).own.operation.load(std::memory_order_acquire);
    }
    void has_left(int rank) noexcept { seat_of(rank).left.store(true); }
    /// A number that no other group of this world has; the group of all is 0.
    /// Its posted operations count as those of the next number.
    [[nodiscard]] std::uint64_t next_group() noexcept { return groups_.fetch_add(2) + 2; }
    [[nodiscard]] flight_recorder& recorder(int rank) noexcept { return recorders_[static_cast<std::size_t>(rank)]; }
    /// Writes a file a rank, if there is something to tell; after all ranks have ended with a failure.
    void write_flight_files() noexcept;
    [[nodiscard]] bool is_gone(int rank) const noexcept { return seat_of(rank).left.load(); }
    [[nodiscard]] detail::patience how_patient() const noexcept { return patience_; }

private:
    struct doing {
        std::atomic<char const*> operation{nullptr}, last{nullptr}, file{""};
        std::atomic<int> line{0};
    };
    struct alignas(64) seat {
        std::mutex lock;
        std::condition_variable woken;
        std::atomic<bool> asleep{false}, left{false};
        doing own, posted;
    };

    [[nodiscard]] seat& seat_of(int rank) const noexcept { return seats_[static_cast<std::size_t>(rank)]; }

    int size_;
    threads_settings settings_;
    detail::patience patience_;
    std::unique_ptr<seat[]> seats_;
    std::unique_ptr<flight_recorder[]> recorders_;
    std::atomic<std::uint64_t> groups_{0};
    std::atomic<bool> failed_{false};
    std::mutex failure_lock_;
    int failed_rank_ = -1;
    std::exception_ptr failure_;
    std::string text_;
};

inline void world::write_flight_files() noexcept {
    if (!failed() || size_ == 1 || settings_.flight_folder.empty()) return;
    for (int r = 0; r < size_; ++r) {
        try {
            static_cast<void>(write_flight_file(settings_.flight_folder,
                                                {.rank = r, .size = size_, .communicator = "threads", .failed_rank = failed_rank_,
                                                 .failure_class = std::string{detail::class_of(failure_)}, .failure = text_},
                                                recorder(r)));
        } catch (std::bad_alloc const&) {  // the failure itself is told anyway
        }
    }
}

}  // namespace espalier::threads_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What all groups of one rank share: the board of its node, the deadline, and how a rank waits for messages.
/// What is waited for is decided above, by the operations; ranks that meet in shared memory wait in comm/detail/shared_group.hpp.
#pragma once

#include <espalier/comm/detail/check_arguments.hpp>
#include <espalier/comm/detail/patience.hpp>
#include <espalier/comm/detail/progress.hpp>
#include <espalier/comm/errors.hpp>
#include <espalier/comm/flight_file.hpp>
#include <espalier/comm/mpi/detail/board.hpp>
#include <espalier/comm/mpi/detail/windows.hpp>

#include <chrono>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <unistd.h>

namespace espalier {

/// Run-time settings of `mpi`.
struct mpi_settings {
    double deadline_seconds = 60;    ///< how long a rank waits for others before the run ends with `deadline_passed`
    std::string flight_folder = "flight-record";  ///< where each rank of a run that fails leaves what it did last; empty: nowhere
    bool shares_memory      = true;  ///< `allocate` gives memory that the ranks of a node share
    int ranks_per_node      = 0;     ///< so many consecutive ranks count as a node, for trials on one machine; 0: those that can share memory
};

}  // namespace espalier

namespace espalier::mpi_detail {

/// One a process and run. MPI's calls are polled, never blocked in: a wait sees the end of another rank on its node at once, and
/// the deadline whatever has become of the others.
class world {
public:
    /// @par Ranks     collective over `all`
    /// @throws invalid_setting
    world(boost::mpi::communicator const& all, mpi_settings const& s)
        : all_{checked(all, s), boost::mpi::comm_duplicate}, rank_{all_.rank()}, size_{all_.size()}, settings_{s}, board_{all_}, parent_{::getppid()}, nodes_(static_cast<std::size_t>(size_)),
          posted_{boost::mpi::environment::thread_level() >= boost::mpi::threading::serialized} {
        int const mine = s.ranks_per_node > 0 ? rank_ / s.ranks_per_node : board_.first_rank();
        MPI_Allgather(&mine, 1, MPI_INT, nodes_.data(), 1, MPI_INT, all_);
    }
    world(world const&)            = delete;
    world& operator=(world const&) = delete;
    ~world() {
        int is_over = 0;
        MPI_Finalized(&is_over);
        if (is_over == 0 && !board_.failed() && std::uncaught_exceptions() == 0) windows_.free_all();
    }

    [[nodiscard]] boost::mpi::communicator const& all() const noexcept { return all_; }
    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return size_; }
    [[nodiscard]] double deadline_seconds() const noexcept { return is_patient_ ? 1e8 : settings_.deadline_seconds; }
    [[nodiscard]] board& node() noexcept { return board_; }
    /// Which node a rank is on: equal numbers, one node.
    [[nodiscard]] int node_of(int world_rank) const noexcept { return nodes_[static_cast<std::size_t>(world_rank)]; }
    [[nodiscard]] bool shares_memory() const noexcept { return settings_.shares_memory; }
    [[nodiscard]] windows& memory() noexcept { return windows_; }
    [[nodiscard]] windows const& memory() const noexcept { return windows_; }
    [[nodiscard]] detail::progress& posted() noexcept { return posted_; }
    [[nodiscard]] bool failed() const noexcept { return board_.failed(); }
    [[nodiscard]] flight_recorder& recorder() noexcept { return recorder_; }
    /// Writes this rank's file, if the run has failed.
    void write_flight_file(std::string_view failure_class) const noexcept {
        if (!failed() || size() == 1 || settings_.flight_folder.empty()) return;
        try {
            static_cast<void>(espalier::write_flight_file(settings_.flight_folder,
                                                          {.rank = rank(), .size = size(), .communicator = "mpi", .failed_rank = board_.failed_rank(),
                                                           .failure_class = std::string{failure_class}, .failure = board_.failure()},
                                                          recorder_));
        } catch (std::bad_alloc const&) {  // the failure itself is told anyway
        }
    }
    /// Held for every call of MPI, since the worker of posted operations may make one at the same time; while waiting only where groups are made and memory
    /// is shared or given back, when all have come.
    [[nodiscard]] std::recursive_mutex& mpi_lock() noexcept { return mpi_lock_; }
    /// Stores the failure of this rank for all of its node.
    void fail(std::string const& text) const noexcept { board_.fail(rank(), text); }
    /// Looks whether the ranks of this node live, and the process that started them.
    void call_the_roll() const {
        if (int const dead = board_.dead_rank(); dead >= 0)
            board_.fail(dead, "its process ended without an error of its own: killed, out of memory, or by exit()");
        if (::getppid() != parent_) board_.fail(rank(), "the process that started the ranks has ended");
    }
    /// Groups are counted by each of their ranks.
    [[nodiscard]] std::uint64_t next_group() const noexcept { return groups_; }
    void has_group(std::uint64_t count) noexcept { groups_ = count + 1; }
    /// From here on waiting has no deadline: the others may have work of their own to finish.
    void wait_without_end() noexcept { is_patient_ = true; }

    /// Marks what this rank does while it lives.
    class activity {
    public:
        activity(world& w, char const* operation, call_site at) noexcept : node_{w.node()} { node_.does(operation, at); }
        ~activity() { node_.is_done(); }
        activity(activity const&)            = delete;
        activity& operator=(activity const&) = delete;

    private:
        board& node_;
    };

    /// Throws `rank_failed` if a rank of this node has failed.
    void raise_failure() const {
        if (board_.failed()) throw rank_failed{board_.failed_rank(), "mpi", board_.failure()};
    }

    /// Polls `done` until it holds or the deadline passes; `late()` makes the error for that. A worker shares the cores with ranks that compute: it
    /// sleeps from the first look on.
    /// @throws rank_failed where a rank of this node has failed or died; what late() gives
    template <class Done, class Late>
    void wait(Done const& done, Late const& late, detail::runner by = detail::runner::caller) {
        for (int i = 0; i < looks && by == detail::runner::caller; ++i)
            if (done()) return;
        poll(done, detail::deadline_in(deadline_seconds()), late, by == detail::runner::worker);
    }
    /// The same without a deadline: for the end of a run, when the others may have work of their own to finish.
    template <class Done>
    void wait_out(Done const& done) {
        poll(done, clock::time_point::max(), [] { return deadline_passed{complaint{}}; }, false);
    }

    /// "rank 2 is in broadcast (model.cpp:41)"
    [[nodiscard]] std::string whereabouts(int world_rank) const {
        auto const seen = board_.whereabouts(world_rank);
        return seen.empty() ? joined("rank ", world_rank, " is on another node") : seen;
    }

private:
    using clock = std::chrono::steady_clock;
    static constexpr int looks = 200;
    /// So often a waiting rank looks whether the others live: far below any deadline, far above the cost of looking.
    static constexpr std::chrono::milliseconds roll_call{5};
    /// Between two looks of a rank that has waited longer than that: about what a message between nodes takes, so that it adds little, and long enough for
    /// those who compute to have the core. MPI can wait for a message, but not for that, a deadline and the end of another rank at once.
    static constexpr std::chrono::microseconds nap{50};

    /// @param is_long whether it is known that the wait will be long
    template <class Done, class Late>
    void poll(Done const& done, clock::time_point until, Late const& late, bool is_long) {
        auto next_look = clock::now() + roll_call;
        while (!done()) {
            raise_failure();
            if (is_long) std::this_thread::sleep_for(nap);
            else std::this_thread::yield();  // the one that is waited for may need this core
            if (clock::now() < next_look) continue;
            is_long   = true;
            next_look = clock::now() + roll_call;
            call_the_roll();
            raise_failure();
            if (clock::now() < until) continue;
            auto const error = late();
            board_.fail(rank(), error.what());
            throw error;
        }
    }
    [[nodiscard]] static boost::mpi::communicator const& checked(boost::mpi::communicator const& all, mpi_settings const& s) {
        detail::require_deadline("mpi", s.deadline_seconds);
        if (s.ranks_per_node < 0)
            throw invalid_setting{{"mpi", "0 ranks a node or more", joined(s.ranks_per_node), "Leave ranks_per_node 0 unless you try a layout of nodes",
                                   "policies/communicator.md"}};
        return all;
    }

    boost::mpi::communicator all_;
    int rank_, size_;
    mpi_settings settings_;
    mutable board board_;
    pid_t parent_;
    std::vector<int> nodes_;  ///< by rank of the world
    std::uint64_t groups_ = 0;
    bool is_patient_      = false;
    std::recursive_mutex mpi_lock_;  ///< a group locks, and so does what it is made of
    windows windows_;
    flight_recorder recorder_;
    detail::progress posted_;
};

}  // namespace espalier::mpi_detail

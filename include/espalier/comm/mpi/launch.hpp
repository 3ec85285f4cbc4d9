// SPDX-License-Identifier: BSL-1.0
/// @file
/// The begin and the end of a run whose ranks mpirun has started, in order or with a failure.
#pragma once

#include <espalier/comm/mpi.hpp>
#include <espalier/comm/detail/exception_text.hpp>
#include <espalier/comm/detail/failure_class.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/mpi/environment.hpp>
#include <sys/prctl.h>

namespace espalier {

namespace mpi_detail {

struct end_of_run : collective::barrier {
    static constexpr detail::operation_record record{"the end of the run"};
};

/// MPI from construction to destruction, unless the program has initialised it already.
class session {
public:
    session() {
        if (!boost::mpi::environment::initialized()) environment_.emplace(boost::mpi::threading::serialized, false);
    }

private:
    std::optional<boost::mpi::environment> environment_;
};

/// The others of a node have so long to learn of a failure and to end their own work.
inline constexpr std::chrono::milliseconds time_to_learn{500};
/// When a rank has ended, Open MPI's mpirun sends SIGCONT to the others, sleeps a second, sends SIGTERM, sleeps a second, and sends SIGKILL. A sleep ends early
/// when a rank ends in it, but an end before it has begun is lost: ranks that end together cost two seconds, so all but the first let mpirun fall asleep.
/// A rank cannot see when it sleeps. Where this is too short the end takes those two seconds; nothing else depends on it.
inline constexpr std::chrono::milliseconds time_to_fall_asleep{200};

/// Ends this process with exit status 1, as all others of its node do; those that do not are ended by MPI.
/// @param is_first whether this one is to end before the others
[[noreturn]] inline void end_this_rank(world& w, bool is_first) noexcept {
    using clock = std::chrono::steady_clock;
    board& node = w.node();
    node.leave();
    auto const until = clock::now() + time_to_learn;
    bool is_alone   = false;
    while (!(is_alone = node.all_others_have_ended()) && clock::now() < until) std::this_thread::yield();
    // MPI_Abort waits for an answer, which a sleeping mpirun does not give: nobody calls it where nobody is left to be ended.
    if (!is_alone || node.size() < w.size()) MPI_Abort(w.all(), 1);
    if (!is_first || node.dead_rank() >= 0) std::this_thread::sleep_for(time_to_fall_asleep);
    std::_Exit(1);
}

/// Ends all ranks with exit status 1. The first failure of a node is printed there, once.
[[noreturn]] inline void end_all_ranks(world& w, std::string const& text, std::string_view failure_class) noexcept {
    board& node            = w.node();
    bool const is_mine     = node.fail(w.rank(), text) || !node.failed();  // or a rank has failed before; then its failure is the one to tell
    bool const is_reporter = node.is_to_report();
    if (is_reporter)
        std::fprintf(stderr, "rank %d of %d: %s\n", is_mine ? w.rank() : node.failed_rank(), w.size(), is_mine ? text.c_str() : node.failure().c_str());
    std::fflush(nullptr);
    w.write_flight_file(failure_class);
    end_this_rank(w, is_reporter);
}

/// Ranks do not outlive the process that started them: an orphan would wait for others, or write where a new run writes.
inline void end_with_launcher() noexcept {
#if defined(PR_SET_PDEATHSIG)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

}  // namespace mpi_detail

template <class F>
void mpi::launch(int ranks, settings const& s, F&& f) {
    mpi_detail::session const mpi_is_up;
    boost::mpi::communicator const all;
    if (all.size() > 1) mpi_detail::end_with_launcher();
    auto const w = std::make_shared<mpi_detail::world>(all, s);
    try {
        if (ranks != all.size())
            throw invalid_setting{{"mpi", joined(ranks, " ranks"), joined("a world of ", all.size()),
                                   joined("Start the program with mpirun -n ", ranks), "policies/communicator.md"}};
        mpi world{mpi_detail::group::make(w, w->all())};
        f(world);
        w->wait_without_end();
        world.perform(mpi_detail::end_of_run{}, call_site::here());
    } catch (...) {
        if (all.size() == 1) throw;
        mpi_detail::end_all_ranks(*w, detail::text_of_current_exception(), detail::class_of(std::current_exception()));
    }
}

template <class F>
void mpi::launch(int ranks, F&& f) {
    launch(ranks, settings{}, std::forward<F>(f));
}

template <class F>
void mpi::launch(settings const& s, F&& f) {
    mpi_detail::session const mpi_is_up;
    launch(boost::mpi::communicator{}.size(), s, std::forward<F>(f));
}

template <class F>
void mpi::launch(F&& f) {
    launch(settings{}, std::forward<F>(f));
}

}  // namespace espalier

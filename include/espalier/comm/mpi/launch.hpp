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

/// Ends all ranks with exit status 1. The first failure of a node is printed there, once; the other ranks of the node have a
/// second to learn of it and to end their own work.
[[noreturn]] inline void end_all_ranks(world& w, std::string const& text, std::string_view failure_class) noexcept {
    board& node = w.node();
    bool const is_first = node.fail(w.rank(), text);  // or a rank has failed before; then its failure is the one to tell
    if (node.is_to_report())
        std::fprintf(stderr, "rank %d of %d: %s\n", is_first ? w.rank() : node.failed_rank(), w.size(),
                     is_first ? text.c_str() : node.failure().c_str());
    std::fflush(nullptr);
    w.write_flight_file(failure_class);
    node.leave();
    using clock      = std::chrono::steady_clock;
    auto const until = clock::now() + std::chrono::seconds{1};
    while (!node.all_others_have_ended() && clock::now() < until) ::sched_yield();
    MPI_Abort(w.all(), 1);
    std::_Exit(1);
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
        mpi world{std::make_shared<mpi_detail::group>(w, w->all())};
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

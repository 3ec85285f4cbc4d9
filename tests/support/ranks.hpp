// SPDX-License-Identifier: BSL-1.0
/// @file
/// Runs a function on the ranks of a communicator and brings what each gave or threw to the main thread, where it is
/// asserted. A watchdog ends a run that hangs and names each rank's operation; it is no part of the communicator.
#pragma once

#include <espalier/comm/concepts.hpp>
#include <espalier/core/error.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace espalier_test {

/// What the ranks of one run gave: `value[r]` where rank r returned, `error[r]` where it threw.
template <class R>
struct per_rank {
    std::deque<R> value;  // not a vector: one of bool would have ranks share words
    std::vector<std::exception_ptr> error;
    std::exception_ptr launched;  ///< what launch threw

    [[nodiscard]] bool all_returned() const {
        for (auto const& e : error)
            if (e) return false;
        return !launched;
    }
    /// Whether rank r threw an E.
    template <class E>
    [[nodiscard]] bool threw(int r) const {
        return is<E>(error[static_cast<std::size_t>(r)]);
    }
    template <class E>
    [[nodiscard]] static bool is(std::exception_ptr const& e) {
        try {
            if (e) std::rethrow_exception(e);
        } catch (E const&) {
            return true;
        } catch (...) {
        }
        return false;
    }
    [[nodiscard]] std::string text(int r) const { return text_of(error[static_cast<std::size_t>(r)]); }
    [[nodiscard]] static std::string text_of(std::exception_ptr const& e) {
        try {
            if (e) std::rethrow_exception(e);
        } catch (std::exception const& x) {
            return x.what();
        } catch (...) {
            return "no std::exception";
        }
        return "";
    }
};

namespace detail {

/// Runs `body` in a thread and ends the process with `report()` if it takes longer than a test may.
template <class Body, class Report>
void watched(Body const& body, Report const& report) {
    using clock = std::chrono::system_clock;
    std::mutex lock;
    std::condition_variable changed;
    bool is_over = false;
    std::thread driver{[&] {
        body();
        std::lock_guard const guard{lock};
        is_over = true;
        changed.notify_one();
    }};
    std::unique_lock guard{lock};
    if (!changed.wait_until(guard, clock::now() + std::chrono::seconds{120}, [&] { return is_over; })) {
        std::fprintf(stderr, "the ranks hang:\n%s", report().c_str());
        std::abort();
    }
    guard.unlock();
    driver.join();
}

}  // namespace detail

/// Whether the ranks of C are processes: then tests run under mpirun, and support/processes.hpp says how.
template <class C>
inline constexpr bool is_of_processes = false;
template <class C, class F>
[[nodiscard]] auto on_processes(int n, F const& f);

namespace detail {
template <class C, class F, class... Options>
[[nodiscard]] auto on_threads(int n, F const& f, Options const&... options) {
    using raw = std::invoke_result_t<F const&, C&>;
    using R   = std::conditional_t<std::is_void_v<raw>, std::monostate, raw>;
    per_rank<R> result;
    result.value.resize(static_cast<std::size_t>(n));
    result.error.resize(static_cast<std::size_t>(n));

    std::mutex lock;
    std::function<std::string()> report = [] { return std::string{"no rank has started\n"}; };
    auto const rank = [&](C& world) {
        auto const r = static_cast<std::size_t>(world.rank());
        if constexpr (requires { world.look_out(); }) {
            std::lock_guard const guard{lock};
            report = [seen = world.look_out()] {
                std::string text;
                for (int i = 0; i < seen.size(); ++i) text += seen.whereabouts(i) + '\n';
                return text;
            };
        }
        try {
            if constexpr (std::is_void_v<raw>)
                f(world);
            else
                result.value[r] = f(world);
        } catch (...) {
            result.error[r] = std::current_exception();
            throw;
        }
    };
    detail::watched(
        [&] {
            try {
                C::launch(n, options..., rank);
            } catch (...) {
                result.launched = std::current_exception();
            }
        },
        [&] {
            std::lock_guard const guard{lock};
            return report();
        });
    return result;
}
}  // namespace detail

/// How the ranks of a communicator come to be where they are processes, which mpirun has started: processes.hpp has them.
template <class C>
struct processes_of {
    static constexpr bool are_there = false;
};

/// Calls f(world) on `n` ranks of C; `options` (a deadline, say) go to launch after the number of ranks.
template <class C, class F, class... Options>
[[nodiscard]] auto on_ranks(int n, F const& f, Options const&... options) {
    if constexpr (processes_of<C>::are_there)
        return processes_of<C>::run(n, f);
    else
        return detail::on_threads<C>(n, f, options...);
}

/// The numbers of ranks with which a communicator is tested.
template <class C>
[[nodiscard]] std::vector<int> rank_counts() {
    if constexpr (processes_of<C>::are_there)
        return processes_of<C>::counts();
    else if constexpr (requires { C::static_size; })
        return {C::static_size};
    else
        return {1, 2, 3, 4, 8};
}

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Plays threads under every order of their steps on atomics, in sequentially consistent memory, and says which order goes wrong.
/// What code under test takes for atomics is `model_atomics`; weaker memory orders are not modelled, and do not compile.
#pragma once

#include "support/interleavings_atomics.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace espalier_test {

/// What `every_order` found.
struct verdict {
    std::string fault;  ///< the first thing that went wrong, and the steps that led there; empty if nothing did
    long orders = 0;    ///< that were played to the end: no two differ in the order of neighbours alone that do not touch each other
    long cut    = 0;    ///< runs that were cut short because they would have repeated one
    long steps  = 0;    ///< of all runs

    [[nodiscard]] bool holds() const noexcept { return fault.empty(); }
};

namespace detail {

#if defined(__SANITIZE_THREAD__)
inline constexpr long most_orders = 5'000;  // a model runs on one thread, where this sanitizer sees nothing, and slowly
#else
inline constexpr long most_orders = std::numeric_limits<long>::max();
#endif

template <class Scenario, class... Arguments>
[[nodiscard]] verdict play_orders(order_search search, Arguments const&... arguments) {
    static_assert(Scenario::threads <= most_threads);
    model_run run;
    verdict v;
    do {
        run.clear();
        Scenario scenario{arguments...};
        bool const is_whole = run.play(search, Scenario::threads, [&](int t) { scenario.play(t); });
        ++(is_whole ? v.orders : v.cut);
        v.steps += static_cast<long>(run.steps());
        if (is_whole && run.is_well()) scenario.at_end();
        v.fault = run.fault(Scenario::words());
    } while (v.holds() && v.orders < most_orders && search.next());
    return v;
}

}  // namespace detail

/// Plays a scenario under every order of steps, until one goes wrong.
/// A `Scenario` is made anew for each run, and has `threads`, how many it plays; `play(t)`, what thread t does, which owns nothing
/// across a step, for it may be left there; `at_end()`, called when all have ended; `words()`, the names of its atomics in the order
/// in which they are made. Both call `must`. Loops must sleep, not spin, or there is no end of orders.
/// Under the thread sanitizer only the first 5,000 orders are played.
/// @param arguments   of the scenario
template <class Scenario, class... Arguments>
[[nodiscard]] verdict every_order(Arguments const&... arguments) {
    return detail::play_orders<Scenario>(order_search{}, arguments...);
}

/// Plays only the orders in which a thread that could go on has to wait for another `preemptions` times at most.
/// For scenarios that have too many orders: most faults of this kind need one or two.
/// @par Source  Musuvathi, Qadeer: Iterative Context Bounding for Systematic Testing of Multithreaded Programs, PLDI 2007
template <class Scenario, class... Arguments>
[[nodiscard]] verdict orders_with_preemptions(int preemptions, Arguments const&... arguments) {
    return detail::play_orders<Scenario>(order_search{preemptions}, arguments...);
}

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// `launch<Trainer>(ranks, f)`: runs a program's function on every rank of the trainer's communicator.
/// How ranks come to be is the communicator's business; this only names the entry and carries the return value.
#pragma once

#include <espalier/comm/concepts.hpp>

#include <concepts>
#include <type_traits>

namespace espalier {

/// A communicator that can start its own ranks.
template <class C>
concept Launchable = Communicator<C> && requires(int ranks, void (*f)(C&)) { C::launch(ranks, f); };

/// A communicator whose ranks somebody else has started, such as mpirun: it knows how many there are.
template <class C>
concept LaunchedFromOutside = Communicator<C> && requires(void (*f)(C&)) { C::launch(f); };

namespace detail {
/// Launches C with `arguments` (the number of ranks and what else it takes), and keeps what f returns on rank 0.
template <class C, class F, class... Arguments>
int status_of_launch(F& f, Arguments const&... arguments) {
    int result = 0;
    C::launch(arguments..., [&](C& world) {
        if constexpr (std::same_as<std::invoke_result_t<F&, C&>, int>) {
            int const mine = f(world);
            if (world.rank() == 0) result = mine;
        } else {
            f(world);
        }
    });
    return result;
}
}  // namespace detail

/// Calls f(world) on `ranks` ranks of `Trainer::communicator` and waits for all.
/// A composition that does not fit is left to the trainer's own check, which says what is missing; f is not looked at then.
/// @param f       callable as f(Trainer::communicator&); called on every rank at once
/// @return what f returned on rank 0 if that is an int, otherwise 0: fit for `return launch<…>(…)` in main
/// @throws the exception of the first rank that failed; invalid_setting where the communicator cannot have `ranks` ranks
template <class Trainer, class F>
int launch(int ranks, F&& f) {
    if constexpr (requires { typename Trainer::rejected; }) return 1;
    else {
        static_assert(Launchable<typename Trainer::communicator>,
                      "espalier: launch: requires a communicator that starts its own ranks; got one without launch(ranks, f). Start the ranks "
                      "yourself or give it launch. See docs/policies/communicator.md.");
        if constexpr (Launchable<typename Trainer::communicator>) return detail::status_of_launch<typename Trainer::communicator>(f, ranks);
        else return 1;
    }
}

/// The same on as many ranks as there are, for a communicator whose ranks are started from outside.
template <class Trainer, class F>
int launch(F&& f) {
    if constexpr (requires { typename Trainer::rejected; }) return 1;
    else {
        static_assert(LaunchedFromOutside<typename Trainer::communicator>,
                      "espalier: launch: requires the number of ranks; got a communicator that starts its own ranks, and no number. Write "
                      "launch<Trainer>(ranks, f). See docs/policies/communicator.md.");
        if constexpr (LaunchedFromOutside<typename Trainer::communicator>) return detail::status_of_launch<typename Trainer::communicator>(f);
        else return 1;
    }
}

/// The same with the communicator's run-time settings: `launch<my_trainer>(4, {.deadline_seconds = 600}, f)`.
template <class Trainer, class F>
int launch(int ranks, typename Trainer::communicator::settings const& s, F&& f) {
    if constexpr (requires { typename Trainer::rejected; }) return 1;
    else return detail::status_of_launch<typename Trainer::communicator>(f, ranks, s);
}

/// Settings, and as many ranks as there are: `launch<my_trainer>({.deadline_seconds = 600}, f)`.
template <class Trainer, class F>
int launch(typename Trainer::communicator::settings const& s, F&& f) {
    if constexpr (requires { typename Trainer::rejected; }) return 1;
    else return detail::status_of_launch<typename Trainer::communicator>(f, s);
}

}  // namespace espalier

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

/// Calls f(world) on `ranks` ranks of `Trainer::communicator` and waits for all.
/// A composition that does not fit is left to the trainer's own check, which says what is missing; f is not looked at again.
/// @param f       callable as f(Trainer::communicator&); called on every rank at once
/// @return what f returned on rank 0 if that is an int, otherwise 0: fit for `return launch<…>(…)` in main
/// @throws the exception of the first rank that failed; invalid_setting where the communicator cannot have `ranks` ranks
template <class Trainer, class F>
int launch(int ranks, F&& f) {
    using C = typename Trainer::communicator;
    if constexpr (Launchable<C> && !requires { typename Trainer::rejected; }) {
        int result = 0;
        C::launch(ranks, [&](C& world) {
            if constexpr (std::same_as<std::invoke_result_t<F&, C&>, int>) {
                int const mine = f(world);
                if (world.rank() == 0) result = mine;
            } else {
                f(world);
            }
        });
        return result;
    } else {
        return 1;
    }
}

}  // namespace espalier

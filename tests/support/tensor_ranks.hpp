// SPDX-License-Identifier: BSL-1.0
/// @file
/// Runs a function on the ranks of a tensor axis, each a thread with a real exchange between them, and brings what each gave to the
/// main thread. What the ranks compute is the test's. That they sent what they tallied is asserted here, against a count of its own.
#pragma once

#include "support/counting.hpp"
#include "support/ranks.hpp"

#include <espalier/comm/threads.hpp>
#include <espalier/train/detail/exchange_over.hpp>

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace espalier_test {

/// The exchange that ranks of a test are given; its `tally` counts what they exchange.
template <class T>
using tested_exchange = espalier::detail::exchange_over<counting<espalier::threads>, T>;

namespace detail {
/// A rank alone tallies nothing.
inline void require_tally(espalier::exchange_tally const& tally, traffic const& sent) {
    bool const agrees = tally.ranks == 1 ? tally.times == 0 && tally.sent == 0 : tally.times == sent.calls && tally.sent == sent.total();
    if (!agrees)
        throw std::logic_error{espalier::joined("rank ", tally.rank, " tallied ", tally.times, " exchanges of ", tally.sent, " elements and made ",
                                                sent.calls, " of ", sent.total())};
}
}  // namespace detail

/// Calls f(exchange) on each of `cut.ranks` ranks and gives what rank r returned as the r-th.
/// @throws what the first rank that failed threw; std::logic_error where the tally is not what was sent
template <class T, class F>
[[nodiscard]] auto on_tensor_ranks(espalier::tensor_cut const& cut, F const& f) {
    using result = std::invoke_result_t<F const&, tested_exchange<T>&>;
    auto ran     = on_ranks<counting<espalier::threads>>(cut.ranks, [&](counting<espalier::threads>& group) {
        tested_exchange<T> exchange{group, cut};
        result given = f(exchange);
        detail::require_tally(exchange.tally, group.sent());
        return given;
    });
    if (ran.launched) std::rethrow_exception(ran.launched);
    std::vector<result> all;
    for (auto& value : ran.value) all.push_back(std::move(value));
    return all;
}

}  // namespace espalier_test

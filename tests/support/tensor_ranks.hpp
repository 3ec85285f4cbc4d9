// SPDX-License-Identifier: BSL-1.0
/// @file
/// Runs a function on the ranks of a tensor axis, each a thread with a real exchange between them, and brings what each gave to the
/// main thread. What the ranks compute is the test's.
#pragma once

#include "support/ranks.hpp"

#include <espalier/comm/threads.hpp>
#include <espalier/train/detail/exchange_over.hpp>

#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>
#include <vector>

namespace espalier_test {

/// The exchange that ranks of a test are given; its `tally` counts what they exchange.
template <class T>
using tested_exchange = espalier::detail::exchange_over<espalier::threads, T>;

/// Calls f(exchange) on each of `cut.ranks` ranks and gives what rank r returned as the r-th.
/// @throws what the first rank that failed threw
template <class T, class F>
[[nodiscard]] auto on_tensor_ranks(espalier::tensor_cut const& cut, F const& f) {
    using result = std::invoke_result_t<F const&, tested_exchange<T>&>;
    auto ran     = on_ranks<espalier::threads>(cut.ranks, [&](espalier::threads& group) {
        tested_exchange<T> exchange{group, cut};
        return f(exchange);
    });
    if (ran.launched) std::rethrow_exception(ran.launched);
    std::vector<result> all;
    for (auto& value : ran.value) all.push_back(std::move(value));
    return all;
}

}  // namespace espalier_test

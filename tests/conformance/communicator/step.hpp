// SPDX-License-Identifier: BSL-1.0
/// @file
/// The operations of one step of a run that goes wrong, blocking or posted: for threads in failures_test.cpp, for processes in
/// tests/distributed/failures.cpp. What goes wrong, and what is asked afterwards, they say.
#pragma once

#include <espalier/comm/concepts.hpp>

#include <cstdint>

namespace laws {

/// One rank's side of a step on `n` floats, in place at `memory`, which has room for n + 1 doubles.
template <class C>
struct step_of {
    C& world;
    std::int64_t n;
    bool is_posted;
    void* memory;

    /// Of `count` elements: others bring n.
    template <class T = float, class Op = espalier::sum>
    void reduce(std::int64_t count, Op op = {}, espalier::call_site at = espalier::call_site::here()) const {
        T* const x = static_cast<T*>(memory);
        if (!is_posted) return world.all_reduce(x, x, count, op, espalier::ordered, at);
        auto r = world.post_all_reduce(x, x, count, op, espalier::ordered, at);
        world.wait(r, at);
    }
    void broadcast(espalier::call_site at = espalier::call_site::here()) const {
        float* const x = static_cast<float*>(memory);
        if (!is_posted) return world.broadcast(x, n, 0, at);
        auto r = world.post_broadcast(x, n, 0, at);
        world.wait(r, at);
    }
    /// A sum and a broadcast, or the other way round; where they are posted both are under way at a time.
    void two(bool other_order, espalier::call_site at = espalier::call_site::here()) const {
        float* const x = static_cast<float*>(memory);
        if (!is_posted) {
            if (other_order) broadcast(at);
            reduce(n, espalier::sum{}, at);
            if (!other_order) broadcast(at);
            return;
        }
        auto const post_sum = [&] { return world.post_all_reduce(x, x, n, espalier::sum{}, espalier::ordered, at); };
        auto first          = other_order ? world.post_broadcast(x, n, 0, at) : post_sum();
        auto second         = other_order ? post_sum() : world.post_broadcast(x, n, 0, at);
        world.wait(first, at);
        world.wait(second, at);
    }
};

}  // namespace laws

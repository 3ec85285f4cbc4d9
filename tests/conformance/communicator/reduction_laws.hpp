// SPDX-License-Identifier: BSL-1.0
/// @file
/// The law of an all-reduce by any operation: the result of a serial loop along the tree, in place or not, wherever the operands lie.
/// For which types it is tried is in reduction_types_test.cpp and whole_numbers_test.cpp.
#pragma once

#include "conformance/communicator/findings.hpp"

namespace laws {

/// Neither commutes nor associates, so that both the order of the ranks and the shape of the tree show. Exact where a sum is: 2a has no rounding.
struct lopsided {
    template <class T>
    T operator()(T a, T b) const {
        return static_cast<T>(a + a - b);
    }
};

template <class T, class C, class Op>
void reduces(C& world, findings& wrong, Op op, char const* name) {
    int const last = world.size() - 1;
    for (bool are_allocated : {false, true}) {
        places<C> memory{world, are_allocated};
        for (auto n : few_sizes<T>()) {
            memory.clear();
            auto const expected = combined<T>(world.size(), 0, n, op);
            T* const in         = memory.template take<T>(drawn<T>(world.rank(), 0, n));
            T* const out        = memory.template take<T>(n);
            world.all_reduce(in, out, n, op);
            wrong.same(out, expected, "all_reduce by ", name, " of ", n);
            if (n % 2 == 1) {  // in place on some ranks only is a matter of each rank
                T* const target = world.rank() == last ? in : out;
                world.all_reduce(in, target, n, op);
                wrong.same(target, expected, "all_reduce by ", name, " of ", n, ", in place on the last rank");
            } else {
                world.all_reduce(in, in, n, op);
                wrong.same(in, expected, "all_reduce by ", name, " of ", n, " in place");
            }
        }
    }
}

template <class T, class C>
void obeys_for() {
    if constexpr (SupportsAllReduce<C, T, sum>) {
        obeyed<C>([](C& world, findings& wrong) {
            reduces<T>(world, wrong, sum{}, "sum");
            reduces<T>(world, wrong, maximum{}, "maximum");
            reduces<T>(world, wrong, minimum{}, "minimum");
            reduces<T>(world, wrong, lopsided{}, "an operation of one's own");
        });
    }
}

}  // namespace laws

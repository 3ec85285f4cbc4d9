// SPDX-License-Identifier: BSL-1.0
/// @file
/// Laws of reductions over element types and operations: sum, maximum and minimum of every number type, and operations of one's own that do not commute.
/// What else holds of a reduction of floats is in reduce_test.cpp; its other forms are in reduction_forms_test.cpp.
#include "conformance/communicator/findings.hpp"

using namespace laws;

namespace {

/// Neither commutes nor associates, so that both the order of the ranks and the shape of the tree show. Exact where a sum is: 2a has no rounding.
struct lopsided {
    template <class T>
    T operator()(T a, T b) const {
        return static_cast<T>(a + a - b);
    }
};

/// First a, then b, as maps x → scale · x + shift: associates and does not commute.
struct followed_by {
    triple operator()(triple a, triple b) const { return {b.scale * a.scale, b.scale * a.shift + b.shift, a.count + b.count}; }
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

}  // namespace

TEMPLATE_LIST_TEST_CASE("floats and doubles are combined along the tree by any operation", "[comm]", communicators) {
    obeys_for<float, TestType>();
    obeys_for<double, TestType>();
}

TEMPLATE_LIST_TEST_CASE("bf16 is combined along the tree by any operation, with one rounding each", "[comm]", communicators) {
    obeys_for<bf16, TestType>();
}

TEMPLATE_LIST_TEST_CASE("whole numbers are combined along the tree by any operation", "[comm]", communicators) {
    obeys_for<std::int32_t, TestType>();
    obeys_for<std::int64_t, TestType>();
}

TEMPLATE_LIST_TEST_CASE("elements of one's own are combined in the order of their ranks", "[comm]", communicators) {
    if constexpr (SupportsAllReduce<TestType, triple, followed_by>) {
        obeyed<TestType>([](TestType& world, findings& wrong) {
            reduces<triple>(world, wrong, followed_by{}, "composition");
            triple one = drawn<triple>(world.rank(), 5), all = drawn<triple>(0, 5);
            for (int r = 1; r < world.size(); ++r) all = followed_by{}(all, drawn<triple>(r, 5));  // from left to right: no tree
            world.all_reduce(&one, &one, 1, followed_by{});
            wrong.same(&one, {all}, "composition from left to right");
        });
    }
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Laws of reductions over whole numbers, and over elements and operations of one's own.
/// Types that round are in reduction_types_test.cpp.
#include "conformance/communicator/reduction_laws.hpp"

using namespace laws;

namespace {

/// First a, then b, as maps x → scale · x + shift: associates and does not commute.
struct followed_by {
    triple operator()(triple a, triple b) const { return {b.scale * a.scale, b.scale * a.shift + b.shift, a.count + b.count}; }
};

}  // namespace

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

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Laws of reductions over types that round: sum, maximum, minimum and an operation that neither commutes nor associates.
/// Whole numbers and types of one's own are in whole_numbers_test.cpp; other forms of a reduction are in reduction_forms_test.cpp.
#include "conformance/communicator/reduction_laws.hpp"

using namespace laws;

TEMPLATE_LIST_TEST_CASE("floats and doubles are combined along the tree by any operation", "[comm]", communicators) {
    obeys_for<float, TestType>();
    obeys_for<double, TestType>();
}

TEMPLATE_LIST_TEST_CASE("bf16 is combined along the tree by any operation, with one rounding each", "[comm]", communicators) {
    obeys_for<bf16, TestType>();
}

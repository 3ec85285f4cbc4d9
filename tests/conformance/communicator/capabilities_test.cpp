// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a communicator offers is what it says: no law is left out in silence.
#include "conformance/communicator/capabilities.hpp"

using namespace laws;

TEMPLATE_LIST_TEST_CASE("a communicator offers what it says, and its laws are tried", "[comm]", communicators) {
    std::string tried, left_out;
    for (auto const& [operation, is_there] : offers<TestType>()) {
        auto& list = is_there ? tried : left_out;
        list += (list.empty() ? "" : ", ") + std::string{operation};
    }
    if (not_offered<TestType> == unknown)
        WARN("laws are tried of: " << tried << "\nand of none of these, which are not offered: " << left_out);
    else
        CHECK(left_out == not_offered<TestType>);
    STATIC_REQUIRE(Communicator<TestType>);
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Catch2 for tests, whichever of 2.13 and 3 is installed; every test includes this file instead of Catch2's own.
/// It adds no assertion of its own, and evens out only what the two versions spell differently.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#    define ESPALIER_TEST_CATCH_MAJOR 3
#    include <catch2/catch_all.hpp>
using Catch::Approx; // global in Catch2 2.13
#else
#    define ESPALIER_TEST_CATCH_MAJOR 2
#    include <catch2/catch.hpp>
namespace Catch::Matchers {

// The names of version 3 for the matchers that tests of error texts use.
inline auto ContainsSubstring(std::string const& part) { return Catch::Matchers::Contains(part); }

} // namespace Catch::Matchers
#endif

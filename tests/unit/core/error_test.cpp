// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/error.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

using namespace espalier;

TEST_CASE("an error's text names who complains, what was required, what was given, the way out and the page") {
    complaint const c{
        .entity = "mesh", .required = "6 ranks", .got = "a world of 4", .fix = "Start 6 ranks", .page = "policies/partition.md"};
    std::string const text = "espalier: mesh: requires 6 ranks; got a world of 4. Start 6 ranks. See docs/policies/partition.md.";
    CHECK(c.to_string() == text);
    CHECK(std::string{error{c}.what()} == text);
    CHECK(std::string{invalid_setting{c}.what()} == text);
}

TEST_CASE("every error of the library is a std::runtime_error and can be caught as espalier::error") {
    STATIC_REQUIRE(std::is_base_of_v<std::runtime_error, error>);
    CHECK_THROWS_AS(throw invalid_setting{complaint{}}, error);
}

TEST_CASE("texts are joined as a stream prints them") {
    CHECK(joined("alone") == "alone");
    CHECK(joined("a world of ", 4, ", ", 0.5, ' ', std::string{"s"}, std::string_view{"v"}) == "a world of 4, 0.5 sv");
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/type_list.hpp>

#include <type_traits>

using namespace espalier;

TEST_CASE("a type list knows its size and its elements") {
    STATIC_REQUIRE(type_list<>::size == 0);
    STATIC_REQUIRE(type_list<int, char, int>::size == 3);
    STATIC_REQUIRE(std::is_same_v<element_t<0, type_list<int, char>>, int>);
    STATIC_REQUIRE(std::is_same_v<element_t<1, type_list<int, char>>, char>);
    STATIC_REQUIRE(std::is_same_v<element_t<0, type_list<void>>, void>);  // types are named, never made
}

TEST_CASE("lists follow one another, empty ones without a trace") {
    STATIC_REQUIRE(std::is_same_v<concat_t<>, type_list<>>);
    STATIC_REQUIRE(std::is_same_v<concat_t<type_list<int>>, type_list<int>>);
    STATIC_REQUIRE(std::is_same_v<concat_t<type_list<int>, type_list<>, type_list<char, long>, type_list<int>>,
                                  type_list<int, char, long, int>>);
}

TEST_CASE("a list is repeated as a whole") {
    STATIC_REQUIRE(std::is_same_v<repeated_t<0, type_list<int>>, type_list<>>);
    STATIC_REQUIRE(std::is_same_v<repeated_t<3, type_list<int, char>>, type_list<int, char, int, char, int, char>>);
    STATIC_REQUIRE(std::is_same_v<repeated_t<5, type_list<>>, type_list<>>);
}

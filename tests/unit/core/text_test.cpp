// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/text.hpp>

#include <string>

using namespace espalier;

namespace {
template <text Name>
struct holder {
    static constexpr text value = Name;
};
}  // namespace

TEST_CASE("a text is a template argument and equal by its characters") {
    STATIC_REQUIRE(holder<text{"head"}>::value.view() == "head");
    STATIC_REQUIRE(text{"head"} == text{"head"});
    STATIC_REQUIRE(!(text{"head"} == text{"heads"}));
    STATIC_REQUIRE(text{}.view().empty());
}

TEST_CASE("texts grow by texts and by numbers, at compile time too") {
    STATIC_REQUIRE(appended(text{"lstm"}, ".weight").view() == "lstm.weight");
    STATIC_REQUIRE(appended(text{}, "").view().empty());
    for (int n : {0, 7, 10, 99, 100, 2147483647})
        CHECK(appended(text{"l"}, n).view() == std::string{"l"}.append(std::to_string(n)));
}

TEST_CASE("a text holds 95 characters; one more is refused") {
    std::string const longest(95, 'a');
    CHECK(appended(text{}, longest).view() == longest);
    CHECK_THROWS_AS(appended(text{}, longest + "a"), char const*);
    CHECK_THROWS_AS(appended(appended(text{}, longest), 1), char const*);
}

TEST_CASE("a name's hash is FNV-1a with 64 bits: published values") {
    STATIC_REQUIRE(hash_of("") == 0xcbf29ce484222325ull);
    STATIC_REQUIRE(hash_of("a") == 0xaf63dc4c8601ec8cull);
    STATIC_REQUIRE(hash_of("foobar") == 0x85944171f73967e8ull);
}

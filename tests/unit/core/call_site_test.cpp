// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/call_site.hpp>

#include <string>

using namespace espalier;

namespace {
call_site called(call_site at = call_site::here()) { return at; }

call_site calls_from_here(int& line) {
    line = __LINE__ + 1;
    return called();
}
}  // namespace

TEST_CASE("a defaulted parameter knows where the call stands, not where the function does") {
    int line             = 0;
    call_site const site = calls_from_here(line);
    CHECK(site.line == line);
    CHECK(std::string{site.function} == "calls_from_here");
    CHECK(std::string{site.file} == __FILE__);
}

TEST_CASE("a call site that nobody filled in is empty") {
    constexpr call_site site{};
    STATIC_REQUIRE(site.line == 0);
    CHECK(std::string{site.file}.empty());
    CHECK(std::string{site.function}.empty());
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/comm/errors.hpp>

#include <string>
#include <type_traits>

using namespace espalier;

TEST_CASE("rank_failed names the rank and repeats the error's text", "[comm]") {
    rank_failed const e{3, "threads", "no bars in /data"};
    CHECK(e.rank() == 3);
    CHECK(std::string{e.what()} == "espalier: threads: requires every rank to finish; got an error on rank 3 (no bars in /data). "
                                   "Mend that error; this rank only ended with it. See docs/policies/communicator.md.");
}

TEST_CASE("every error of a communicator is an espalier::error and copies without throwing", "[comm]") {
    static_assert(std::is_base_of_v<error, rank_failed> && std::is_nothrow_copy_constructible_v<rank_failed>);
    static_assert(std::is_base_of_v<error, deadline_passed> && std::is_nothrow_copy_constructible_v<deadline_passed>);
    static_assert(std::is_base_of_v<error, mismatched_collective>);
    SUCCEED();
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The place in memory: the laws of all places, how many steps it is to keep, and its errors' words.
/// That a trainer resumes from it is tested where the trainer is.
#include "unit/checkpoint/place_laws.hpp"

#include <espalier/checkpoint/memory.hpp>

#include <cstdint>
#include <string>
#include <vector>

using espalier::checkpoint::bad_checkpoint;
using espalier::checkpoint::memory;
using espalier_test::bytes_of_text;
using steps = std::vector<std::int64_t>;

namespace {
void save(memory& place, std::int64_t step) {
    place.put(step, "weights", bytes_of_text(std::to_string(step)));
    place.commit(step);
}
}  // namespace

TEST_CASE("the place in memory follows the laws of all places") {
    espalier_test::check_place_laws([] { return memory{}; });
}

TEST_CASE("the place in memory says how many steps are to stay: two unless another number is given") {
    CHECK(memory{}.keep() == 2);
    int const keep = GENERATE(1, 2, 3, 5);
    CHECK(memory{keep}.keep() == keep);
}

TEST_CASE("parts of an earlier step that was never committed are forgotten with the next commit") {
    memory place;
    place.put(100, "left by an attempt that failed", bytes_of_text("x"));
    place.put(300, "put ahead", bytes_of_text("y"));
    save(place, 200);
    CHECK_THROWS_AS(place.commit(100), bad_checkpoint);
    CHECK_NOTHROW(place.commit(300));
    CHECK(place.list() == steps{200, 300});
}

TEST_CASE("two places in memory know nothing of each other") {
    memory a, b;
    save(a, 1);
    CHECK(b.list().empty());
}

TEST_CASE("the place in memory says what it misses") {
    using Catch::Matchers::ContainsSubstring;
    memory place;
    CHECK_THROWS_WITH(place.get(3, "weights"),
                      "espalier: checkpoint::memory: requires a committed step 3; got no committed step. Take a step that list() "
                      "gives. See docs/policies/checkpoint.md.");
    save(place, 1);
    save(place, 2);
    CHECK_THROWS_WITH(place.get(3, "weights"), ContainsSubstring("got the steps 1, 2."));
    CHECK_THROWS_WITH(place.remove(3), ContainsSubstring("requires a committed step 3; got the steps 1, 2."));
    CHECK_THROWS_WITH(place.get(2, "weight\n"),
                      ContainsSubstring(R"(requires a part "weight\x0a" of step 2; got 1 parts of other names)"));
    CHECK_THROWS_WITH(place.get(2, "weights", 1, 1),
                      ContainsSubstring(R"(requires a range within the 1 bytes of part "weights" of step 2; )"
                                        "got 1 bytes from byte 1"));
    CHECK_THROWS_WITH(place.commit(3), ContainsSubstring("requires parts that were put for step 3; got none"));
    CHECK_THROWS_AS(memory{0}, espalier::invalid_setting);
    CHECK_THROWS_WITH(memory{-1}, ContainsSubstring("checkpoint::memory: requires at least 1 step to keep; got -1"));
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The place in memory: the laws of all places, how many steps it keeps, and its errors' words.
/// That a trainer resumes from it is tested where the trainer is.
#include "unit/checkpoint/place_laws.hpp"

#include <espalier/checkpoint/memory.hpp>

#include <algorithm>
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

TEST_CASE("the place in memory keeps the newest steps") {
    int const keep = GENERATE(1, 2, 3, 5);
    memory place{keep};
    for (int step = 10; step <= 70; step += 10) {
        save(place, step);
        steps expected;
        for (int s = std::max(10, step - 10 * (keep - 1)); s <= step; s += 10) expected.push_back(s);
        CHECK(place.list() == expected);
        CHECK(place.get(step, "weights") == bytes_of_text(std::to_string(step)));
    }
}

TEST_CASE("two steps are kept unless another number is given") {
    memory place;
    for (int step : {1, 2, 3}) save(place, step);
    CHECK(place.list() == steps{2, 3});
}

TEST_CASE("the step just committed stays, even when the place holds later ones") {
    memory place{1};
    save(place, 200);
    save(place, 150);
    CHECK(place.list() == steps{150});
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

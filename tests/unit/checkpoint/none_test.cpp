// SPDX-License-Identifier: BSL-1.0
/// @file
/// The place that keeps nothing accepts everything and gives nothing back.
/// That it costs a trainer nothing is measured in bench/.
#include "support/catch.hpp"

#include <espalier/checkpoint/none.hpp>

using espalier::checkpoint::bad_checkpoint;
using espalier::checkpoint::none;

TEST_CASE("nothing survives in the place that keeps nothing") {
    none place;
    std::byte const bytes[3] = {};
    place.put(1, "a", bytes);
    place.discard(1);
    place.commit(1);
    CHECK(place.list().empty());
    CHECK_THROWS_AS(place.get(1, "a"), bad_checkpoint);
    CHECK_THROWS_AS(place.get(1, "a", 0, 1), bad_checkpoint);
    CHECK_THROWS_WITH(place.remove(1), "espalier: checkpoint::none: requires a committed step 1; got no committed step. "
                                       "Take a step that list() gives. See docs/policies/checkpoint.md.");
}

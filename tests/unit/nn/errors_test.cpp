// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/nn/errors.hpp>

#include <limits>

using namespace espalier;

TEST_CASE("an index is a whole number from 0 up to, not including, the count") {
    CHECK(detail::index_below(5, 0.0f) == 0);
    CHECK(detail::index_below(5, -0.0f) == 0);
    CHECK(detail::index_below(5, 4.0) == 4);
    CHECK(detail::index_below(1 << 24, 16777215.0f) == 16777215);
    for (double const wrong : {5.0, -1.0, 0.5, 4.999, 1e300, -1e300, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
        CHECK(detail::index_below(5, wrong) == -1);
}

TEST_CASE("a bad index names the place, which a row of a batch stands for") {
    CHECK(detail::row_in_batch(7, 3) == "step 2 of sample 1");
    CHECK_THROWS_WITH(detail::reject_index("layer", "things", 5, 5, detail::row_in_batch(7, 3), "Mend it"),
                      "espalier: layer: requires things from 0 to 4; got 5 at step 2 of sample 1 of the batch. Mend it. See docs/policies/model.md.");
    CHECK_THROWS_AS(detail::reject_index("layer", "things", 5, 5, "x", "Mend it"), bad_index);
}

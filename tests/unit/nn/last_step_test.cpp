// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/last_step.hpp>

#include <numeric>

using namespace espalier;

TEST_CASE("last_step gives the last block of a sequence, for every sample of the batch") {
    std::vector<float> x(4 * 3 * 2);  // four steps, three samples, two features
    std::iota(x.begin(), x.end(), 0.0f);
    auto const y = espalier_test::forward_run<last_step, float>{dims(4, 2), 3}(x);
    CHECK(y == std::vector<float>{18, 19, 20, 21, 22, 23});
    CHECK(espalier_test::forward_run<last_step, float>{dims(1, 8), 3}(x) == x);
}

TEST_CASE("last_step takes sequences only and gives a vector of their features") {
    CHECK(last_step::takes(dims(4, 2)));
    CHECK_FALSE(last_step::takes(dims(4)));
    CHECK_FALSE(last_step::takes(dims(0, 2)));
    CHECK_FALSE(last_step::takes(dims(4, 2, 2)));
    CHECK(last_step::gives(dims(4, 2)) == dims(2));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/data/temporary_folder.hpp"

#include <espalier/data/in_memory.hpp>

using namespace espalier;
using espalier_test::words_of;

TEST_CASE("in_memory gathers sequences step by step") {
    // Two steps of three features; the element's value says sample, step and feature.
    std::vector<float> x, y;
    for (int n = 0; n < 4; ++n) {
        for (int t = 0; t < 2; ++t)
            for (int f = 0; f < 3; ++f) x.push_back(static_cast<float>(100 * n + 10 * t + f));
        y.push_back(static_cast<float>(n));
    }
    in_memory<float> const data{dims(2, 3), dims(1), x, y};
    REQUIRE(data.size() == 4);
    CHECK(data.input() == dims(2, 3));
    CHECK(data.target() == dims(1));

    std::vector<std::int64_t> const samples{3, 0, 3};
    std::vector<double> gathered(18), targets(3);
    data.gather(samples, gathered.data(), targets.data());
    CHECK(gathered == std::vector<double>{300, 301, 302, 0, 1, 2, 300, 301, 302,      // step 0 of samples 3, 0, 3
                                          310, 311, 312, 10, 11, 12, 310, 311, 312}); // step 1
    CHECK(targets == std::vector<double>{3, 0, 3});
}

TEST_CASE("in_memory gathers vectors as they are") {
    in_memory<double> const data{dims(2), dims(2), {1, 2, 3, 4, 5, 6}, {10, 20, 30, 40, 50, 60}};
    std::vector<std::int64_t> const samples{2, 1};
    float x[4], y[4];
    data.gather(samples, x, y);
    CHECK(std::vector<float>(x, x + 4) == std::vector<float>{5, 6, 3, 4});
    CHECK(std::vector<float>(y, y + 4) == std::vector<float>{50, 60, 30, 40});
}

TEST_CASE("in_memory may be empty, and gathers an empty batch") {
    in_memory<float> const data{dims(3, 1), dims(1), {}, {}};
    CHECK(data.size() == 0);
    float untouched = 7;
    data.gather({}, &untouched, &untouched);
    CHECK(untouched == 7);
}

TEST_CASE("A copy of in_memory outlives the original") {
    std::vector<std::int64_t> const samples{1};
    float x = 0, y = 0;
    auto const copy = [] {
        in_memory<float> const original{dims(1), dims(1), {1, 2}, {3, 4}};
        return original;
    }();
    copy.gather(samples, &x, &y);
    CHECK(x == 2);
    CHECK(y == 4);
}

TEST_CASE("in_memory rejects arrays that do not fit, with the numbers") {
    CHECK(words_of<bad_data>([] {
              in_memory<float>{dims(2, 3), dims(1), std::vector<float>(7), {}};
          }) == "espalier: in_memory: requires x as a whole number of samples of 6 elements; got 7 elements. Check the shape or "
                "the array. "
                "See docs/howto/data.md.");
    CHECK(
        words_of<bad_data>([] {
            in_memory<float>{dims(2), dims(1), std::vector<float>(6), std::vector<float>(2)};
        }) ==
        "espalier: in_memory: requires as many targets as inputs (3); got 2. Give one target a sample. See docs/howto/data.md.");
    CHECK(words_of<bad_data>([] { in_memory<float>{dims(0), dims(1), {}, {}}; }) != "");
}

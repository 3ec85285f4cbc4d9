// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/first_step.hpp>

using namespace espalier;

TEST_CASE("first_step gives the first step of every sample, and its gradient is zero elsewhere") {
    // Two samples of three steps of two features, step by step: (T,B,F).
    std::vector<float> const x{0, 1, 10, 11, 2, 3, 12, 13, 4, 5, 14, 15};
    CHECK(espalier_test::forward_run<first_step, float>{dims(3, 2), 2}(x) == std::vector<float>{0, 1, 10, 11});
    std::vector<float> const dy{6, 7, 8, 9};
    std::vector<float> dx(12, -1.0f);
    backward_pass<float> const p{{nullptr, nullptr}, nullptr, dims(3, 2), 2, x.data(), nullptr, nullptr, nullptr, dy.data(), dx.data(), {}, 0};
    first_step::backward(p, no_kernels{});
    CHECK(dx == std::vector<float>{6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("first_step takes sequences and gives vectors") {
    CHECK(first_step::takes(dims(3, 2)));
    CHECK_FALSE(first_step::takes(dims(2)));
    CHECK_FALSE(first_step::takes(dims(0, 2)));
    CHECK(first_step::gives(dims(3, 2)) == dims(2));
}

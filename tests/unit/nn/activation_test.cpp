// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/activation.hpp>

#include <cmath>
#include <limits>

using namespace espalier;
using espalier_test::forward_run;

TEST_CASE("relu keeps what is positive and sets the rest to zero; NaN stays NaN") {
    float const nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    auto const y = forward_run<relu, float>{dims(7), 1}({-2, -0.0f, 0, 3, -infinity, infinity, nan});
    for (std::size_t i : {0u, 1u, 2u, 4u}) CHECK(y[i] == 0.0f);
    CHECK(y[3] == 3.0f);
    CHECK(y[5] == infinity);
    CHECK(std::isnan(y[6]));
}

TEST_CASE("tanh agrees with the standard library, in float within 2 units of the last place and in double") {
    std::vector<float> x;
    for (int i = -400; i <= 400; ++i) x.push_back(static_cast<float>(i) / 32);
    x.insert(x.end(), {1e-20f, -1e-20f, 1e-4f, 100, -100});
    auto const n = static_cast<std::int64_t>(x.size());
    auto const y = forward_run<tanh_activation, float>{dims(n), 1}(x);
    for (std::size_t i = 0; i < x.size(); ++i) {
        double const expected = std::tanh(static_cast<double>(x[i]));
        INFO("x = " << x[i]);
        CHECK(std::abs(static_cast<double>(y[i]) - expected) <= 2 * 0x1p-23 * std::abs(expected));
    }
    std::vector<double> const x64(x.begin(), x.end());
    auto const y64 = forward_run<tanh_activation, double>{dims(n), 1}(x64);
    for (std::size_t i = 0; i < x64.size(); ++i) CHECK(y64[i] == Approx(std::tanh(x64[i])).epsilon(1e-14));
}

TEST_CASE("activations take any shape, keep it, and have no parameters") {
    for (shape const in : {dims(5), dims(3, 5)}) {
        CHECK(relu::takes(in));
        CHECK(relu::gives(in) == in);
        CHECK(tanh_activation::gives(in) == in);
    }
    STATIC_REQUIRE(decltype(relu::parameters(dims(1)))::count == 0);
    auto const y = forward_run<relu, float>{dims(3, 5), 2}(std::vector<float>(30, 1.5f));
    CHECK(y == std::vector<float>(30, 1.5f));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/math/gelu.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace espalier;

namespace {
double cumulated(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }
double density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0)); }
}  // namespace

TEMPLATE_TEST_CASE("gelu is x Φ(x) and its slope Φ(x) + x φ(x), from −12 to 12", "", float, double) {
    using T = TestType;
    std::vector<T> x, dy;
    for (int i = -12000; i <= 12000; ++i) x.push_back(static_cast<T>(i) / T{1000}), dy.push_back(static_cast<T>(1 + i % 3));
    std::vector<T> y(x.size()), dx(x.size());
    auto const n = static_cast<std::int64_t>(x.size());
    math::gelu_forward(n, x.data(), y.data());
    math::gelu_backward(n, x.data(), dy.data(), dx.data());
    double const bound = std::is_same_v<T, float> ? 4e-7 : 2e-15;
    double worst = 0, worst_slope = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        auto const v = static_cast<double>(x[i]), scale = std::max(1.0, std::abs(v));
        worst       = std::max(worst, std::abs(static_cast<double>(y[i]) - v * cumulated(v)) / scale);
        worst_slope = std::max(worst_slope, std::abs(static_cast<double>(dx[i]) - static_cast<double>(dy[i]) * (cumulated(v) + v * density(v))));
    }
    CHECK(worst <= bound);
    CHECK(worst_slope <= 4 * bound);
}

TEST_CASE("gelu works in place, and lets a NaN be seen") {
    std::vector<float> x{-1, 2, std::numeric_limits<float>::quiet_NaN()}, y(3);
    math::gelu_forward(3, x.data(), y.data());
    std::vector<float> dx(3, 1.0f);
    math::gelu_backward(3, x.data(), dx.data(), dx.data());
    math::gelu_forward(3, x.data(), x.data());
    CHECK(x[0] == y[0]);
    CHECK(x[1] == y[1]);
    CHECK(std::isnan(y[2]));
    CHECK(std::isnan(dx[2]));
    CHECK(dx[1] == Approx(cumulated(2) + 2 * density(2)));
}

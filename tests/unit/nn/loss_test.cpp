// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/philox.hpp>
#include <espalier/nn/loss.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace espalier;

namespace {
std::vector<double> drawn(std::size_t n, std::uint64_t seed) {
    random_key const key{seed, "loss test"};
    std::vector<double> v(n);
    for (std::size_t i = 0; i < n; ++i) v[i] = 2 * to_normal(key.at(i).word[0], key.at(i).word[1]);
    return v;
}

double huber_formula(double d, double delta) { return std::abs(d) <= delta ? d * d / 2 : delta * (std::abs(d) - delta / 2); }

/// The loss is the sum of `formula` over all elements, and its gradient that of central differences, in double and in float.
template <class L, class Formula>
void agrees(shape out, std::int64_t batch, Formula formula) {
    auto const n = static_cast<std::size_t>(out.elements() * batch);
    auto y = drawn(n, 1), target = drawn(n, 2), dy = drawn(n, 3);
    double expected = 0;
    for (std::size_t i = 0; i < n; ++i) expected += formula(y[i] - target[i]);
    loss_sum const found = L::evaluate(out, batch, y.data(), target.data(), dy.data());
    CHECK(found.sum == Approx(expected).epsilon(1e-14));
    CHECK(found.weight == static_cast<double>(n));
    CHECK(L::evaluate(out, batch, y.data(), target.data(), static_cast<double*>(nullptr)).sum == found.sum);
    for (std::size_t i = 0; i < n; ++i) {
        double const kept = y[i], h = 1e-6;
        auto const at = [&](double value) {
            y[i] = value;
            return L::evaluate(out, batch, y.data(), target.data(), static_cast<double*>(nullptr)).sum;
        };
        double const slope = (at(kept + h) - at(kept - h)) / (2 * h);
        y[i]               = kept;
        CHECK(dy[i] == Approx(slope).margin(1e-6));
    }
    std::vector<float> const y32(y.begin(), y.end()), target32(target.begin(), target.end());
    std::vector<float> dy32(n);
    CHECK(L::evaluate(out, batch, y32.data(), target32.data(), dy32.data()).sum == Approx(expected).epsilon(1e-5));
    for (std::size_t i = 0; i < n; ++i) CHECK(static_cast<double>(dy32[i]) == Approx(dy[i]).margin(2e-6));
}
}  // namespace

TEST_CASE("the squared error is a sum over samples and outputs, and its gradient that of central differences") {
    agrees<mean_squared_error>(dims(1), 7, [](double d) { return d * d; });
    agrees<mean_squared_error>(dims(3), 5, [](double d) { return d * d; });
}

TEST_CASE("the Huber loss is quadratic within its threshold and linear beyond, and its gradient that of central differences") {
    agrees<huber<>>(dims(2), 20, [](double d) { return huber_formula(d, 1.0); });
    agrees<huber<threshold{0.25f}>>(dims(2), 20, [](double d) { return huber_formula(d, 0.25); });
    agrees<huber<threshold{100.0f}>>(dims(2), 20, [](double d) { return d * d / 2; });
}

TEST_CASE("Huber's force is bounded by its threshold, and reaches it at the border on both sides") {
    double const y[] = {1e9, -1e9, 0.5, -0.5, 0.25, 0}, target[6] = {};
    double dy[6];
    (void)huber<threshold{0.5f}>::evaluate(dims(6), 1, y, target, dy);
    CHECK(std::vector<double>(dy, dy + 6) == std::vector<double>{0.5, -0.5, 0.5, -0.5, 0.25, 0});
}

TEST_CASE("a loss asks for a target of the output's shape") {
    STATIC_REQUIRE(mean_squared_error::target(dims(3)) == dims(3));
    STATIC_REQUIRE(huber<>::target(dims(6, 2)) == dims(6, 2));
}

TEST_CASE("a NaN or an infinity among outputs or targets is seen in the loss") {
    float const nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    for (float bad : {nan, infinity, -infinity}) {
        float const fine[3] = {1, 2, 3}, spoiled[3] = {1, bad, 3};
        float dy[3];
        CHECK_FALSE(std::isfinite(mean_squared_error::evaluate(dims(3), 1, spoiled, fine, dy).sum));
        CHECK_FALSE(std::isfinite(mean_squared_error::evaluate(dims(3), 1, fine, spoiled, dy).sum));
        CHECK_FALSE(std::isfinite(huber<>::evaluate(dims(3), 1, spoiled, fine, dy).sum));
        CHECK_FALSE(std::isfinite(huber<>::evaluate(dims(3), 1, fine, spoiled, dy).sum));
    }
    float const one[1] = {nan}, zero[1] = {0};
    float dy[1];
    (void)huber<>::evaluate(dims(1), 1, one, zero, dy);
    CHECK(std::isnan(dy[0]));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/math/functions.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace espalier;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan      = std::numeric_limits<float>::quiet_NaN();

/// The error of a float in units of the last place that the true value has in float; a denormal's unit is 2⁻¹⁴⁹.
double ulps(double truth, float got) {
    if (std::isnan(truth)) return std::isnan(got) ? 0 : 1e9;
    if (std::isnan(got)) return 1e9;
    auto const nearest = static_cast<float>(truth);
    if (nearest == got) return std::signbit(nearest) == std::signbit(got) ? 0 : 1e9;
    if (std::isinf(nearest) || std::isinf(got))
        return std::fabs(truth) > 0x1.fffffcp127 && std::fabs(truth) < 0x1.000002p128 ? 1 : 1e9;
    int exponent = 0;
    std::frexp(truth, &exponent);
    return std::fabs(truth - static_cast<double>(got)) / std::ldexp(1.0, std::max(exponent - 24, -149));
}

/// The largest error over every 1,021st float, of all signs and exponents, and the special ones.
template <class F, class Truth>
double worst(F f, Truth truth) {
    double largest   = 0;
    auto const check = [&](float x) { largest = std::max(largest, ulps(truth(static_cast<double>(x)), f(x))); };
    for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 1021)
        check(__builtin_bit_cast(float, static_cast<std::uint32_t>(bits)));
    for (float x : {0.0f, -0.0f, 1e-45f, -1e-45f, 0x1p-126f, -0x1p-126f, std::numeric_limits<float>::max(), infinity, -infinity,
                    nan, 88.72283f, 88.72284f, -87.33655f, -103.97207f, -103.97208f, 0.55f, 0.92f, 9.01f, 3.9f})
        check(x);
    return largest;
}

double sigmoid_of(double x) {
    return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

} // namespace

TEST_CASE("exp is within 1 unit of the last place") {
    CHECK(worst([](float x) { return math::exp(x); }, [](double x) { return std::exp(x); }) <= 1.0);
}

TEST_CASE("tanh is within 2 units of the last place") {
    CHECK(worst([](float x) { return math::tanh(x); }, [](double x) { return std::tanh(x); }) <= 2.0);
}

TEST_CASE("sigmoid is within 3 units of the last place") {
    CHECK(worst([](float x) { return math::sigmoid(x); }, sigmoid_of) <= 3.0);
}

TEST_CASE("erf is within 2 units of the last place") {
    CHECK(worst([](float x) { return math::erf(x); }, [](double x) { return std::erf(x); }) <= 2.0);
}

TEST_CASE("the square root is within 1 unit of the last place") {
    CHECK(worst([](float x) { return math::square_root(x); }, [](double x) { return std::sqrt(x); }) <= 1.0);
}

TEST_CASE("every function hands NaN on, with any payload and sign") {
    for (std::uint32_t bits : {0x7fc00000u, 0x7fc00001u, 0x7fffffffu, 0xffc00000u, 0xffffffffu, 0x7f800001u}) {
        float const x = __builtin_bit_cast(float, bits);
        CAPTURE(bits);
        CHECK(std::isnan(math::exp(x)));
        CHECK(std::isnan(math::tanh(x)));
        CHECK(std::isnan(math::sigmoid(x)));
        CHECK(std::isnan(math::erf(x)));
        CHECK(std::isnan(math::square_root(x)));
    }
}

TEST_CASE("a loop over a function keeps the bound of the function") {
    // The loop is vectorised and the single calls are not, so that both ways are seen.
    std::vector<float> x(1000), y(1000);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = (static_cast<float>(i) - 500.0f) * 0.03f;
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = math::tanh(x[i]);
    for (std::size_t i = 0; i < x.size(); i += 37) {
        float volatile alone = x[i];
        CHECK(ulps(std::tanh(static_cast<double>(x[i])), y[i]) <= 2.0);
        CHECK(ulps(std::tanh(static_cast<double>(x[i])), math::tanh(alone)) <= 2.0);
    }
}

TEST_CASE("for double the functions are those of std") {
    for (double x : {-40.0, -1.5, -0.0, 0.3, 2.0, 700.0}) {
        CHECK(math::exp(x) == std::exp(x));
        CHECK(math::tanh(x) == std::tanh(x));
        CHECK(math::erf(x) == std::erf(x));
        CHECK(math::sigmoid(x) == Approx(sigmoid_of(x)).epsilon(1e-15));
        CHECK((x < 0 || math::square_root(x) == std::sqrt(x)));
    }
}

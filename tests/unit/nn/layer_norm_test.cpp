// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/layer_norm.hpp>

#include <cmath>

using namespace espalier;
using espalier_test::drawn;

namespace {
/// y against the formula in double, for every row.
template <class T, int Features>
void agrees(shape in, std::int64_t batch, double offset, double tolerance) {
    espalier_test::forward_run<layer_norm<Features>, T> run{in, batch};
    run.draw_weights(2);
    auto x = drawn<T>(in.elements() * batch, 1);
    for (T& v : x) v = static_cast<T>(3 * static_cast<double>(v) + offset);
    auto const y           = run(x);
    constexpr std::size_t n = Features;
    for (std::size_t row = 0; row * n < x.size(); ++row) {
        double mean = 0, variance = 0;
        for (std::size_t j = 0; j < n; ++j) mean += static_cast<double>(x[row * n + j]) / n;
        for (std::size_t j = 0; j < n; ++j) variance += std::pow(static_cast<double>(x[row * n + j]) - mean, 2) / n;
        for (std::size_t j = 0; j < n; ++j) {
            double const expected = (static_cast<double>(x[row * n + j]) - mean) / std::sqrt(variance + 1e-12) * static_cast<double>(run.weight(0, 0)[j]) +
                                    static_cast<double>(run.weight(0, 1)[j]);
            CHECK(std::abs(static_cast<double>(y[row * n + j]) - expected) < tolerance);
        }
    }
}
}  // namespace

TEST_CASE("layer_norm brings each row to mean 0 and variance 1, then scales and shifts it") {
    agrees<double, 5>(dims(5), 3, 0, 1e-13);
    agrees<double, 48>(dims(4, 48), 2, 7, 1e-12);
    agrees<float, 768>(dims(3, 768), 2, 0, 5e-6);
    agrees<float, 33>(dims(33), 4, 1, 5e-6);
}

TEST_CASE("a mean far from 0 does not drown the variance") {
    agrees<float, 768>(dims(768), 2, 1000, 1e-3);  // x itself is known to 6e-5 only, in float, of a deviation of 3
}

TEST_CASE("a row of equal numbers becomes the shift, and epsilon is a template argument") {
    espalier_test::forward_run<layer_norm<4>, float> run{dims(4), 1};
    run.weight(0, 0)[0] = 3, run.weight(0, 1)[0] = 0.5f, run.weight(0, 1)[3] = -2;
    CHECK(run({6, 6, 6, 6}) == std::vector<float>{0.5f, 0, 0, -2});
    espalier_test::forward_run<layer_norm<2, variance_floor{3.0f}>, double> wide{dims(2), 1};
    wide.weight(0, 0)[0] = wide.weight(0, 0)[1] = 1;
    auto const y = wide({-1, 1});  // variance 1, and 3: 1 / √4
    CHECK(y[0] == Approx(-0.5).epsilon(1e-12));
    CHECK(y[1] == Approx(0.5).epsilon(1e-12));
}

TEST_CASE("layer_norm takes any shape with its features, keeps it, and starts as scale 1 and shift 0") {
    using layer = layer_norm<5>;
    CHECK(layer::takes(dims(5)));
    CHECK(layer::takes(dims(6, 5)));
    CHECK_FALSE(layer::takes(dims(5, 6)));
    CHECK_FALSE(layer::takes(dims()));
    CHECK(layer::gives(dims(6, 5)) == dims(6, 5));
    CHECK(layer::parameters(dims(5)).item[0].start.distribution == initial_value::kind::ones);
    CHECK(layer::parameters(dims(5)).item[1].start.distribution == initial_value::kind::zeros);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/dropout.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/residual.hpp>

#include <algorithm>
#include <cmath>

using namespace espalier;
using espalier_test::drawn;
using espalier_test::forward_run;

TEST_CASE("a residual adds what its layers make of x to x") {
    forward_run<residual<linear<4, 6>, tanh_activation, linear<6, 4>>, double> run{dims(4), 3};
    run.draw_weights(5);
    auto const x = drawn<double>(12, 1);
    auto const y = run(x);
    double const *w0 = run.weight(0, 0), *b0 = run.weight(0, 1), *w1 = run.weight(0, 2), *b1 = run.weight(0, 3);
    for (std::size_t b = 0; b < 3; ++b)
        for (std::size_t o = 0; o < 4; ++o) {
            double expected = x[4 * b + o] + b1[o];
            for (std::size_t h = 0; h < 6; ++h) {
                double inner = b0[h];
                for (std::size_t i = 0; i < 4; ++i) inner += w0[4 * h + i] * x[4 * b + i];
                expected += w1[6 * o + h] * std::tanh(inner);
            }
            CHECK(y[4 * b + o] == Approx(expected).epsilon(1e-12));
        }
}

TEST_CASE("with weights of zero a residual is the identity, for vectors and sequences, nested too") {
    auto const x = drawn<float>(3 * 4 * 5, 1);
    CHECK(forward_run<residual<linear<5, 7>, relu, linear<7, 5>>, float>{dims(5), 12}(x) == x);
    CHECK(forward_run<residual<linear<5, 7>, relu, linear<7, 5>>, float>{dims(3, 5), 4}(x) == x);
    CHECK(forward_run<residual<linear<5, 5>, residual<linear<5, 5>>>, float>{dims(3, 5), 4}(x) == x);
}

TEST_CASE("a residual takes what its first layer takes and its last gives back") {
    using keeps_shape   = residual<linear<5, 7>, relu, linear<7, 5>>;
    using changes_shape = residual<linear<5, 7>>;
    CHECK(keeps_shape::takes(dims(5)));
    CHECK(keeps_shape::gives(dims(3, 5)) == dims(3, 5));
    CHECK_FALSE(keeps_shape::takes(dims(7)));
    CHECK_FALSE(changes_shape::takes(dims(5)));
}

TEST_CASE("layers with random numbers inside residuals draw their own, by position and by residual") {
    using drop = dropout<probability{0.5f}>;
    std::vector<float> const ones(2000, 1.0f);
    sampling const draw{.seed = 1, .step = 1, .first_sample = 0, .training = true};
    // x + mask: 1 where dropped, 3 where kept. Two in a row: 1 or 5, and 5 for a quarter if they are independent, else for half.
    auto const twice = forward_run<residual<drop, drop>, float>{dims(2000), 1}(ones, draw);
    auto const kept  = std::count(twice.begin(), twice.end(), 5.0f);
    CHECK(std::count(twice.begin(), twice.end(), 1.0f) + kept == 2000);
    CHECK(std::abs(static_cast<double>(kept) - 500) < 5 * std::sqrt(375.0));
    // Two residuals under keys of their own: 1, 3 or 9, a quarter 1.
    auto const two  = forward_run<sequence<residual<drop>, residual<drop>>, float>{dims(2000), 1}(ones, draw);
    auto const none = std::count(two.begin(), two.end(), 1.0f);
    CHECK(std::abs(static_cast<double>(none) - 500) < 5 * std::sqrt(375.0));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/linear.hpp>

#include <cmath>

using namespace espalier;
using espalier_test::drawn;

namespace {
/// y = x Wᵀ + b for every row of the input, against three loops in double.
template <class T, int Inputs, int Outputs>
void agrees(shape in, std::int64_t batch, double tolerance) {
    espalier_test::forward_run<linear<Inputs, Outputs>, T> run{in, batch};
    run.draw_weights(2);
    auto const x         = drawn<T>(in.elements() * batch, 1);
    auto const y         = run(x);
    T const* const w     = run.weight(0, 0);
    T const* const b     = run.weight(0, 1);
    std::int64_t const n = in.rows() * batch;
    REQUIRE(static_cast<std::int64_t>(y.size()) == n * Outputs);
    for (std::int64_t row = 0; row < n; ++row)
        for (std::int64_t o = 0; o < Outputs; ++o) {
            double expected = static_cast<double>(b[o]);
            for (std::int64_t i = 0; i < Inputs; ++i)
                expected +=
                    static_cast<double>(x[static_cast<std::size_t>(row * Inputs + i)]) * static_cast<double>(w[o * Inputs + i]);
            CHECK(std::abs(static_cast<double>(y[static_cast<std::size_t>(row * Outputs + o)]) - expected) < tolerance);
        }
}
}  // namespace

TEST_CASE("linear multiplies each row by its weight (Outputs,Inputs) and adds the bias") {
    agrees<double, 5, 3>(dims(5), 1, 1e-13);
    agrees<double, 5, 3>(dims(5), 4, 1e-13);
    agrees<float, 17, 33>(dims(17), 7, 1e-5);
    agrees<float, 64, 1>(dims(64), 9, 1e-5);
}

TEST_CASE("on a sequence linear works row by row, every step and every sample alike") {
    agrees<double, 5, 3>(dims(6, 5), 4, 1e-13);
    agrees<float, 17, 8>(dims(3, 17), 5, 1e-5);
}

TEST_CASE("linear takes any shape whose features are its inputs, and changes only these") {
    using layer = linear<5, 3>;
    CHECK(layer::takes(dims(5)));
    CHECK(layer::takes(dims(6, 5)));
    CHECK_FALSE(layer::takes(dims(6)));
    CHECK_FALSE(layer::takes(dims(5, 6)));
    CHECK_FALSE(layer::takes(dims()));
    CHECK(layer::gives(dims(6, 5)) == dims(6, 3));
    CHECK(layer::parameters(dims(5)).item[0].extents == dims(3, 5));
    CHECK(layer::parameters(dims(5)).item[1].extents == dims(3));
}

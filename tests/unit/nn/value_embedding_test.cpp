// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/value_embedding.hpp>

using namespace espalier;
using espalier_test::drawn;

TEST_CASE("value_embedding projects every step and adds its position's row") {
    using layer = value_embedding<4, 3, 5>;
    espalier_test::forward_run<layer, double> run{dims(4, 3), 2};
    run.draw_weights(3);
    auto const x = drawn<double>(24, 1);
    auto const y = run(x);
    for (std::size_t r = 0; r < 8; ++r)
        for (std::size_t h = 0; h < 5; ++h) {
            double expected = run.weight(0, 1)[h] + run.weight(0, 2)[5 * (r / 2) + h];
            for (std::size_t f = 0; f < 3; ++f) expected += x[3 * r + f] * run.weight(0, 0)[3 * h + f];
            CHECK(y[5 * r + h] == Approx(expected).epsilon(1e-12));
        }
}

TEST_CASE("value_embedding says what it takes: its steps of its features") {
    using layer = value_embedding<4, 3, 5>;
    CHECK(layer::input() == dims(4, 3));
    CHECK(layer::takes(dims(4, 3)));
    CHECK_FALSE(layer::takes(dims(4, 2)));
    CHECK_FALSE(layer::takes(dims(3)));
    CHECK(layer::gives(dims(4, 3)) == dims(4, 5));
}

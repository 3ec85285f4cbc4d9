// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/math/embedding.hpp>

#include <vector>

using namespace espalier;

TEST_CASE("every sample of a step gets the position's row, and the row gets the sum of their gradients") {
    // Two steps of three samples of two features.
    std::vector<double> const position{1, 2, 30, 40};
    std::vector<double> y{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5};
    math::add_positions<double>(2, 3, 2, position.data(), y.data());
    CHECK(y == std::vector<double>{1, 2, 2, 3, 3, 4, 33, 43, 34, 44, 35, 45});
    std::vector<double> d{100, 0, 0, 0};
    math::positions_backward<double>(2, 3, 2, y.data(), d.data());
    CHECK(d == std::vector<double>{106, 9, 102, 132});
}

TEST_CASE("add_rows adds two rows") {
    std::vector<float> const a{1, 2, 3}, b{10, 20, 30};
    std::vector<float> y(3);
    math::add_rows<float>(3, a.data(), b.data(), y.data());
    CHECK(y == std::vector<float>{11, 22, 33});
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/cut_one_layer.hpp"

#include <espalier/nn/linear.hpp>
#include <espalier/nn/uncut.hpp>

using namespace espalier;
using namespace espalier_test;

TEST_CASE("a layer that is kept whole is the same layer otherwise: shapes, names and bits") {
    using kept = uncut<linear<5, 3>>;
    STATIC_REQUIRE(Layer<kept>);
    STATIC_REQUIRE((is_uncut<kept> && !is_uncut<linear<5, 3>>));
    STATIC_REQUIRE(kept::input() == dims(5));
    CHECK(network<sequence<kept>>::tensors.item[0].name == network<sequence<linear<5, 3>>>::tensors.item[0].name);
    auto const a = layer_case<kept, float>{dims(5), 4}.whole(), b = layer_case<linear<5, 3>, float>{dims(5), 4}.whole();
    CHECK((a.y == b.y && a.dx == b.dx && a.gradients == b.gradients));
}

// SPDX-License-Identifier: BSL-1.0
// What a slice of the heads says of itself; what slices compute is cut_layer_test.cpp's, with a mask cut_network_test.cpp's.
#include "support/catch.hpp"

#include <espalier/nn/self_attention.hpp>

#include <type_traits>

using namespace espalier;

TEST_CASE("a slice of heads reads all features, gives those of its heads, and has their rows of each weight") {
    using whole = self_attention<12, 6, 1>;
    using slice = whole::sharded<2>;
    STATIC_REQUIRE(Layer<slice>);
    STATIC_REQUIRE(whole::units_to_cut == 6);
    STATIC_REQUIRE((std::is_same_v<slice::takes_placement, replicated> && std::is_same_v<slice::gives_placement, sharded<dim::features>>));
    STATIC_REQUIRE((slice::reads_input && !self_attention<12, 6>::sharded<2>::reads_input));
    STATIC_REQUIRE((slice::takes(dims(5, 12)) && !slice::takes(dims(5, 6))));
    STATIC_REQUIRE(slice::gives(dims(5, 12)) == dims(5, 6));
    constexpr auto list = slice::parameters(dims(5, 12));
    constexpr auto all  = whole::parameters(dims(5, 12));
    for (int i = 0; i < 6; ++i) {
        CHECK(list.item[i].name == all.item[i].name);
        CHECK(list.item[i].extents == (i < 3 ? dims(6, 12) : dims(6)));
        CHECK((list.item[i].cut.slices == 2 && list.item[i].cut.along == 0 && list.item[i].cut.groups == 1 && list.item[i].cut.whole == all.item[i].extents));
        CHECK(list.item[i].start.scale == all.item[i].start.scale);
    }
    STATIC_REQUIRE(2 * slice::cost(dims(5, 12)) == whole::cost(dims(5, 12)));
}

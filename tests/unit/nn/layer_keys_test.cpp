// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/layer_keys.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>

#include <set>

using namespace espalier;

TEST_CASE("a layer's key is the hash of its path, with its ordinal in a group") {
    using net = sequence<lstm<lstm_shape{.steps = 2, .inputs = 1, .units = 3, .layers = 2}>, named<text{"head"}, sequence<relu, linear<3, 1>>>>;
    constexpr layer_keys<net> keys;
    STATIC_REQUIRE(keys.count == 4);
    CHECK(keys.value[0] == hash_of("0"));
    CHECK(keys.value[1] == hash_of("0#1"));
    CHECK(keys.value[2] == hash_of("head.0"));
    CHECK(keys.value[3] == hash_of("head.1"));
    CHECK(layer_keys<relu>{}.value[0] == network_key);
}

TEST_CASE("layers inside a layer have the keys of their whole paths") {
    using inner = sequence<relu, sequence<relu, relu>>;
    layer_keys<sequence<relu, inner>> const whole;
    layer_keys<inner> const inside{layer_keys<sequence<relu, relu>>{}.value[1]}, alone;
    for (int i = 0; i < 3; ++i) CHECK(inside.value[i] == whole.value[i + 1]);
    for (int i = 0; i < 3; ++i) CHECK(alone.value[i] != inside.value[i]);
}

TEST_CASE("layers of one name have keys of their own") {
    using twin = named<text{"drop"}, relu>;
    layer_keys<sequence<twin, repeat<2, named<text{"x"}, relu>>, twin, twin>> const keys;
    CHECK(keys.value[0] == hash_of("drop"));
    CHECK(keys.value[3] == hash_of("drop@"));
    CHECK(keys.value[4] == hash_of("drop@@"));
    CHECK(std::set<std::uint64_t>(keys.value, keys.value + 5).size() == 5);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/made_up_cut.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/network.hpp>
#include <espalier/nn/residual.hpp>

#include <set>
#include <string>
#include <vector>

using namespace espalier;

namespace {
/// The network of the CS205 study: sixty minutes of two features, fifty units, two dense layers.
using study = sequence<lstm<lstm_shape{.steps = 60, .inputs = 2, .units = 50}>, last_step, linear<50, 32>, relu, linear<32, 1>>;

/// A layer that is cut into four slices, of which a rank has S.
template <int S>
using made_up = espalier_test::made_up_cut<4, S>;

template <class Network>
std::vector<std::string> names_by_name() {
    std::vector<std::string> out;
    for (int i : network<Network>::tensors.by_name) out.emplace_back(network<Network>::tensors.item[i].name.view());
    return out;
}
}  // namespace

TEST_CASE("a network counts its parameters: the study's 12,265 with one bias a gate, and a second bias of 200") {
    STATIC_REQUIRE(network<study>::tensors.parameters == 12265 + 4 * 50);
    STATIC_REQUIRE(network<study>::tensors.count == 8);
    STATIC_REQUIRE(network<study>::input == dims(60, 2));
    STATIC_REQUIRE(network<study>::output == dims(1));
}

TEST_CASE("the published counts of the STAC-ML shapes hold with the second bias counted") {
    // LSTM_A: 2 × 100 units over 50 × 100; LSTM_B: 3 × 200 over 100 × 250; each with one linear head.
    using a = sequence<lstm<lstm_shape{.steps = 50, .inputs = 100, .units = 100, .layers = 2}>, last_step, linear<100, 1>>;
    using b = sequence<lstm<lstm_shape{.steps = 100, .inputs = 250, .units = 200, .layers = 3}>, last_step, linear<200, 1>>;
    STATIC_REQUIRE(network<a>::tensors.parameters == 160901 + 2 * 4 * 100);
    STATIC_REQUIRE(network<b>::tensors.parameters == 1002601 + 3 * 4 * 200);
}

TEST_CASE("tensors lie one behind the other at multiples of 16 elements, and the flat array ends behind the last") {
    auto const& tensors = network<study>::tensors;
    std::int64_t next   = 0;
    for (auto const& t : tensors.item) {
        INFO(t.name.view());
        CHECK(t.offset == next);
        CHECK(t.offset % 16 == 0);
        next = (t.offset + t.extents.elements() + 15) / 16 * 16;
    }
    CHECK(tensors.elements == next);
    // 200·2, 200·50, 200 → 208, 200 → 208, 32·50, 32, 32, 1 → 16
    CHECK(tensors.elements == 400 + 10000 + 208 + 208 + 1600 + 32 + 32 + 16);
}

TEST_CASE("a residual's inner tensors take part in the offsets like any other") {
    using net           = network<sequence<linear<3, 5>, residual<linear<5, 7>, relu, linear<7, 5>>, linear<5, 1>>>;
    std::int64_t next   = 0;
    for (auto const& t : net::tensors.item) {
        CHECK(t.offset == next);
        next = (t.offset + t.extents.elements() + 15) / 16 * 16;
    }
    CHECK(net::tensors.parameters == 3 * 5 + 5 + 5 * 7 + 7 + 7 * 5 + 5 + 5 + 1);
}

TEST_CASE("by name the tensors stand in the order of their names' bytes") {
    CHECK(names_by_name<study>() == std::vector<std::string>{"0.bias_hh_l0", "0.bias_ih_l0", "0.weight_hh_l0",
                                                             "0.weight_ih_l0", "2.bias", "2.weight", "4.bias", "4.weight"});
    using twelve = repeat<12, linear<2, 2>>;
    auto const sorted = names_by_name<twelve>();
    CHECK(std::vector<std::string>(sorted.begin(), sorted.begin() + 6) ==
          std::vector<std::string>{"0.bias", "0.weight", "1.bias", "1.weight", "10.bias", "10.weight"});
    CHECK(std::set<std::string>(sorted.begin(), sorted.end()).size() == 24);
}

TEST_CASE("a network knows whether two tensors share a name") {
    STATIC_REQUIRE(network<study>::names_are_distinct);
    STATIC_REQUIRE(!network<sequence<named<text{"a"}, linear<2, 2>>, named<text{"a"}, linear<2, 2>>>>::names_are_distinct);
    STATIC_REQUIRE(!network<sequence<linear<2, 2>, named<text{"0"}, linear<2, 2>>>>::names_are_distinct);
    // Slices of one tensor share its name; two tensors that are cut must not.
    STATIC_REQUIRE(network<espalier_test::made_up_network<4, 2>>::names_are_distinct);
    STATIC_REQUIRE(network<espalier_test::made_up_network<4, 1>>::names_are_distinct);
    STATIC_REQUIRE(!network<sequence<named<text{"a"}, made_up<2>>, named<text{"a"}, made_up<2>>>>::names_are_distinct);
    STATIC_REQUIRE(!network<sequence<named<text{"a"}, made_up<1>>, named<text{"a"}, made_up<1>>>>::names_are_distinct);
}

TEST_CASE("every layer has a key of its own for random numbers, also where layers share a path") {
    using net = network<
        sequence<lstm<lstm_shape{.steps = 3, .inputs = 2, .units = 2, .layers = 3}>, repeat<4, relu>, last_step, linear<2, 1>>>;
    std::set<std::uint64_t> const seen(net::keys.value, net::keys.value + net::chain::size);
    CHECK(seen.size() == 9);
}

TEST_CASE("a first layer that knows its input says so") {
    STATIC_REQUIRE(KnowsItsInput<study>);
    STATIC_REQUIRE(KnowsItsInput<linear<3, 2>>);
    STATIC_REQUIRE(!KnowsItsInput<sequence<relu, linear<3, 2>>>);
}

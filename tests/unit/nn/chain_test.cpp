// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/chain.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>

using namespace espalier;

namespace {
using mixed = chain<
    layers_of<sequence<lstm<lstm_shape{.steps = 3, .inputs = 2, .units = 4}>, last_step, linear<4, 40>, relu, linear<40, 1>>>>;
}

TEST_CASE("elements are rounded up to 16") {
    STATIC_REQUIRE(aligned_elements(0) == 0);
    STATIC_REQUIRE(aligned_elements(1) == 16);
    STATIC_REQUIRE(aligned_elements(16) == 16);
    STATIC_REQUIRE(aligned_elements(17) == 32);
}

TEST_CASE("a chain takes a shape where every layer takes what the one before it gives") {
    STATIC_REQUIRE(mixed::takes(dims(3, 2)));
    STATIC_REQUIRE(!mixed::takes(dims(3, 3)));
    STATIC_REQUIRE(mixed::gives(dims(3, 2)) == dims(1));
    STATIC_REQUIRE(!chain<type_list<linear<4, 3>, linear<4, 3>>>::takes(dims(4)));
    STATIC_REQUIRE(mixed::parameter_count == 8);
}

TEST_CASE("outputs and kept values lie one behind the other") {
    constexpr auto places = mixed::places(dims(3, 2), 5);
    std::int64_t next     = 0;
    for (auto const& p : places.item) {
        CHECK(p.output == next);
        CHECK(p.kept == p.output + aligned_elements(p.out.elements() * 5));
        next = p.kept + (&p == places.item ? 304 : 0);  // the LSTM keeps 3 · 5 · 5 · 4 = 300
    }
    CHECK(places.activation_elements == next);
}

TEST_CASE("the way back takes two buffers in turn, each as large as the largest that it carries") {
    constexpr auto places = mixed::places(dims(3, 2), 5);
    // From the last: linear 5 → 16, relu 200 → 208, linear 200 → 208, last_step 20 → 32, lstm 60 → 64.
    STATIC_REQUIRE(places.signal_elements[0] == 208);
    STATIC_REQUIRE(places.signal_elements[1] == 208);
    constexpr auto narrow = chain<type_list<linear<2, 100>, linear<100, 1>>>::places(dims(2), 1);
    STATIC_REQUIRE(narrow.signal_elements[0] == 16);
    STATIC_REQUIRE(narrow.signal_elements[1] == 112);
}

TEST_CASE("scratch is what the hungriest layer needs") {
    STATIC_REQUIRE(mixed::places(dims(3, 2), 5).scratch_elements == 64);  // two states of 5 · 4 and a bias gradient of 16
    STATIC_REQUIRE(chain<type_list<relu>>::places(dims(3), 5).scratch_elements == 0);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/chunk_sizes.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/network.hpp>
#include <espalier/nn/sequence.hpp>

#include <algorithm>
#include <utility>

using namespace espalier;

namespace {
using net = sequence<linear<6, 24>, relu, linear<24, 10>, tanh_activation, linear<10, 1>>;

/// Layers first … last − 1 of a network, with micro-batches of 3.
template <class Network = net>
constexpr chunk_sizes chunk(int first, int last, bool retains_signals = false) {
    constexpr auto places = network<Network>::chain::places(network<Network>::input, 3);
    return sizes_of_chunk<layers_of<Network>>(places, 3, first, last, retains_signals);
}
// Elements, each rounded up to a multiple of 16: weight and bias of the linear layers 144 + 32, 240 + 16, 16 + 16; outputs 80 80 32 32 16.

struct reader : relu {
    static constexpr bool reads_input = true;
};
}  // namespace

TEST_CASE("the first chunk needs what its layers need, and no signal for its output, which comes from elsewhere") {
    STATIC_REQUIRE(chunk(0, 2).first_parameter == 0);
    STATIC_REQUIRE(chunk(0, 2).parameters == 176);
    STATIC_REQUIRE(chunk(0, 2).takes == 18);
    STATIC_REQUIRE(chunk(0, 2).gives == 72);
    STATIC_REQUIRE(chunk(0, 2).activations == 160);
    STATIC_REQUIRE(chunk(0, 2).outputs == 160);
    STATIC_REQUIRE(chunk(0, 2).signals[0] == 0);
    STATIC_REQUIRE(chunk(0, 2).signals[1] == 80);
}

TEST_CASE("the last chunk has a signal for its output, and two buffers take signals in turn") {
    STATIC_REQUIRE(chunk(2, 5).first_parameter == 176);
    STATIC_REQUIRE(chunk(2, 5).parameters == 288);
    STATIC_REQUIRE(chunk(2, 5).takes == 72);
    STATIC_REQUIRE(chunk(2, 5).gives == 3);
    STATIC_REQUIRE(chunk(2, 5).activations == 80);
    STATIC_REQUIRE(chunk(2, 5).signals[0] == 32);  // of layers 4 and 2
    STATIC_REQUIRE(chunk(2, 5).signals[1] == 32);  // of layer 3
    STATIC_REQUIRE(chunk(4, 5).signals[0] == 16);
    STATIC_REQUIRE(chunk(4, 5).signals[1] == 0);
}

TEST_CASE("a chunk of a layer without parameters has none, and needs no signals where it is not the last") {
    STATIC_REQUIRE(chunk(1, 2).parameters == 0);
    STATIC_REQUIRE(chunk(1, 2).first_parameter == 176);
    STATIC_REQUIRE(chunk(1, 2).takes == 72);
    STATIC_REQUIRE(chunk(1, 2).activations == 80);
    STATIC_REQUIRE(chunk(1, 2).signals[0] + chunk(1, 2).signals[1] == 0);
}

TEST_CASE("where backward comes in two parts, signals lie among the activations and in no buffer") {
    STATIC_REQUIRE(chunk(2, 5, true).outputs == 80);
    STATIC_REQUIRE(chunk(2, 5, true).activations == 160);
    STATIC_REQUIRE(chunk(2, 5, true).signals[0] + chunk(2, 5, true).signals[1] == 0);
    STATIC_REQUIRE(chunk(1, 2, true).activations == 160);
}

TEST_CASE("however a network is cut, its chunks tile parameters and activations, and the largest scratch is some chunk's") {
    using deep = sequence<lstm<lstm_shape{.steps = 5, .inputs = 2, .units = 7, .layers = 2}>, last_step, linear<7, 3>, tanh_activation, linear<3, 1>>;
    constexpr int n       = static_cast<int>(layers_of<deep>::size);
    constexpr auto places = network<deep>::chain::places(network<deep>::input, 3);
    STATIC_REQUIRE(n == 6);
    for (int a = 1; a < n; ++a)
        for (int b = a; b < n; ++b) {
            std::int64_t parameters = 0, activations = 0, scratch = 0, next = 0;
            for (auto const& [first, last] : {std::pair{0, a}, {a, b}, {b, n}}) {
                if (first == last) continue;
                auto const c = chunk<deep>(first, last);
                CHECK(c.first_parameter == next);
                next = c.first_parameter + c.parameters;
                parameters += c.parameters, activations += c.activations, scratch = std::max(scratch, c.scratch);
            }
            CHECK(parameters == network<deep>::tensors.elements);
            CHECK(activations == places.activation_elements);
            CHECK(scratch == places.scratch_elements);
        }
}

TEST_CASE("a chunk says whether one of its layers reads the network's input") {
    using with_reader = sequence<linear<6, 6>, relu, reader, linear<6, 1>>;
    STATIC_REQUIRE(!chunk<with_reader>(0, 2).reads_input);
    STATIC_REQUIRE(chunk<with_reader>(1, 3).reads_input);
    STATIC_REQUIRE(!chunk<with_reader>(3, 4).reads_input);
}

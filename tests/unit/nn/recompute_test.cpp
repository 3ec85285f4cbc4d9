// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/gradient_check.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/models/model.hpp>
#include <espalier/nn/activation.hpp>
#include <espalier/nn/dropout.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/recompute.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/plan/memory.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace espalier;
using espalier_test::check_gradients;
using espalier_test::drawn;

namespace {
using drop = dropout<probability{0.4f}>;
constexpr sampling training{.seed = 5, .step = 9, .first_sample = 64, .training = true};

template <class T>
struct results {
    std::vector<T> y, gradients, dx;
    friend bool operator==(results const&, results const&) = default;
};

/// Forward and backward of a network from its own initial weights; scratch is spoilt in between.
template <class Network, class T>
results<T> run(std::int64_t batch) {
    using net = network<Network>;
    typename net::chain::template bound<T> chain{net::input, batch, direction::forward_and_backward};
    auto const& at  = chain.layout();
    auto const room = [](std::int64_t n) { return std::vector<T>(static_cast<std::size_t>(n) + 1, std::numeric_limits<T>::quiet_NaN()); };
    auto weights = room(net::tensors.elements), activations = room(at.activation_elements), scratch = room(at.scratch_elements);
    auto first = room(at.signal_elements[0]), second = room(at.signal_elements[1]);
    layer_keys<Network> const keys;
    initialise<Network>(11, weights.data());
    for (T& w : weights) w *= 2;
    auto const x = drawn<T>(net::input.elements() * batch, 1), dy = drawn<T>(net::output.elements() * batch, 2);

    results<T> out{{}, std::vector<T>(static_cast<std::size_t>(net::tensors.elements), T{1}), std::vector<T>(x.size())};
    chain.pack(weights.data());
    T const* const y = chain.forward(weights.data(), x.data(), activations.data(), scratch.data(), training, keys.value);
    out.y.assign(y, y + dy.size());
    std::copy(dy.begin(), dy.end(), first.begin());
    std::fill(scratch.begin(), scratch.end(), std::numeric_limits<T>::quiet_NaN());
    chain.backward(weights.data(), out.gradients.data(), x.data(), activations.data(), scratch.data(), {first.data(), second.data()},
                   out.dx.data(), training, keys.value);
    return out;
}

/// y = x ∘ the network's input, both of `Features`: a layer that looks at it from anywhere.
template <std::int64_t Features>
struct times_input {
    static constexpr bool reads_input = true;
    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in == dims(Features); }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in; }
    [[nodiscard]] static constexpr parameter_list<0> parameters(shape) noexcept { return {}; }
    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        for (std::int64_t i = 0; i < Features * p.batch; ++i) p.y[i] = p.x[i] * p.input.data[i];
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels) {
        for (std::int64_t i = 0; i < Features * p.batch; ++i) p.dx[i] = p.dy[i] * p.input.data[i];
    }
};

template <class Recomputed, class Plain>
void same_bits(std::int64_t batch) {
    CHECK(run<Recomputed, float>(batch) == run<Plain, float>(batch));
    CHECK(run<Recomputed, double>(batch) == run<Plain, double>(batch));
    auto const y = run<Plain, double>(batch).y;
    CHECK(std::any_of(y.begin(), y.end(), [](double v) { return std::abs(v) > 0.01; }));
}
}  // namespace

TEST_CASE("recomputed layers give the bits of their sequence, forward and backward, random numbers included") {
    same_bits<recompute<linear<6, 40>, drop, tanh_activation, linear<40, 3>>, sequence<linear<6, 40>, drop, tanh_activation, linear<40, 3>>>(5);
    same_bits<sequence<linear<6, 20>, recompute<drop, linear<20, 30>, relu, drop>, linear<30, 2>>,
              sequence<linear<6, 20>, sequence<drop, linear<20, 30>, relu, drop>, linear<30, 2>>>(4);
    using lstm_of_two = lstm<lstm_shape{.steps = 5, .inputs = 3, .units = 7, .layers = 2}>;
    same_bits<sequence<recompute<lstm_of_two, drop, last_step>, linear<7, 2>>, sequence<sequence<lstm_of_two, drop, last_step>, linear<7, 2>>>(3);
}

TEST_CASE("recomputed layers inside one another, in a residual and around one give the bits of the plain ones") {
    same_bits<sequence<linear<5, 8>, recompute<residual<linear<8, 8>, drop>, recompute<drop, linear<8, 8>>>>,
              sequence<linear<5, 8>, sequence<residual<linear<8, 8>, drop>, sequence<drop, linear<8, 8>>>>>(3);
    same_bits<sequence<linear<5, 8>, residual<recompute<linear<8, 6>, tanh_activation, linear<6, 8>>>>,
              sequence<linear<5, 8>, residual<sequence<linear<8, 6>, tanh_activation, linear<6, 8>>>>>(3);
    same_bits<sequence<linear<5, 8>, repeat<3, recompute<linear<8, 8>, drop>>>, sequence<linear<5, 8>, repeat<3, sequence<linear<8, 8>, drop>>>>(2);
}

TEST_CASE("recomputed layers see the network's input, and say so") {
    same_bits<sequence<linear<4, 8>, recompute<linear<8, 4>, times_input<4>, linear<4, 3>>>,
              sequence<linear<4, 8>, sequence<linear<8, 4>, times_input<4>, linear<4, 3>>>>(3);
    STATIC_REQUIRE(reads_network_input<recompute<linear<8, 4>, times_input<4>>>);
    STATIC_REQUIRE_FALSE(reads_network_input<recompute<linear<8, 4>>>);
}

TEST_CASE("recomputed layers' backward agrees with central differences") {
    auto const agrees = []<class Network>(Network const*, std::int64_t batch) {
        auto const e = check_gradients<Network>(batch, training);
        CHECK(e.largest > 0.01);
        CHECK(e.weights < 1e-8);
        CHECK(e.input < 1e-8);
    };
    agrees(static_cast<sequence<linear<6, 20>, recompute<drop, tanh_activation, linear<20, 4>>, linear<4, 2>>*>(nullptr), 3);
    agrees(static_cast<recompute<lstm<lstm_shape{.steps = 4, .inputs = 2, .units = 5}>, last_step, linear<5, 2>>*>(nullptr), 2);
    agrees(static_cast<sequence<linear<5, 8>, residual<recompute<linear<8, 6>, drop, linear<6, 8>>>>*>(nullptr), 2);
    agrees(static_cast<sequence<linear<5, 8>, recompute<residual<linear<8, 6>, drop, linear<6, 8>>>>*>(nullptr), 2);
}

TEST_CASE("a recomputation keeps nothing; it is a layer with the names, shapes and first input of its sequence") {
    using inner = recompute<linear<8, 6>, tanh_activation, linear<6, 4>>;
    STATIC_REQUIRE(Layer<inner>);
    STATIC_REQUIRE(kept_elements<inner>(dims(8), 16) == 0);
    STATIC_REQUIRE(inner::input() == dims(8));
    STATIC_REQUIRE(inner::takes(dims(3, 8)));
    STATIC_REQUIRE(inner::gives(dims(3, 8)) == dims(3, 4));
    STATIC_REQUIRE_FALSE(inner::takes(dims(6)));
    STATIC_REQUIRE_FALSE(recompute<linear<8, 6>, linear<8, 6>>::takes(dims(8)));
    STATIC_REQUIRE_FALSE(KnowsItsInput<recompute<relu>>);
    constexpr auto tensors = network<sequence<linear<3, 8>, inner>>::tensors;
    STATIC_REQUIRE(tensors.count == 6);
    CHECK(tensors.item[2].name.view() == "1.0.weight");
    CHECK(tensors.item[5].name.view() == "1.2.bias");
}

TEST_CASE("a deep network of recomputed blocks holds one output a block, and the inside of one") {
    using plain_block = sequence<linear<64, 128>, tanh_activation, linear<128, 64>>;
    using block       = recompute<linear<64, 128>, tanh_activation, linear<128, 64>>;
    using plain       = model<sequence<linear<2, 64>, repeat<8, plain_block>>, mean_squared_error, adamw>;
    using recomputed  = model<sequence<linear<2, 64>, repeat<8, block>>, mean_squared_error, adamw>;
    constexpr memory_plan before = memory_of<plain>(16, 1), now = memory_of<recomputed>(16, 1);
    // Of 16 samples: 64 features after the first layer, 128 + 128 + 64 in a block.
    CHECK(before.of(region_kind::activations).elements == 16 * (64 + 8 * 320));
    CHECK(now.of(region_kind::activations).elements == 16 * (64 + 8 * 64));
    // The inside of one block, a signal of 128 features and one of 64 or 128; a linear layer needs no scratch of its own.
    std::int64_t const more = now.of(region_kind::scratch).elements - before.of(region_kind::scratch).elements;
    CHECK(more >= 16 * (320 + 128 + 64));
    CHECK(more <= 16 * (320 + 128 + 128));
    CHECK(now.bytes() < before.bytes());
    CHECK(now.bytes_of(region_kind::parameters) == before.bytes_of(region_kind::parameters));
}

TEST_CASE("step by step, recomputed layers keep their states as their sequence does") {
    using lstm_of_two = lstm<lstm_shape{.steps = 1, .inputs = 3, .units = 7, .layers = 2}>;
    auto const stepped = []<class Network>(Network const*) {
        using net = network<Network>;
        typename net::chain::template bound<float> chain{dims(1, 3), 1, direction::forward_only};
        auto const zeros = [](std::int64_t n) { return std::vector<float>(static_cast<std::size_t>(n) + 1, 0.0f); };
        auto weights = zeros(net::tensors.elements), activations = zeros(chain.layout().activation_elements),
             scratch = zeros(chain.layout().scratch_elements), state = zeros(net::chain::state(dims(1, 3), 1));
        initialise<Network>(3, weights.data());
        chain.pack(weights.data());
        std::vector<float> all;
        for (std::uint64_t t = 0; t < 4; ++t) {
            auto const x   = drawn<float>(3, t);
            auto const* y = chain.step(weights.data(), x.data(), activations.data(), scratch.data(), state.data(), layer_keys<Network>{}.value);
            all.insert(all.end(), y, y + 2);
        }
        return all;
    };
    auto const y = stepped(static_cast<sequence<recompute<lstm_of_two, last_step>, linear<7, 2>>*>(nullptr));
    CHECK(y == stepped(static_cast<sequence<sequence<lstm_of_two, last_step>, linear<7, 2>>*>(nullptr)));
    STATIC_REQUIRE(state_elements<recompute<lstm_of_two, last_step>>(dims(1, 3), 2) == 2 * 2 * 2 * 7);  // layers, hidden and cell, samples, units
}

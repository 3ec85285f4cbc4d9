// SPDX-License-Identifier: BSL-1.0
// A network in chunks against the same network as one chain: the same bits, wherever it is cut.
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/dropout.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/model_chunk.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/nn/sequence.hpp>

#include <algorithm>

using namespace espalier;
using espalier_test::drawn;

namespace {
using description = sequence<linear<6, 24>, dropout<probability{0.3f}>, tanh_activation, residual<linear<24, 24>, relu>, linear<24, 3>>;
using net         = network<description>;
constexpr std::int64_t batch = 4;
constexpr int layers         = static_cast<int>(layers_of<description>::size);
constexpr sampling draw{.seed = 5, .step = 3, .first_sample = 8, .training = true};

std::vector<double> room(std::int64_t n, double value = 0) { return std::vector<double>(static_cast<std::size_t>(n) + 1, value); }
auto const weights = drawn<double>(net::tensors.elements, 2);
auto const x       = drawn<double>(6 * batch, 3);
auto const dy      = drawn<double>(3 * batch, 4);

struct pass_result {
    std::vector<double> y, gradients, dx;
    friend bool operator==(pass_result const&, pass_result const&) = default;
};

pass_result through_the_chain() {
    typename net::chain::template bound<double> chain{net::input, batch, direction::forward_and_backward};
    auto const& at   = chain.layout();
    auto activations = room(at.activation_elements), scratch = room(at.scratch_elements), first = room(at.signal_elements[0]), second = room(at.signal_elements[1]);
    pass_result out{{}, drawn<double>(net::tensors.elements, 7), std::vector<double>(x.size())};
    chain.pack(weights.data());
    double const* const y = chain.forward(weights.data(), x.data(), activations.data(), scratch.data(), draw, net::keys.value);
    out.y.assign(y, y + 3 * batch);
    std::copy(dy.begin(), dy.end(), first.begin());
    chain.backward(weights.data(), out.gradients.data(), x.data(), activations.data(), scratch.data(), {first.data(), second.data()}, out.dx.data(), draw,
                   net::keys.value);
    return out;
}

/// The chunks between these borders, each in memory of its own; between the passes scratch holds other numbers.
pass_result through_chunks(std::vector<int> const& border, bool in_two_parts) {
    struct piece {
        model_chunk<double> chunk;
        std::vector<double> activations, scratch, first, second, dx;
    };
    std::vector<piece> pieces;
    for (std::size_t c = 0; c + 1 < border.size(); ++c) {
        model_chunk<double> chunk{std::type_identity<description>{}, border[c], border[c + 1], batch, in_two_parts, direction::forward_and_backward};
        auto const s = chunk.sizes();
        chunk.pack(weights.data() + s.first_parameter);
        pieces.push_back({std::move(chunk), room(s.activations), room(s.scratch), room(s.signals[0]), room(s.signals[1]), room(s.takes - 1)});
    }
    network_input<double> const input{x.data(), net::input};
    auto const pass = [&](std::size_t c) {
        auto& p               = pieces[c];
        double const* const in = c == 0 ? x.data() : pieces[c - 1].chunk.output(pieces[c - 1].activations.data());
        std::fill(p.scratch.begin(), p.scratch.end(), 99.0);
        return chunk_pass<double>{weights.data() + p.chunk.sizes().first_parameter, in, p.activations.data(), p.scratch.data(), draw, input};
    };
    pass_result out{{}, drawn<double>(net::tensors.elements, 7), {}};
    double const* y = nullptr;
    for (std::size_t c = 0; c < pieces.size(); ++c) y = pieces[c].chunk.forward(pass(c));
    out.y.assign(y, y + 3 * batch);
    auto const gradients_of = [&](std::size_t c) { return out.gradients.data() + pieces[c].chunk.sizes().first_parameter; };
    for (std::size_t c = pieces.size(); c-- > 0;) {
        auto& p                    = pieces[c];
        double const* const arrives = c + 1 == pieces.size() ? dy.data() : pieces[c + 1].dx.data();
        if (in_two_parts) p.chunk.backward_input(pass(c), gradients_of(c), arrives, p.dx.data());
        else p.chunk.backward(pass(c), gradients_of(c), {p.first.data(), p.second.data()}, arrives, p.dx.data());
    }
    // The second parts, in the order that a schedule would least take.
    for (std::size_t c = 0; c < pieces.size() && in_two_parts; ++c) pieces[c].chunk.backward_weights(pass(c), gradients_of(c));
    out.dx = pieces[0].dx;
    return out;
}
}  // namespace

TEST_CASE("chunks give the output and the gradients of the chain, wherever the network is cut and however backward comes") {
    auto const expected = through_the_chain();
    for (bool in_two_parts : {false, true}) {
        CHECK(through_chunks({0, layers}, in_two_parts) == expected);
        for (int a = 1; a < layers; ++a) {
            INFO("cut before layer " << a);
            CHECK(through_chunks({0, a, layers}, in_two_parts) == expected);
            for (int b = a + 1; b < layers; ++b) CHECK(through_chunks({0, a, b, layers}, in_two_parts) == expected);
        }
        CHECK(through_chunks({0, 1, 2, 3, 4, 5}, in_two_parts) == expected);
    }
}

TEST_CASE("the first part of backward leaves the gradients of layers that split alone") {
    model_chunk<double> chunk{std::type_identity<description>{}, 0, 1, batch, true, direction::forward_and_backward};
    auto const s     = chunk.sizes();
    auto activations = room(s.activations), gradients = drawn<double>(s.parameters, 7), dx = room(s.takes);
    chunk.pack(weights.data());
    chunk_pass<double> const pass{weights.data(), x.data(), activations.data(), nullptr, draw, {x.data(), net::input}};
    chunk.forward(pass);
    auto const before = gradients;
    chunk.backward_input(pass, gradients.data(), drawn<double>(s.gives, 8).data(), dx.data());
    CHECK(gradients == before);
    chunk.backward_weights(pass, gradients.data());
    CHECK(gradients != before);
}

TEST_CASE("a chunk that is not asked for the gradient of its input does without the memory for it") {
    model_chunk<double> chunk{std::type_identity<description>{}, 0, layers, batch, false, direction::forward_and_backward};
    auto const s     = chunk.sizes();
    auto activations = room(s.activations), scratch = room(s.scratch), first = room(s.signals[0]), second = room(s.signals[1]);
    auto gradients   = drawn<double>(net::tensors.elements, 7);
    chunk.pack(weights.data());
    chunk_pass<double> const pass{weights.data(), x.data(), activations.data(), scratch.data(), draw, {x.data(), net::input}};
    chunk.forward(pass);
    chunk.backward(pass, gradients.data(), {first.data(), second.data()}, dy.data(), nullptr);
    CHECK(gradients == through_the_chain().gradients);
}

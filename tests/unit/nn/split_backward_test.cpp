// SPDX-License-Identifier: BSL-1.0
// Layers whose backward can come in two parts: the parts together give the bits of the whole.
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/layer_norm.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/self_attention.hpp>
#include <espalier/nn/token_embedding.hpp>
#include <espalier/nn/value_embedding.hpp>

#include <type_traits>

using namespace espalier;
using espalier_test::drawn;

namespace {

/// What one way back leaves.
template <class T>
struct outcome {
    std::vector<T> gradients, dx;
    bool operator==(outcome const&) const = default;
};

/// Forward and backward of one layer on a batch, its backward whole or in two parts. Between the parts scratch is overwritten: only `kept`
/// is theirs.
template <class L, class T>
outcome<T> way_back(shape in, std::int64_t batch, std::vector<T> const& x, bool in_two_parts, bool wants_dx = true) {
    static_assert(SplitsBackward<L, T>);
    auto const places = chain<type_list<L>>::places(in, batch);
    auto const& place = places.item[0];
    auto const room   = [](std::int64_t n) { return std::vector<T>(static_cast<std::size_t>(n) + 1, T{0}); };
    auto const w      = drawn<T>(places.parameter_elements, 2);
    auto y = room(place.out.elements() * batch), kept = room(kept_elements<L>(in, batch)), scratch = room(place.scratch);
    outcome<T> out{drawn<T>(places.parameter_elements, 3), std::vector<T>(wants_dx ? x.size() : 0, T{7})};
    auto const dy = drawn<T>(static_cast<std::int64_t>(y.size()), 4);
    network_input<T> const input{x.data(), in};

    auto kernels = make_kernels<L, T>(in, batch, direction::forward_and_backward);
    if constexpr (requires(layer_weights<T> const& weights) { kernels.pack(weights); }) kernels.pack(layer_weights<T>{w.data(), place.offset});
    L::forward(forward_pass<T>{{w.data(), place.offset}, in, batch, x.data(), y.data(), kept.data(), scratch.data(), {}, 0, input}, kernels);
    backward_pass<T> const pass{{w.data(), place.offset}, out.gradients.data(), in, batch, x.data(), y.data(), kept.data(), scratch.data(), dy.data(),
                                wants_dx ? out.dx.data() : nullptr, {}, 0, input};
    if (!in_two_parts) {
        L::backward(pass, kernels);
    } else {
        auto const before = out.gradients;
        L::backward_input(pass, kernels);
        CHECK(out.gradients == before);
        auto const dx = out.dx;
        std::fill(scratch.begin(), scratch.end(), T{99});
        L::backward_weights(pass, kernels);
        CHECK(out.dx == dx);
    }
    return out;
}

template <class L>
void same_bits(shape in, std::int64_t batch) {
    auto const both = [&]<class T>(T) {
        auto const x = drawn<T>(in.elements() * batch, 1);
        for (bool const wants_dx : {true, false}) {
            auto const whole = way_back<L, T>(in, batch, x, false, wants_dx), parts = way_back<L, T>(in, batch, x, true, wants_dx);
            CHECK(whole == parts);
            CHECK(whole.gradients != drawn<T>(static_cast<std::int64_t>(whole.gradients.size()), 3));
        }
    };
    both(float{});
    both(double{});
}

}  // namespace

TEST_CASE("the two parts of linear's and the LSTM's backward give the bits of the whole") {
    same_bits<linear<17, 33>>(dims(17), 5);
    same_bits<linear<96, 80>>(dims(6, 96), 50);
    same_bits<lstm_layer<7, 5, 20>>(dims(7, 5), 6);
    same_bits<lstm_layer<1, 5, 3>>(dims(1, 5), 2);
    same_bits<lstm_layer<12, 40, 64>>(dims(12, 40), 32);
}

TEST_CASE("the two parts of layer_norm's and self_attention's backward give the bits of the whole") {
    same_bits<layer_norm<33>>(dims(6, 33), 7);
    same_bits<self_attention<6, 2>>(dims(5, 6), 3);
    same_bits<self_attention<64, 2>>(dims(70, 64), 4);
    same_bits<self_attention<32, 4, 0>>(dims(20, 32), 3);
}

TEST_CASE("the two parts of the embeddings' backward give the bits of the whole") {
    same_bits<value_embedding<9, 5, 24>>(dims(9, 5), 4);
    using layer = token_embedding<50, 9, 24>;
    auto const tokens = [&]<class T>(T) {
        std::vector<T> x;
        for (int r = 0; r < 9 * 4; ++r)
            for (int const n : {r * r % 50, r % 2, 1}) x.push_back(static_cast<T>(n));
        CHECK(way_back<layer, T>(dims(9, 3), 4, x, false) == way_back<layer, T>(dims(9, 3), 4, x, true));
    };
    tokens(float{});
    tokens(double{});
}

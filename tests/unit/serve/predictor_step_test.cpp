// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"
#include "unit/serve/served.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/optim/sgd.hpp>

#include <cmath>

using namespace espalier;
using espalier_test::drawn;
using espalier_test::served;

namespace {
template <int Steps, int Layers>
using net = sequence<lstm<lstm_shape{.steps = Steps, .inputs = 3, .units = 16, .layers = Layers}>, last_step,
                     residual<linear<16, 16>, tanh_activation>, linear<16, 2>>;
template <int Steps, int Layers>
using served_model = model<net<Steps, Layers>, mean_squared_error, sgd>;

/// Weights do not depend on the number of steps: the same serve windows of every length.
template <int Layers>
std::vector<float> weights_of(std::uint64_t seed) {
    std::vector<float> w(static_cast<std::size_t>(network<net<1, Layers>>::tensors.elements));
    initialise<net<1, Layers>>(seed, w.data());
    for (float& v : w) v *= 2;  // states that matter
    return w;
}

/// The prediction after the first `Steps` steps of x, taken as one window.
template <int Steps, int Layers>
std::vector<float> of_window(std::vector<float> const& w, std::vector<float> const& x) {
    predictor<served_model<Steps, Layers>> p{served<net<Steps, Layers>>(w.data()).view()};
    auto const y = p.predict({x.data(), 3 * Steps}, 1);
    return {y.begin(), y.end()};
}

template <class P>
std::vector<float> stepped(P& p, std::vector<float> const& x, int first, int steps) {
    std::vector<float> last;
    for (int t = first; t < first + steps; ++t) {
        auto const y = p.step({x.data() + 3 * t, 3});
        last.assign(y.begin(), y.end());
    }
    return last;
}

bool are_close(std::vector<float> const& a, std::vector<float> const& b) {
    bool close = a.size() == b.size();
    for (std::size_t i = 0; i < a.size(); ++i) close = close && std::abs(a[i] - b[i]) < 1e-6f;
    return close;
}

template <int Layers>
void steps_equal_windows() {
    auto const w = weights_of<Layers>(4);
    auto const x = drawn<float>(9 * 3, 1);
    predictor<served_model<6, Layers>> p{served<net<6, Layers>>(w.data()).view(), 4};
    auto const first = stepped(p, x, 0, 1), sixth = stepped(p, x, 1, 5), ninth = stepped(p, x, 6, 3);
    CHECK(are_close(first, of_window<1, Layers>(w, x)));
    CHECK(are_close(sixth, of_window<6, Layers>(w, x)));
    CHECK(are_close(ninth, of_window<9, Layers>(w, x)));  // a stream is longer than the window it was trained on
    CHECK_FALSE(are_close(first, sixth));

    auto const again = stepped(p, x, 0, 6);  // not a first step: the stream goes on
    CHECK_FALSE(are_close(again, sixth));
    p.reset();
    CHECK(stepped(p, x, 0, 6) == sixth);
}

template <class P>
constexpr bool can_step = requires(P& p, std::vector<float> const& x) { p.step(x); };
}  // namespace

TEST_CASE("step by step an LSTM predicts what it predicts for the whole window, and goes on beyond it; reset begins anew") {
    steps_equal_windows<1>();
    steps_equal_windows<2>();
}

TEST_CASE("windows and a stream do not disturb one another") {
    auto const w = weights_of<2>(4);
    auto const x = drawn<float>(6 * 3, 1);
    predictor<served_model<6, 2>> p{served<net<6, 2>>(w.data()).view(), 2}, undisturbed{served<net<6, 2>>(w.data()).view(), 2};
    (void)stepped(p, x, 0, 3);
    auto const window = p.predict(x, 1);
    CHECK(are_close({window.begin(), window.end()}, of_window<6, 2>(w, x)));
    CHECK(stepped(p, x, 3, 3) == stepped(undisturbed, x, 0, 6));
}

TEST_CASE("a step asks for one time step") {
    auto const w = weights_of<1>(4);
    predictor<served_model<6, 1>> p{served<net<6, 1>>(w.data()).view()};
    CHECK_THROWS_WITH(p.step(std::vector<float>(6)), "espalier: predictor: requires one time step of 3 features; got 6 elements. "
                                                     "Pass one step a call. See docs/policies/model.md.");
}

TEST_CASE("a network that reads no sequence cannot be stepped") {
    STATIC_REQUIRE(can_step<predictor<served_model<6, 1>>>);
    STATIC_REQUIRE(!can_step<predictor<model<linear<3, 2>, mean_squared_error, sgd>>>);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/lstm.hpp>

#include <algorithm>
#include <cmath>

using namespace espalier;

namespace {
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// One layer of an LSTM as the documentation of torch.nn.LSTM writes it, in double, for one sample (T,I); gives (T,H).
template <class T>
std::vector<double> reference(std::vector<double> const& x, int steps, int inputs, int units, T const* w_ih, T const* w_hh,
                              T const* b_ih, T const* b_hh) {
    std::vector<double> h(static_cast<std::size_t>(units), 0.0), c = h, out;
    for (int t = 0; t < steps; ++t) {
        std::vector<double> gate(static_cast<std::size_t>(4 * units));
        for (int r = 0; r < 4 * units; ++r) {
            double sum = static_cast<double>(b_ih[r]) + static_cast<double>(b_hh[r]);
            for (int i = 0; i < inputs; ++i)
                sum += static_cast<double>(w_ih[r * inputs + i]) * x[static_cast<std::size_t>(t * inputs + i)];
            for (int u = 0; u < units; ++u) sum += static_cast<double>(w_hh[r * units + u]) * h[static_cast<std::size_t>(u)];
            gate[static_cast<std::size_t>(r)] = sum;
        }
        for (int u = 0; u < units; ++u) {
            auto const of = [&](int k) { return gate[static_cast<std::size_t>(k * units + u)]; };  // gates i, f, g, o
            auto const at = static_cast<std::size_t>(u);
            c[at]         = sigmoid(of(1)) * c[at] + sigmoid(of(0)) * std::tanh(of(2));
            h[at]         = sigmoid(of(3)) * std::tanh(c[at]);
        }
        out.insert(out.end(), h.begin(), h.end());
    }
    return out;
}

template <class T, lstm_shape S>
void agrees(std::int64_t batch, double tolerance) {
    espalier_test::forward_run<lstm<S>, T> run{dims(S.steps, S.inputs), batch};
    run.draw_weights(3);
    auto const x = espalier_test::drawn<T>(S.steps * batch * S.inputs, 1);
    auto const y = run(x);
    REQUIRE(static_cast<std::int64_t>(y.size()) == S.steps * batch * S.units);
    double largest = 0;
    for (std::int64_t b = 0; b < batch; ++b) {
        std::vector<double> expected;
        for (int t = 0; t < S.steps; ++t)
            for (int i = 0; i < S.inputs; ++i)
                expected.push_back(static_cast<double>(x[static_cast<std::size_t>((t * batch + b) * S.inputs + i)]));
        for (int l = 0; l < S.layers; ++l)
            expected = reference(expected, S.steps, l == 0 ? S.inputs : S.units, S.units, run.weight(l, 0), run.weight(l, 1),
                                 run.weight(l, 2), run.weight(l, 3));
        for (int t = 0; t < S.steps; ++t)
            for (int u = 0; u < S.units; ++u)
                largest =
                    std::max(largest, std::abs(static_cast<double>(y[static_cast<std::size_t>((t * batch + b) * S.units + u)]) -
                                               expected[static_cast<std::size_t>(t * S.units + u)]));
    }
    INFO(S.steps << " steps, " << S.inputs << " inputs, " << S.layers << " layers of " << S.units << ", batch " << batch);
    CHECK(largest < tolerance);
}
}  // namespace

TEST_CASE("an LSTM computes PyTorch's formula with its gate order and two biases, one layer") {
    agrees<double, lstm_shape{.steps = 1, .inputs = 1, .units = 1}>(1, 1e-13);
    agrees<double, lstm_shape{.steps = 7, .inputs = 3, .units = 5}>(4, 1e-13);
    agrees<float, lstm_shape{.steps = 7, .inputs = 3, .units = 5}>(1, 1e-5);
    agrees<float, lstm_shape{.steps = 12, .inputs = 2, .units = 33}>(5, 1e-4);
}

TEST_CASE("each further layer reads the whole output of the one before it") {
    agrees<double, lstm_shape{.steps = 5, .inputs = 2, .units = 4, .layers = 2}>(3, 1e-13);
    agrees<double, lstm_shape{.steps = 5, .inputs = 2, .units = 4, .layers = 3}>(2, 1e-13);
    agrees<float, lstm_shape{.steps = 6, .inputs = 2, .units = 17, .layers = 2}>(8, 1e-4);
}

TEST_CASE("an LSTM layer takes its own shape only") {
    using layer = lstm_layer<6, 2, 5>;
    CHECK(layer::takes(dims(6, 2)));
    CHECK_FALSE(layer::takes(dims(7, 2)));
    CHECK_FALSE(layer::takes(dims(6, 3)));
    CHECK_FALSE(layer::takes(dims(12)));
    CHECK(layer::gives(dims(6, 2)) == dims(6, 5));
}

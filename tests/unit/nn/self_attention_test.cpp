// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/linear.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/nn/self_attention.hpp>
#include <espalier/nn/value_embedding.hpp>

#include <cmath>

using namespace espalier;
using espalier_test::drawn;

namespace {
/// One head over two features with weights that copy, so that the formula is short: q = k = v = x.
template <class Run>
void copy_through(Run& run) {
    for (int i = 0; i < 3; ++i) run.weight(0, i)[0] = run.weight(0, i)[3] = 1;
}
}  // namespace

TEST_CASE("each step becomes a mean of all steps' values, weighted by the softmax of scaled products") {
    espalier_test::forward_run<self_attention<2, 1>, double> run{dims(3, 2), 1};
    copy_through(run);
    run.weight(0, 5)[1]         = 4;  // the value's bias
    std::vector<double> const x = {1, 0, 0, 2, -1, 1};
    auto const y = run(x);
    for (std::size_t i = 0; i < 3; ++i) {
        double sum = 0, first = 0, second = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            double const share = std::exp((x[2 * i] * x[2 * j] + x[2 * i + 1] * x[2 * j + 1]) / std::sqrt(2.0));
            sum += share, first += share * x[2 * j], second += share * (x[2 * j + 1] + 4);
        }
        CHECK(y[2 * i] == Approx(first / sum).epsilon(1e-12));
        CHECK(y[2 * i + 1] == Approx(second / sum).epsilon(1e-12));
    }
}

TEST_CASE("joined weights and separate ones give the same: hidden features whose square 16 divides, and others") {
    // Heads see only their own features: with weights that copy, the first head of 8 features is the head of 2, and the rest is nothing to it.
    auto const small = drawn<double>(3 * 2, 5);
    espalier_test::forward_run<self_attention<2, 1>, double> separate{dims(3, 2), 1};
    copy_through(separate);
    auto const y = separate(small);
    espalier_test::forward_run<self_attention<8, 4>, double> joined{dims(3, 8), 1};
    for (int i = 0; i < 3; ++i)
        for (std::ptrdiff_t j = 0; j < 8; ++j) joined.weight(0, i)[9 * j] = 1;
    auto x = drawn<double>(3 * 8, 6);
    for (std::size_t t = 0; t < 3; ++t) x[8 * t] = small[2 * t], x[8 * t + 1] = small[2 * t + 1];
    auto const wide = joined(x);
    for (std::size_t t = 0; t < 3; ++t)
        for (std::size_t j = 0; j < 2; ++j) CHECK(wide[8 * t + j] == Approx(y[2 * t + j]).epsilon(1e-12));
}

TEST_CASE("a mask column of the network's own input hides steps from attention, wherever the layer stands") {
    // The last feature is the mask. Hidden steps change nothing for the others, whatever they hold.
    using net = sequence<value_embedding<6, 3, 8>, residual<self_attention<8, 2, 2>, linear<8, 8>>, residual<self_attention<8, 2, 2>>>;
    espalier_test::forward_run<net, double> run{dims(6, 3), 2};
    run.draw_weights(4);
    auto x = drawn<double>(6 * 2 * 3, 7);
    for (std::size_t r = 0; r < 12; ++r) x[3 * r + 2] = r < 8 ? 1 : 0;
    auto const before = run(x);
    for (std::size_t r = 8; r < 12; ++r) x[3 * r] += 5, x[3 * r + 1] -= 3;
    auto const after = run(x);
    for (std::size_t i = 0; i < 8 * 8; ++i) CHECK(after[i] == before[i]);
    CHECK(after[8 * 8] != before[8 * 8]);
}

TEST_CASE("a mask column that the network's input does not have is an error, not a look beyond it") {
    using net = sequence<value_embedding<6, 3, 8>, self_attention<8, 2, 3>>;
    espalier_test::forward_run<net, float> run{dims(6, 3), 1};
    CHECK_THROWS_AS(run(drawn<float>(18, 1)), invalid_setting);
    CHECK_THROWS_WITH(run(drawn<float>(18, 1)), "espalier: self_attention: requires a network's input of 6 steps with a column 3 as mask; got 6 steps of 3 columns. "
                                                "Take another column, or none (-1). See docs/policies/model.md.");
}

TEST_CASE("self_attention takes sequences of its features and says where it looks at the input") {
    using layer = self_attention<8, 2>;
    CHECK(layer::takes(dims(5, 8)));
    CHECK_FALSE(layer::takes(dims(8)));
    CHECK_FALSE(layer::takes(dims(5, 7)));
    CHECK_FALSE(layer::takes(dims(8, 5)));
    CHECK(layer::gives(dims(5, 8)) == dims(5, 8));
    CHECK_FALSE(reads_network_input<layer>);
    CHECK(reads_network_input<self_attention<8, 2, 0>>);
}

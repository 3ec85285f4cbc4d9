// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/cut_lstm.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace espalier;
using namespace espalier_test;

namespace {
/// The largest deviation of n values, relative to the largest expected one.
template <class T>
double deviation(T const* got, T const* expected, std::int64_t n) {
    double error = 0, largest = 0;
    for (std::int64_t i = 0; i < n; ++i) {
        if (!std::isfinite(got[i])) return std::numeric_limits<double>::infinity();
        error   = std::max(error, std::abs(static_cast<double>(got[i]) - static_cast<double>(expected[i])));
        largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
    }
    return largest > 0 ? error / largest : error;
}

template <int T, int K, class Scalar, lstm_shape S>
void agrees_with_whole(std::int64_t batch) {
    lstm_values<Scalar, S> const p{batch};
    double const tolerance = sizeof(Scalar) == 4 ? 1e-5 : 1e-12;
    auto const whole       = p.whole();
    for (auto const& rank : cut_passes<T, K>(p)) {
        INFO(T << " ranks, " << K << " slices, " << S.steps << " steps, " << S.inputs << " inputs, " << S.units << " units, " << S.layers
               << " layers, batch " << batch);
        CHECK(deviation(rank.y.data(), whole.y.data(), static_cast<std::int64_t>(whole.y.size())) < tolerance);
        CHECK(deviation(rank.dx.data(), whole.dx.data(), static_cast<std::int64_t>(whole.dx.size())) < tolerance);
        for (int l = 0; l < S.layers; ++l)
            for (int i = 0; i < 4; ++i) {
                INFO("layer " << l << ", parameter " << i);
                std::int64_t const first = p.places.item[l].offset[i];
                CHECK(deviation(rank.gradients.data() + first, whole.gradients.data() + first, 4 * S.units * p.columns(l, i)) < tolerance);
            }
    }
}
/// Whether the passes of several ranks have the bits of `expected`.
template <class T>
bool have_bits_of(std::vector<passes_of<T>> const& ranks, passes_of<T> const& expected) {
    bool same = true;
    for (auto const& r : ranks) same = same && r.y == expected.y && r.dx == expected.dx && r.gradients == expected.gradients;
    return same;
}
template <class T, lstm_shape S>
void has_the_bits_of_four_slices(std::int64_t batch) {
    lstm_values<T, S> const p{batch};
    auto const one = cut_passes<1, 4>(p);
    CHECK(have_bits_of(cut_passes<2, 4>(p), one[0]));
    CHECK(have_bits_of(cut_passes<4, 4>(p), one[0]));
}

// Few shapes, each for several tests: a compiler has every cut of every shape to build.
constexpr lstm_shape deep{.steps = 5, .inputs = 2, .units = 12, .layers = 3}, odd{.steps = 9, .inputs = 3, .units = 52, .layers = 2},
    flat{.steps = 4, .inputs = 17, .units = 8}, brief{.steps = 1, .inputs = 3, .units = 8, .layers = 2};
}  // namespace

TEST_CASE("an LSTM cut by units gives the outputs and gradients of the whole one") {
    agrees_with_whole<1, 1, double, deep>(4);
    agrees_with_whole<2, 2, double, deep>(4);
    agrees_with_whole<1, 4, double, deep>(4);
    agrees_with_whole<4, 4, double, deep>(4);
    agrees_with_whole<1, 1, float, odd>(6);
    agrees_with_whole<2, 2, float, odd>(6);
    agrees_with_whole<2, 4, float, odd>(6);
    agrees_with_whole<4, 4, float, odd>(6);
    agrees_with_whole<2, 4, float, flat>(1);
}

TEST_CASE("an LSTM cut by units of one step has a state that nobody hands on") {
    agrees_with_whole<2, 4, float, brief>(3);
    agrees_with_whole<2, 4, double, brief>(1);
}

TEST_CASE("the number of slices decides an LSTM's bits, not the number of ranks") {
    has_the_bits_of_four_slices<float, odd>(6);
    has_the_bits_of_four_slices<float, flat>(1);
    has_the_bits_of_four_slices<double, deep>(4);
    lstm_values<float, odd> const p{6};
    CHECK_FALSE(have_bits_of(cut_passes<1, 1>(p), cut_passes<2, 4>(p)[0]));  // another sum: what the choice of slices is for
}

TEST_CASE("a cut LSTM makes the exchanges that it states, one a step each way and one for the gradient of x") {
    using pieces = cut_lstm_layers<lstm_shape{.steps = 6, .inputs = 3, .units = 8, .layers = 2}, cut_over<2, 4, false>>;
    constexpr std::int64_t batch = 5, states = batch * 4;  // of a rank's two slices of two units
    for (bool const wants_dx : {true, false}) {
        auto const tallies = on_tensor_ranks<float>({2, 4}, [&](tested_exchange<float>& exchange) {
            auto const weights = drawn<float>(chain<pieces>::places(dims(6, 3), batch).parameter_elements, 1);
            (void)both_passes<pieces, float>(dims(6, 3), batch, weights, drawn<float>(18 * batch, 2), drawn<float>(48 * batch, 3), &exchange, wants_dx);
            return exchange.tally;
        });
        for (int r = 0; r < 2; ++r) {
            exchange_tally const made = tallies[static_cast<std::size_t>(r)];
            exchange_tally stated{2, r};
            chain<pieces>::exchanges(dims(6, 3), batch, pass_way::forward, false, stated);
            CHECK(stated.times == 2 * 6);
            CHECK(stated.sent == 2 * 6 * states);
            chain<pieces>::exchanges(dims(6, 3), batch, pass_way::backward, wants_dx, stated);
            CHECK(made.times == stated.times);
            CHECK(made.sent == stated.sent);
            CHECK(made.times == 2 * 6 + 2 * 5 + 1 + (wants_dx ? 1 : 0));
            // Of two ranks each sends one of two parts of a sum, then its part of the result: n elements in all.
            CHECK(made.sent == 2 * 6 * states + 2 * 5 * states + 6 * batch * 8 + (wants_dx ? 6 * batch * 3 : 0));
        }
    }
}

TEST_CASE("an LSTM cut by units passes central differences") {
    using pieces = cut_lstm_layers<lstm_shape{.steps = 4, .inputs = 3, .units = 6, .layers = 2}, cut_over<1, 2, false>>;
    constexpr std::int64_t batch = 2;
    constexpr shape in           = dims(4, 3);
    exchange_alone<double> exchange;
    auto weights = drawn<double>(chain<pieces>::places(in, batch).parameter_elements, 5), x = drawn<double>(in.elements() * batch, 6);
    auto const c = drawn<double>(4 * 6 * batch, 7);
    for (double& w : weights) w *= 0.5;
    auto const analytic = both_passes<pieces, double>(in, batch, weights, x, c, &exchange);
    CHECK(both_passes<pieces, double>(in, batch, weights, x, c, &exchange, false).gradients == analytic.gradients);  // where nobody wants dx
    auto const loss     = [&] {
        auto const y = both_passes<pieces, double>(in, batch, weights, x, c, &exchange, false).y;
        double sum   = 0;
        for (std::size_t i = 0; i < c.size(); ++i) sum += c[i] * y[i];
        return sum;
    };
    auto const compare = [&](std::vector<double>& values, std::vector<double> const& gradient) {
        double error = 0, largest = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            double const before = values[i], delta = 1e-5;
            values[i]          = before + delta;
            double const above = loss();
            values[i]          = before - delta;
            double const below = loss();
            values[i]          = before;
            error              = std::max(error, std::abs((above - below) / (2 * delta) - gradient[i]));
            largest            = std::max(largest, std::abs(gradient[i]));
        }
        CHECK(largest > 0.01);
        CHECK(error / largest < 1e-8);
    };
    compare(weights, analytic.gradients);
    compare(x, analytic.dx);
}

TEST_CASE("a cut LSTM uses what it says of kept values and scratch, and no element more") {
    auto const exact = []<class L>(L, std::int64_t batch) {
        constexpr shape in = L::input();
        double const mark  = 123.5;
        auto const room    = [&](std::int64_t n) { return std::vector<double>(static_cast<std::size_t>(n) + 1, mark); };
        auto const layout  = chain<type_list<L>>::places(in, batch);
        auto const weights = drawn<double>(layout.parameter_elements, 1), x = drawn<double>(in.elements() * batch, 2);
        auto const dy      = drawn<double>(L::gives(in).elements() * batch, 3);
        auto gradients = room(layout.parameter_elements), y = room(L::gives(in).elements() * batch), dx = room(in.elements() * batch);
        auto kept = room(L::keeps(in, batch)), scratch = room(L::scratch(in, batch));
        exchange_alone<double> exchange;
        auto kernels = make_kernels<L, double>(in, batch, direction::forward_and_backward);
        auto const* const offset = layout.item[0].offset;
        kernels.pack({weights.data(), offset});
        L::forward(forward_pass<double>{{weights.data(), offset}, in, batch, x.data(), y.data(), kept.data(), scratch.data(), {}, 1, {}, &exchange}, kernels);
        L::backward(backward_pass<double>{{weights.data(), offset}, gradients.data(), in, batch, x.data(), y.data(), kept.data(), scratch.data(), dy.data(),
                                          dx.data(), {}, 1, {}, &exchange},
                    kernels);
        for (auto const* v : {&y, &dx, &kept, &scratch}) {
            CHECK(v->back() == mark);
            CHECK(v->at(v->size() - 2) != mark);
        }
    };
    exact(lstm_units<3, 2, 8, cut_over<1, 1, false>>{}, 2);
    exact(lstm_units<3, 2, 8, cut_over<1, 4, false>>{}, 2);   // the state's gradients need most
    exact(lstm_units<3, 90, 8, cut_over<1, 4, false>>{}, 2);  // the input's do
}

TEST_CASE("parameters of a cut LSTM say which rows of which tensor they are") {
    using layer = lstm_layer<6, 3, 8>::sharded_over<cut_over<2, 4, false>>;
    auto const list  = layer::parameters(layer::input());
    auto const whole = lstm_layer<6, 3, 8>::parameters(layer::input());
    REQUIRE(list.count == 8);
    shape const extents[] = {dims(8, 3), dims(8, 8), dims(8), dims(8)};
    for (int i = 0; i < 8; ++i) {
        parameter const& p = list.item[i];
        CHECK(p.name == whole.item[i % 4].name);
        CHECK(p.extents == extents[i % 4]);
        CHECK(p.start.scale == whole.item[i % 4].start.scale);
        CHECK(p.cut.slices == 4);
        CHECK(p.cut.slice == i / 4);
        CHECK(p.cut.along == 0);
        CHECK(p.cut.groups == 4);
        CHECK(p.cut.whole == whole.item[i % 4].extents);
    }
    CHECK(layer::takes(dims(6, 3)));
    CHECK_FALSE(layer::takes(dims(6, 4)));
    CHECK_FALSE(layer::takes(dims(5, 3)));
    CHECK(layer::gives(dims(6, 3)) == dims(6, 8));
    CHECK(lstm_layer<6, 3, 8>::units_to_cut == 8);
}

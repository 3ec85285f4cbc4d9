// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/philox.hpp>
#include <espalier/math/lstm_cell.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace espalier;

namespace {

template <class T>
using array = std::vector<T>;

template <class T>
array<T> numbers(std::int64_t n, std::string_view purpose, float size = 2.0f) {
    random_key const key{4, purpose};
    array<T> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>((to_unit(key.at(i).word[0]) - 0.5f) * 2.0f * size);
    return v;
}

/// A cell with its operands, forward by the library.
template <class T>
struct cell {
    std::int64_t batch, units;
    array<T> sums    = numbers<T>(batch * 4 * units, "gates", 4.0f);
    array<T> bias_ih = numbers<T>(4 * units, "bias_ih"), bias_hh = numbers<T>(4 * units, "bias_hh");
    array<T> before = numbers<T>(batch * units, "c_before");
    array<T> gates = sums, c = array<T>(before.size()), h = array<T>(before.size());

    void forward(bool from_zero = false) {
        gates = sums;
        math::lstm_cell_forward(batch, units, gates.data(), bias_ih.data(), bias_hh.data(), from_zero ? nullptr : before.data(),
                                c.data(), h.data());
    }
};

double sigmoid_of(double x) {
    return 1 / (1 + std::exp(-x));
}

constexpr std::int64_t unit_counts[] = {1, 3, 8, 16, 17, 31, 50, 64};

} // namespace

TEMPLATE_TEST_CASE("the cell's forward pass agrees with the formulas in double", "", float, double) {
    using T            = TestType;
    double const bound = std::is_same_v<T, float> ? 1e-6 : 1e-14;
    for (std::int64_t units : unit_counts)
        for (bool from_zero : {false, true}) {
            cell<T> x{3, units};
            x.forward(from_zero);
            for (std::int64_t i = 0; i < x.batch; ++i)
                for (std::int64_t u = 0; u < units; ++u) {
                    auto const gate = [&](std::int64_t k) { return static_cast<std::size_t>((4 * i + k) * units + u); };
                    auto const sum  = [&](std::int64_t k) {
                        auto const b = static_cast<std::size_t>(k * units + u);
                        return static_cast<double>(x.sums[gate(k)]) + static_cast<double>(x.bias_ih[b]) +
                               static_cast<double>(x.bias_hh[b]);
                    };
                    auto const at   = static_cast<std::size_t>(i * units + u);
                    double const in = sigmoid_of(sum(0)), forget = sigmoid_of(sum(1)), candidate = std::tanh(sum(2)),
                                 out        = sigmoid_of(sum(3));
                    double const before     = from_zero ? 0.0 : static_cast<double>(x.before[at]);
                    double const c          = forget * before + in * candidate;
                    double const expected[] = {in, forget, candidate, out, c, out * std::tanh(c)};
                    T const got[] = {x.gates[gate(0)], x.gates[gate(1)], x.gates[gate(2)], x.gates[gate(3)], x.c[at], x.h[at]};
                    CAPTURE(units, from_zero, i, u);
                    for (int k = 0; k < 6; ++k) {
                        CAPTURE(k);
                        REQUIRE(std::fabs(static_cast<double>(got[k]) - expected[k]) <= bound);
                    }
                }
        }
}

TEST_CASE("gates are within 5e-7 of sigmoid and tanh, relatively, and saturate where they are closed or full") {
    std::int64_t const units = 4001;
    cell<float> x{1, units};
    array<float> const zeros(static_cast<std::size_t>(4 * units));
    x.bias_ih = x.bias_hh = zeros;
    for (std::size_t i = 0; i < x.sums.size(); ++i)
        x.sums[i] = (static_cast<float>(i % static_cast<std::size_t>(units)) - 2000.0f) * 0.05f; // −100 … 100
    x.forward();
    double worst = 0;
    for (std::size_t u = 0; u < static_cast<std::size_t>(units); ++u) {
        double const sum = static_cast<double>(x.sums[u]), closed = std::exp(-43.0);
        for (std::size_t k : {0u, 1u, 3u}) {
            double const truth = std::max(sigmoid_of(sum), closed);
            worst =
                std::max(worst, std::fabs(static_cast<double>(x.gates[k * static_cast<std::size_t>(units) + u]) - truth) / truth);
        }
        double const truth = std::tanh(sum);
        double const error = std::fabs(static_cast<double>(x.gates[2 * static_cast<std::size_t>(units) + u]) - truth);
        worst              = std::max(worst, truth == 0 ? error : error / std::fabs(truth));
    }
    CHECK(worst <= 5e-7);
}

TEST_CASE("a sample's bits do not depend on the batch it is in, nor a unit's on the units beside it") {
    cell<float> x{5, 50};
    x.forward();
    cell<float> alone{1, 50};
    for (std::size_t i = 0; i < 5; ++i) {
        auto const part = [&](array<float> const& v, std::size_t n) {
            return array<float>(v.begin() + static_cast<std::ptrdiff_t>(i * n),
                                v.begin() + static_cast<std::ptrdiff_t>((i + 1) * n));
        };
        alone.sums = part(x.sums, 200), alone.before = part(x.before, 50);
        alone.forward();
        CHECK(alone.h == part(x.h, 50));
        CHECK(alone.c == part(x.c, 50));
        CHECK(alone.gates == part(x.gates, 200));
    }
    cell<float> one{1, 1};
    for (std::size_t u : {0u, 31u, 32u, 49u}) {
        for (std::size_t k = 0; k < 4; ++k) {
            one.sums[k]    = x.sums[k * 50 + u];
            one.bias_ih[k] = x.bias_ih[k * 50 + u];
            one.bias_hh[k] = x.bias_hh[k * 50 + u];
        }
        one.before[0] = x.before[u];
        one.forward();
        CHECK(one.h[0] == x.h[u]);
        CHECK(one.c[0] == x.c[u]);
    }
}

TEST_CASE("the cell state may be updated in place, and null means zeros") {
    for (std::int64_t units : unit_counts) {
        cell<float> x{2, units};
        x.forward();
        auto gates = x.sums, state = x.before, h = x.h;
        math::lstm_cell_forward(x.batch, units, gates.data(), x.bias_ih.data(), x.bias_hh.data(), state.data(), state.data(),
                                h.data());
        CHECK(state == x.c);
        CHECK(h == x.h);
        x.before.assign(x.before.size(), 0.0f);
        x.forward();
        auto const from_zeros = x.h;
        x.forward(true);
        CHECK(x.h == from_zeros);
    }
}

TEST_CASE("a NaN or an infinity minus infinity in a unit's gates reaches that unit and no other") {
    float const nan = std::numeric_limits<float>::quiet_NaN();
    for (std::size_t gate : {0u, 1u, 2u, 3u}) {
        cell<float> x{1, 20};
        x.sums[gate * 20 + 18] = nan;
        x.forward();
        for (std::size_t u = 0; u < 20; ++u) CHECK(std::isnan(x.h[u]) == (u == 18));
    }
}

TEST_CASE("the cell's backward pass agrees with central differences in double") {
    double const step = 1e-6;
    for (std::int64_t units : {1, 5, 16, 17}) {
        cell<double> x{2, units};
        x.forward();
        auto const n  = static_cast<std::int64_t>(x.h.size());
        auto const wh = numbers<double>(n, "dh_output"), wr = numbers<double>(n, "dh_recurrent"), wc = numbers<double>(n, "dc");
        auto const value = [&](cell<double> moved) { // a scalar whose gradients are those weights
            moved.forward();
            double sum = 0;
            for (std::size_t i = 0; i < moved.h.size(); ++i) sum += (wh[i] + wr[i]) * moved.h[i] + wc[i] * moved.c[i];
            return sum;
        };
        auto gates = x.gates, dc = wc;
        math::lstm_cell_backward(x.batch, units, gates.data(), x.before.data(), x.c.data(), wh.data(), wr.data(), dc.data());
        for (std::size_t i = 0; i < gates.size(); ++i) {
            auto up = x, down = x;
            up.sums[i] += step, down.sums[i] -= step;
            REQUIRE(gates[i] == Approx((value(up) - value(down)) / (2 * step)).epsilon(1e-6).margin(1e-8));
        }
        for (std::size_t i = 0; i < dc.size(); ++i) {
            auto up = x, down = x;
            up.before[i] += step, down.before[i] -= step;
            REQUIRE(dc[i] == Approx((value(up) - value(down)) / (2 * step)).epsilon(1e-6).margin(1e-8));
        }
    }
}

TEST_CASE("the backward pass in float agrees with the one in double, whichever operands are null") {
    for (std::int64_t units : unit_counts)
        for (int null = 0; null < 8; ++null) {
            cell<float> x{3, units};
            x.forward((null & 1) != 0);
            auto const n  = static_cast<std::int64_t>(x.h.size());
            auto const wh = numbers<float>(n, "dh_output"), wr = numbers<float>(n, "dh_recurrent");
            auto gates = x.gates, dc = numbers<float>(n, "dc");
            auto const wide = [](array<float> const& v) { return array<double>(v.begin(), v.end()); };
            auto wide_gates = wide(gates), wide_dc = wide(dc);
            auto const wide_before = wide(x.before), wide_c = wide(x.c), wide_wh = wide(wh), wide_wr = wide(wr);
            auto const unless = [&](int bit, auto const& v) { return (null & bit) != 0 ? nullptr : v.data(); };
            math::lstm_cell_backward(x.batch, units, gates.data(), unless(1, x.before), x.c.data(), unless(2, wh), unless(4, wr),
                                     dc.data());
            math::lstm_cell_backward(x.batch, units, wide_gates.data(), unless(1, wide_before), wide_c.data(), unless(2, wide_wh),
                                     unless(4, wide_wr), wide_dc.data());
            CAPTURE(units, null);
            for (std::size_t i = 0; i < gates.size(); ++i)
                REQUIRE(std::fabs(static_cast<double>(gates[i]) - wide_gates[i]) < 3e-6);
            for (std::size_t i = 0; i < dc.size(); ++i) REQUIRE(std::fabs(static_cast<double>(dc[i]) - wide_dc[i]) < 3e-6);
        }
}

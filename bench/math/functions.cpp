// SPDX-License-Identifier: BSL-1.0
// The functions of a float in a plain loop, elements a nanosecond, beside std:: and a copy of the same array; and one LSTM time
// step, nanoseconds a unit, beside the same formulas with std::. Arrays stay in the first-level cache.
//   bench/run math_functions [seconds a cell]
// test: 0
#include <espalier/math/functions.hpp>
#include <espalier/math/lstm_cell.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using namespace espalier;

/// Nanoseconds of one call: the best of several runs.
template <class F>
double nanoseconds(double seconds, F&& f) {
    using clock      = std::chrono::steady_clock;
    auto const since = [](clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); };
    double best      = 1e9;
    f();
    for (auto const begin = clock::now(); best == 1e9 || since(begin) < seconds;) {
        auto const start = clock::now();
        int calls        = 0;
        for (; calls == 0 || since(start) < seconds / 20; calls += 16)
            for (int i = 0; i < 16; ++i) f();
        best = std::min(best, since(start) * 1e9 / calls);
    }
    return best;
}

constexpr std::int64_t n = 4096;

template <class F>
ESPALIER_NOINLINE()
void loop(float const* ESPALIER_RESTRICT() x, float* ESPALIER_RESTRICT() y, F f) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = f(x[i]);
}

template <class Ours, class Theirs>
void row(char const* name, double seconds, std::vector<float> const& x, Ours ours, Theirs theirs) {
    std::vector<float> y(x.size());
    double const mine = nanoseconds(seconds, [&] { loop(x.data(), y.data(), ours); });
    double const std_ = nanoseconds(seconds, [&] { loop(x.data(), y.data(), theirs); });
    double const copy = nanoseconds(seconds, [&] {
        std::memcpy(y.data(), x.data(), x.size() * sizeof(float));
        asm volatile("" : : "r"(y.data()) : "memory");
    });
    std::printf("%-12s %9.2f %9.2f %9.2f %9.1f\n", name, n / mine, n / std_, n / copy, std_ / mine);
}

/// The cell in the words of its formulas: the baseline.
ESPALIER_NOINLINE()
void plain_cell(std::int64_t batch, std::int64_t units, float* gates, float const* bias_ih, float const* bias_hh,
                float const* c_before, float* c, float* h) {
    for (std::int64_t b = 0; b < batch; ++b)
        for (std::int64_t u = 0; u < units; ++u) {
            float* const gate = gates + b * 4 * units + u;
            auto const sum    = [&](std::int64_t k) { return gate[k * units] + bias_ih[k * units + u] + bias_hh[k * units + u]; };
            auto const sigmoid = [](float x) { return 1.0f / (1.0f + std::exp(-x)); };
            float const i = sigmoid(sum(0)), f = sigmoid(sum(1)), g = std::tanh(sum(2)), o = sigmoid(sum(3));
            gate[0] = i, gate[units] = f, gate[2 * units] = g, gate[3 * units] = o;
            c[b * units + u] = f * c_before[b * units + u] + i * g;
            h[b * units + u] = o * std::tanh(c[b * units + u]);
        }
}

void cell_row(double seconds, std::int64_t batch, std::int64_t units) {
    auto const filled = [](std::int64_t size) {
        std::vector<float> v(static_cast<std::size_t>(size));
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i % 41) * 0.1f - 2.0f;
        return v;
    };
    auto gates = filled(4 * batch * units), c = filled(batch * units), h = c, dc = c;
    auto const bias = filled(4 * units), before = filled(batch * units), dh = filled(batch * units);
    // Both passes work in place and start from a fresh copy of the gates, whose time they include.
    auto const sums       = gates;
    double const forward  = nanoseconds(seconds, [&] {
        std::copy(sums.begin(), sums.end(), gates.begin());
        math::lstm_cell_forward(batch, units, gates.data(), bias.data(), bias.data(), before.data(), c.data(), h.data());
    });
    double const plain    = nanoseconds(seconds, [&] {
        std::copy(sums.begin(), sums.end(), gates.begin());
        plain_cell(batch, units, gates.data(), bias.data(), bias.data(), before.data(), c.data(), h.data());
    });
    auto const activated  = gates;
    double const backward = nanoseconds(seconds, [&] {
        std::copy(activated.begin(), activated.end(), gates.begin());
        std::copy(before.begin(), before.end(), dc.begin());
        math::lstm_cell_backward(batch, units, gates.data(), before.data(), c.data(), dh.data(), dh.data(), dc.data());
    });
    auto const each       = static_cast<double>(batch * units);
    std::printf("%4d x %-5d  %9.2f %9.2f %9.2f %9.1f\n", static_cast<int>(batch), static_cast<int>(units), forward / each,
                plain / each, backward / each, plain / forward);
}

} // namespace

int main(int argc, char** argv) {
    double const seconds = argc > 1 ? std::atof(argv[1]) : 0.3;
    std::vector<float> x(n), positive(n);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(static_cast<int>(i % 2001) - 1000) * 0.006f;
    for (std::size_t i = 0; i < x.size(); ++i) positive[i] = static_cast<float>(i + 1) * 0.01f;

    std::printf("elements/ns        ours       std      copy  ours/std\n");
    row(
        "exp", seconds, x, [](float v) { return math::exp(v); }, [](float v) { return std::exp(v); });
    row(
        "tanh", seconds, x, [](float v) { return math::tanh(v); }, [](float v) { return std::tanh(v); });
    row(
        "sigmoid", seconds, x, [](float v) { return math::sigmoid(v); }, [](float v) { return 1.0f / (1.0f + std::exp(-v)); });
    row(
        "erf", seconds, x, [](float v) { return math::erf(v); }, [](float v) { return std::erf(v); });
    row(
        "square_root", seconds, positive, [](float v) { return math::square_root(v); }, [](float v) { return std::sqrt(v); });

    std::printf("\nLSTM cell, ns a unit\nbatch x units  forward std forward backward std/ours\n");
    cell_row(seconds, 256, 128);
    cell_row(seconds, 32, 50);
    cell_row(seconds, 1, 8);
}

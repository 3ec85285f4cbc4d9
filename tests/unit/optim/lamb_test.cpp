// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/optim/pass.hpp"

#include <espalier/optim/lamb.hpp>

#include <cmath>
#include <cstring>

using namespace espalier;
using espalier_test::largest_difference;
using espalier_test::optimizer_run;

namespace {
/// Algorithm 2 of You et al. on one tensor, one weight at a time, in double, norms in long double.
struct reference {
    lamb::settings s;
    std::vector<double> mean, variance;
    double weight_norm = 0, update_norm = 0;

    void step(std::vector<double>& w, std::vector<double> const& g, double t, double rate) {
        std::vector<double> u(w.size());
        long double of_w = 0, of_u = 0;
        for (std::size_t i = 0; i < w.size(); ++i) {
            mean[i]     = s.beta1 * mean[i] + (1 - s.beta1) * g[i];
            variance[i] = s.beta2 * variance[i] + (1 - s.beta2) * g[i] * g[i];
            double const m = mean[i] / (1 - std::pow(s.beta1, t)), v = variance[i] / (1 - std::pow(s.beta2, t));
            u[i] = m / (std::sqrt(v) + s.epsilon) + s.weight_decay * w[i];
            of_w += static_cast<long double>(w[i]) * w[i];
            of_u += static_cast<long double>(u[i]) * u[i];
        }
        weight_norm        = static_cast<double>(std::sqrt(of_w));
        update_norm        = static_cast<double>(std::sqrt(of_u));
        double const ratio = weight_norm > 0 && update_norm > 0 ? weight_norm / update_norm : 1;
        for (std::size_t i = 0; i < w.size(); ++i) w[i] -= rate * ratio * u[i];
    }
};

/// The sums of all blocks of a tensor, as its pieces write them.
struct sums {
    std::vector<double> weights, update;
    explicit sums(std::int64_t n) : weights(static_cast<std::size_t>(math::blocks_of(n)), -1.0), update(weights) {}

    [[nodiscard]] block_sums from(std::int64_t block) { return {weights.data() + block, update.data() + block}; }
    [[nodiscard]] tensor_norms norms() const {
        auto const n = static_cast<std::int64_t>(weights.size());
        return {std::sqrt(math::tree_sum(n, weights.data())), std::sqrt(math::tree_sum(n, update.data()))};
    }
};

/// The part of a tensor's arrays from block `first` up to block `last`.
template <class T>
update_pass<T> piece(update_pass<T> p, std::int64_t first, std::int64_t last) {
    std::int64_t const start = first * math::block_elements;
    p.elements               = std::min(last * math::block_elements, p.elements) - start;
    p.weights += start;
    p.gradients += start;
    p.state += start;
    return p;
}

/// One step of a tensor in pieces that end at these blocks.
template <class T>
tensor_norms step(lamb::settings const& s, update_pass<T> const& p, std::vector<std::int64_t> const& borders) {
    sums out{p.elements};
    for (std::size_t i = 0; i + 1 < borders.size(); ++i) lamb::measure(s, piece(p, borders[i], borders[i + 1]), out.from(borders[i]));
    for (std::size_t i = 0; i + 1 < borders.size(); ++i)
        lamb::apply(s, piece(p, borders[i], borders[i + 1]), lamb::trust_ratio(out.norms()));
    return out.norms();
}

template <class T>
void agrees(std::int64_t n, lamb::settings const& s, double scale, double tolerance) {
    optimizer_run<lamb, T> run{n};
    std::vector<double> const zeros(static_cast<std::size_t>(n), 0.0);
    reference expected{s, zeros, zeros};
    auto w = run.weights_in_double();
    INFO(n << " elements, scale " << scale << ", decay " << s.weight_decay);
    for (std::int64_t t = 1; t <= 5; ++t) {
        double const rate = 0.01 / static_cast<double>(t);
        run.draw_gradients(t);
        auto g = run.gradients_in_double();
        for (double& x : g) x *= scale;
        expected.step(w, g, static_cast<double>(t), rate);
        auto const norms = step(s, run.pass(t, rate, scale), {0, math::blocks_of(n)});
        CHECK(norms.weights == Approx(expected.weight_norm).epsilon(tolerance));
        CHECK(norms.update == Approx(expected.update_norm).epsilon(tolerance));
    }
    CHECK(largest_difference(run.weights_in_double(), w) < tolerance);
    CHECK(largest_difference(run.state_in_double(0), expected.mean) < tolerance);
    CHECK(largest_difference(run.state_in_double(1), expected.variance) < tolerance);
    CHECK(run.is_whole_behind());
}
}  // namespace

TEST_CASE("LAMB agrees with algorithm 2 over five steps, in double and in float, for tensors of no to three blocks") {
    for (std::int64_t n : {0, 1, 7, 16, 37, 255, 257, 4096, 4097, 10007})
        for (double scale : {1.0, 1.0 / 256}) {
            agrees<double>(n, {}, scale, 1e-13);
            agrees<float>(n, {}, scale, 3e-6);
            agrees<double>(n, {.beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.1, .weight_decay = 0.5}, scale, 1e-13);
            agrees<float>(n, {.beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.1, .weight_decay = 0.5}, scale, 3e-6);
            agrees<double>(n, {.weight_decay = 0}, scale, 1e-13);
        }
}

TEMPLATE_TEST_CASE("measuring sums each block, moves the moments and leaves the weights", "", float, double) {
    std::int64_t const n = 2 * 4096 + 100;
    optimizer_run<lamb, TestType> run{n};
    run.draw_gradients(1);
    auto const before = run.weights_in_double(), g = run.gradients_in_double();
    sums out{n};
    // One step: m̂ is the gradient, √v̂ its size, and so u is its sign where epsilon is nothing beside it.
    lamb::measure({.epsilon = 0, .weight_decay = 0}, run.pass(1, 1, 1), out.from(0));
    for (std::size_t b = 0; b < 3; ++b) {
        std::size_t const last = std::min<std::size_t>((b + 1) * 4096, before.size());
        long double squares    = 0;
        for (std::size_t i = b * 4096; i < last; ++i) squares += static_cast<long double>(before[i]) * before[i];
        CHECK(out.weights[b] == Approx(static_cast<double>(squares)).epsilon(1e-13));
        CHECK(out.update[b] == Approx(static_cast<double>(last - b * 4096)).epsilon(1e-5));
    }
    CHECK(run.weights_in_double() == before);
    for (std::size_t i = 0; i < g.size(); i += 500) CHECK(run.state_in_double(0)[i] == Approx(0.1 * g[i]).epsilon(1e-6));
}

TEMPLATE_TEST_CASE("pieces cut where blocks begin give the bits of the whole tensor", "", float, double) {
    std::int64_t const n = 5 * 4096 + 777;
    for (std::vector<std::int64_t> const& borders : {std::vector<std::int64_t>{0, 1, 6}, {0, 5, 6}, {0, 2, 3, 6}, {0, 1, 2, 3, 4, 5, 6}}) {
        optimizer_run<lamb, TestType> whole{n}, cut{n};
        for (std::int64_t t = 1; t <= 3; ++t) {
            whole.draw_gradients(t);
            cut.draw_gradients(t);
            auto const a = step({}, whole.pass(t, 0.01, 0.5), {0, 6}), b = step({}, cut.pass(t, 0.01, 0.5), borders);
            CHECK(a.weights == b.weights);
            CHECK(a.update == b.update);
        }
        auto const a = whole.pass(3, 0, 0), b = cut.pass(3, 0, 0);
        CHECK(std::memcmp(a.weights, b.weights, static_cast<std::size_t>(n) * sizeof(TestType)) == 0);
        CHECK(std::memcmp(a.state, b.state, static_cast<std::size_t>(2 * a.stride) * sizeof(TestType)) == 0);
    }
}

TEST_CASE("without decay a step is as long as the rate times the norm of the weights, whatever the gradient's size") {
    for (double size : {1e-3, 1.0, 1e3}) {
        double w[2] = {3, 4}, state[4] = {};
        double const g[2] = {-2 * size, size};
        step({.weight_decay = 0}, update_pass<double>{2, w, g, state, 2, 1, 0.1, 1.0}, {0, 1});
        CHECK(std::hypot(w[0] - 3, w[1] - 4) == Approx(0.5).epsilon(1e-12));
        CHECK(w[0] > 3);
        CHECK(w[1] < 4);
    }
}

TEST_CASE("the trust ratio is that of the norms, and 1 where one of them is zero") {
    CHECK(lamb::trust_ratio({6, 3}) == 2);
    CHECK(lamb::trust_ratio({0, 3}) == 1);
    CHECK(lamb::trust_ratio({6, 0}) == 1);
    CHECK(lamb::trust_ratio({0, 0}) == 1);
}

TEST_CASE("weights that start at zero move by the rate, as under Adam") {
    double w[2] = {0, 0}, state[4] = {};
    double const g[2] = {7, -0.5};
    step({}, update_pass<double>{2, w, g, state, 2, 1, 0.25, 1.0}, {0, 1});
    CHECK(w[0] == Approx(-0.25).epsilon(1e-5));
    CHECK(w[1] == Approx(0.25).epsilon(1e-5));
}

TEST_CASE("LAMB's defaults are those of apex.optimizers.FusedLAMB, its state is named as Adam's") {
    lamb::settings const s;
    CHECK(s.beta1 == 0.9);
    CHECK(s.beta2 == 0.999);
    CHECK(s.epsilon == 1e-6);
    CHECK(s.weight_decay == 0.01);
    CHECK(lamb::states == 2);
    CHECK(lamb::name == "lamb");
    CHECK(lamb::state_name(0) == "exp_avg");
    CHECK(lamb::state_name(1) == "exp_avg_sq");
}

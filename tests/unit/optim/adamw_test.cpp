// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/optim/pass.hpp"

#include <espalier/optim/adamw.hpp>

#include <cmath>

using namespace espalier;
using espalier_test::largest_difference;
using espalier_test::optimizer_run;

namespace {
/// Algorithm 2 of Loshchilov and Hutter as torch.optim.AdamW computes it, one weight at a time, in double.
struct reference {
    adamw::settings s;
    std::vector<double> mean, variance;

    void step(std::vector<double>& w, std::vector<double> const& g, double t, double rate) {
        for (std::size_t i = 0; i < w.size(); ++i) {
            w[i] -= rate * s.weight_decay * w[i];
            mean[i]     = s.beta1 * mean[i] + (1 - s.beta1) * g[i];
            variance[i] = s.beta2 * variance[i] + (1 - s.beta2) * g[i] * g[i];
            double const m = mean[i] / (1 - std::pow(s.beta1, t)), v = variance[i] / (1 - std::pow(s.beta2, t));
            w[i] -= rate * m / (std::sqrt(v) + s.epsilon);
        }
    }
};

template <class T>
void agrees(std::int64_t n, adamw::settings const& s, double scale, double tolerance) {
    optimizer_run<adamw, T> run{n};
    std::vector<double> const zeros(static_cast<std::size_t>(n), 0.0);
    reference expected{s, zeros, zeros};
    auto w = run.weights_in_double();
    for (std::int64_t t = 1; t <= 5; ++t) {
        double const rate = 0.01 / static_cast<double>(t);  // a rule, not a constant
        run.draw_gradients(t);
        auto g = run.gradients_in_double();
        for (double& x : g) x *= scale;
        expected.step(w, g, static_cast<double>(t), rate);
        run.step(s, t, rate, scale);
    }
    INFO(n << " elements, scale " << scale << ", decay " << s.weight_decay);
    CHECK(largest_difference(run.weights_in_double(), w) < tolerance);
    CHECK(largest_difference(run.state_in_double(0), expected.mean) < tolerance);
    CHECK(largest_difference(run.state_in_double(1), expected.variance) < tolerance);
    CHECK(run.is_whole_behind());
}
}  // namespace

TEST_CASE("AdamW agrees with the formula over five steps, in double and in float, at sizes that no vector width divides") {
    for (std::int64_t n : {0, 1, 7, 16, 37, 1001})
        for (double scale : {1.0, 1.0 / 256}) {
            agrees<double>(n, {}, scale, 1e-14);
            agrees<float>(n, {}, scale, 1e-6);
            agrees<double>(n, {.beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.1, .weight_decay = 0.5}, scale, 1e-14);
            agrees<float>(n, {.beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.1, .weight_decay = 0.5}, scale, 1e-6);
            agrees<double>(n, {.weight_decay = 0}, scale, 1e-14);
        }
}

TEST_CASE("AdamW's defaults are those of torch.optim.AdamW") {
    adamw::settings const s;
    CHECK(s.beta1 == 0.9);
    CHECK(s.beta2 == 0.999);
    CHECK(s.epsilon == 1e-8);
    CHECK(s.weight_decay == 0.01);
    CHECK(adamw::state_name(0) == "exp_avg");
    CHECK(adamw::state_name(1) == "exp_avg_sq");
}

TEST_CASE("the first step has the size of the rate, whatever the gradient's size: the bias is corrected") {
    for (double g : {1e-3, 1.0, -1e3}) {
        double w = 0, state[2] = {0, 0};
        adamw::update({.weight_decay = 0}, update_pass<double>{1, &w, &g, state, 1, 1, 0.25, 1.0});
        CHECK(w == Approx(g > 0 ? -0.25 : 0.25).epsilon(1e-4));
    }
}

TEST_CASE("epsilon is added to the root, beside the corrected second moment") {
    // One step: m and √v are both 2 after correction, so that the update is rate · 2 / (2 + epsilon).
    double w = 0, state[2] = {0, 0}, g = 2;
    adamw::update({.epsilon = 6, .weight_decay = 0}, update_pass<double>{1, &w, &g, state, 1, 1, 1.0, 1.0});
    CHECK(w == Approx(-0.25).epsilon(1e-12));
}

TEST_CASE("padding of zeros stays zero, and weights without a gradient only shrink") {
    float w[2] = {0, 4}, state[4] = {0, 0, 0, 0};
    float const g[2] = {0, 0};
    for (std::int64_t t = 1; t <= 3; ++t)
        adamw::update({.weight_decay = 0.5}, update_pass<float>{2, w, g, state, 2, t, 0.5, 1.0});
    CHECK(w[0] == 0.0f);
    CHECK(w[1] == 4.0f * 0.75f * 0.75f * 0.75f);
    for (float s : state) CHECK(s == 0.0f);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/optim/pass.hpp"

#include <espalier/optim/sgd.hpp>

using namespace espalier;
using espalier_test::largest_difference;
using espalier_test::optimizer_run;

namespace {
/// The update as the documentation of torch.optim.SGD writes it, without dampening, in double.
void reference_step(sgd::settings const& s, std::vector<double>& w, std::vector<double> g, std::vector<double>& velocity,
                    double rate) {
    for (std::size_t i = 0; i < w.size(); ++i) {
        g[i] += s.weight_decay * w[i];
        velocity[i] = s.momentum * velocity[i] + g[i];
        w[i] -= rate * (s.nesterov ? g[i] + s.momentum * velocity[i] : velocity[i]);
    }
}

template <class T>
void agrees(std::int64_t n, sgd::settings const& s, double scale, double tolerance) {
    optimizer_run<sgd, T> run{n};
    std::vector<double> velocity(static_cast<std::size_t>(n), 0.0);
    auto w = run.weights_in_double();
    for (std::int64_t t = 1; t <= 5; ++t) {
        double const rate = 0.1 / static_cast<double>(t);
        run.draw_gradients(t);
        auto g = run.gradients_in_double();
        for (double& x : g) x *= scale;
        reference_step(s, w, g, velocity, rate);
        run.step(s, t, rate, scale);
    }
    INFO(n << " elements, scale " << scale << ", momentum " << s.momentum << ", decay " << s.weight_decay << ", nesterov "
           << s.nesterov);
    CHECK(largest_difference(run.weights_in_double(), w) < tolerance);
    CHECK(largest_difference(run.state_in_double(0), velocity) < tolerance);
    CHECK(run.is_whole_behind());
}
}  // namespace

TEST_CASE("SGD agrees with the formula in double over five steps, with and without momentum, look-ahead and decay") {
    for (std::int64_t n : {0, 1, 7, 16, 37, 1001})
        for (double momentum : {0.0, 0.9})
            for (double decay : {0.0, 0.25})
                for (bool nesterov : {false, true})
                    for (double scale : {1.0, 1.0 / 256}) {
                        sgd::settings const s{.momentum = momentum, .weight_decay = decay, .nesterov = nesterov};
                        agrees<double>(n, s, scale, 1e-14);
                        agrees<float>(n, s, scale, 3e-6);
                    }
}

TEST_CASE("SGD without momentum is plain gradient descent") {
    float w[3] = {1, 2, 3}, velocity[3] = {0, 0, 0};
    float const g[3] = {8, -8, 0};
    sgd::update({.momentum = 0}, update_pass<float>{3, w, g, velocity, 3, 1, 0.25, 0.5});
    CHECK(w[0] == 0.0f);
    CHECK(w[1] == 3.0f);
    CHECK(w[2] == 3.0f);
}

TEST_CASE("SGD's defaults are momentum 0.9 without decay and look-ahead, and its state has a name") {
    sgd::settings const s;
    CHECK(s.momentum == 0.9);
    CHECK(s.weight_decay == 0);
    CHECK_FALSE(s.nesterov);
    CHECK(sgd::states == 1);
    CHECK(sgd::state_name(0) == "momentum");
}

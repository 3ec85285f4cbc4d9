// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/gradient_check.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/dropout.hpp>
#include <espalier/nn/last_step.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/residual.hpp>

using namespace espalier;
using espalier_test::check_gradients;

namespace {
template <class Network>
void agrees(std::int64_t batch, sampling draw = {}) {
    auto const e = check_gradients<Network>(batch, draw);
    INFO("largest difference quotient " << e.largest);
    CHECK(e.largest > 0.01);
    CHECK(e.weights < 1e-8);
    CHECK(e.input < 1e-8);
}
}  // namespace

TEST_CASE("linear's backward agrees with central differences") {
    agrees<linear<7, 5>>(1);
    agrees<sequence<linear<7, 5>, linear<5, 3>>>(4);
}

TEST_CASE("an LSTM's backward agrees with central differences, one layer and two, units that no vector width divides") {
    agrees<lstm<lstm_shape{.steps = 5, .inputs = 3, .units = 7}>>(2);
    agrees<lstm<lstm_shape{.steps = 1, .inputs = 3, .units = 4}>>(3);
    agrees<lstm<lstm_shape{.steps = 4, .inputs = 2, .units = 17, .layers = 2}>>(2);
}

TEST_CASE("activations and last_step pass the gradient on as central differences say") {
    agrees<sequence<linear<4, 9>, relu, linear<9, 2>>>(5);
    agrees<sequence<linear<4, 9>, tanh_activation, linear<9, 2>>>(5);
    agrees<sequence<lstm<lstm_shape{.steps = 4, .inputs = 2, .units = 3}>, last_step, linear<3, 1>>>(3);
}

TEST_CASE("dropout's backward drops what its forward dropped") {
    agrees<sequence<linear<6, 40>, dropout<probability{0.4f}>, linear<40, 2>>>(3, {.seed = 5, .step = 9, .first_sample = 64, .training = true});
}

TEST_CASE("a residual adds its shortcut on the way back, also around several layers and inside another") {
    agrees<sequence<linear<5, 8>, residual<linear<8, 6>, tanh_activation, linear<6, 8>>, linear<8, 2>>>(3);
    agrees<sequence<linear<5, 8>, residual<tanh_activation, residual<linear<8, 8>>>, linear<8, 2>>>(2);
    agrees<sequence<linear<5, 5>, repeat<3, residual<linear<5, 5>, tanh_activation>>>>(2);
}

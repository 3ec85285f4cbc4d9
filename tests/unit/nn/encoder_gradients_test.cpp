// SPDX-License-Identifier: BSL-1.0
// The layers of encoders against central differences in double.
#include "support/catch.hpp"
#include "support/gradient_check.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/first_step.hpp>
#include <espalier/nn/layer_norm.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/nn/self_attention.hpp>
#include <espalier/nn/value_embedding.hpp>

using namespace espalier;
using espalier_test::check_gradients;

namespace {
template <class Network>
void agrees(std::int64_t batch) {
    auto const e = check_gradients<Network>(batch);
    INFO("largest difference quotient " << e.largest);
    CHECK(e.largest > 0.01);
    CHECK(e.weights < 1e-8);
    CHECK(e.input < 1e-8);
}
}  // namespace

TEST_CASE("layer_norm's backward agrees with central differences, features that no vector width divides too") {
    agrees<sequence<linear<5, 7>, layer_norm<7>, linear<7, 3>>>(3);
    agrees<sequence<linear<5, 32>, layer_norm<32, variance_floor{0.1f}>>>(2);
}

TEST_CASE("gelu's and first_step's backward agree with central differences") {
    agrees<sequence<linear<5, 9>, gelu, linear<9, 3>>>(4);
    agrees<sequence<value_embedding<4, 3, 5>, first_step, linear<5, 2>>>(3);
}

TEST_CASE("value_embedding's backward agrees with central differences") {
    agrees<value_embedding<4, 3, 5>>(1);
    agrees<value_embedding<5, 2, 16>>(3);
}

TEST_CASE("self_attention's backward agrees with central differences: lengths within a tile and beyond, joined weights and separate ones") {
    agrees<sequence<value_embedding<5, 3, 6>, self_attention<6, 2>>>(3);
    agrees<sequence<value_embedding<7, 2, 8>, self_attention<8, 1>, linear<8, 2>>>(2);
    agrees<sequence<value_embedding<67, 2, 4>, self_attention<4, 2>, first_step>>(1);
}

TEST_CASE("an encoder's layer, post-norm, agrees with central differences as a whole") {
    agrees<sequence<value_embedding<6, 3, 8>, layer_norm<8>, residual<self_attention<8, 2>, linear<8, 8>>, layer_norm<8>,
                    residual<linear<8, 12>, gelu, linear<12, 8>>, layer_norm<8>, first_step, linear<8, 8>, tanh_activation, linear<8, 2>>>(2);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/models/lstm_forecaster.hpp>
#include <espalier/models/model.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/optim/sgd.hpp>

#include <type_traits>

using namespace espalier;

namespace {
using net = lstm_forecaster<lstm_shape{.steps = 5, .inputs = 3, .units = 4}>;
}

TEST_CASE("a model names its four parts and computes in single precision unless told otherwise") {
    using m = model<net, huber<>, sgd>;
    STATIC_REQUIRE(Model<m>);
    STATIC_REQUIRE(std::is_same_v<m::network_type, net>);
    STATIC_REQUIRE(std::is_same_v<m::loss_type, huber<>>);
    STATIC_REQUIRE(std::is_same_v<m::optimizer_type, sgd>);
    STATIC_REQUIRE(std::is_same_v<m::precision_type, fp32>);
    STATIC_REQUIRE(std::is_same_v<model<net, mean_squared_error, adamw, fp64>::precision_type, fp64>);
}

TEST_CASE("a model is an inert description: an empty type that costs nothing to name") {
    STATIC_REQUIRE(std::is_empty_v<model<net, huber<>, sgd>>);
    STATIC_REQUIRE(Model<model<int, void, char, int>>);  // whether the parts fit is the trainer's question
}

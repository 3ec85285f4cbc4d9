// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/models/lstm_forecaster.hpp>
#include <espalier/nn/network.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace espalier;

namespace {
/// Names and extents in the order in which the tensors lie.
template <class Network>
std::vector<std::pair<std::string, std::vector<std::int64_t>>> tensors_of() {
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> out;
    for (auto const& t : network<Network>::tensors.item)
        out.push_back({std::string{t.name.view()}, {t.extents.extent, t.extents.extent + t.extents.rank}});
    return out;
}
}  // namespace

TEST_CASE("a forecaster's tensors have the names and shapes of a PyTorch module with lstm and head") {
    using forecaster = lstm_forecaster<lstm_shape{.steps = 60, .inputs = 2, .units = 50, .layers = 2}, 3>;
    CHECK(tensors_of<forecaster>() == std::vector<std::pair<std::string, std::vector<std::int64_t>>>{
                                          {"lstm.weight_ih_l0", {200, 2}},
                                          {"lstm.weight_hh_l0", {200, 50}},
                                          {"lstm.bias_ih_l0", {200}},
                                          {"lstm.bias_hh_l0", {200}},
                                          {"lstm.weight_ih_l1", {200, 50}},
                                          {"lstm.weight_hh_l1", {200, 50}},
                                          {"lstm.bias_ih_l1", {200}},
                                          {"lstm.bias_hh_l1", {200}},
                                          {"head.weight", {3, 50}},
                                          {"head.bias", {3}},
                                      });
    CHECK(network<forecaster>::input == dims(60, 2));
    CHECK(network<forecaster>::output == dims(3));
}

TEST_CASE("a forecaster gives one value unless told otherwise") {
    using forecaster = lstm_forecaster<lstm_shape{.steps = 5, .inputs = 3, .units = 4}>;
    CHECK(network<forecaster>::output == dims(1));
    CHECK(network<forecaster>::tensors.parameters == 4 * 4 * (3 + 4 + 2) + 4 + 1);
}

TEST_CASE("the published parameter count of a four-layer forecaster holds with the second bias counted") {
    using c = lstm_forecaster<lstm_shape{.steps = 100, .inputs = 500, .units = 1000, .layers = 4}>;
    CHECK(network<c>::tensors.parameters == 30017001 + 4 * 4 * 1000);
}

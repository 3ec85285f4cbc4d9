// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/nn/sequence.hpp>

#include <string>
#include <type_traits>
#include <vector>

using namespace espalier;
using names = std::vector<std::string>;

namespace {
/// The parameters' names of a network that reads `in`.
template <class Network>
names names_of(shape in) {
    auto const list = chain<layers_of<Network>>::template parameters<layer_names<Network>>(in);
    names out;
    for (int i = 0; i < list.count; ++i) out.emplace_back(list.item[i].name.view());
    return out;
}
}  // namespace

TEST_CASE("a sequence numbers its layers as torch.nn.Sequential does, layers without parameters counted") {
    CHECK(names_of<sequence<linear<4, 3>, relu, linear<3, 2>>>(dims(4)) == names{"0.weight", "0.bias", "2.weight", "2.bias"});
    CHECK(names_of<sequence<relu, sequence<linear<4, 4>, relu>, sequence<linear<4, 2>>>>(dims(4)) ==
          names{"1.0.weight", "1.0.bias", "2.0.weight", "2.0.bias"});
}

TEST_CASE("a layer that stands alone has no path") { CHECK(names_of<linear<4, 3>>(dims(4)) == names{"weight", "bias"}); }

TEST_CASE("a named layer has its name instead of its position, and the others keep theirs") {
    CHECK(names_of<sequence<relu, named<text{"body"}, linear<4, 3>>, linear<3, 2>>>(dims(4)) ==
          names{"body.weight", "body.bias", "2.weight", "2.bias"});
    CHECK(names_of<sequence<named<text{"encoder"}, sequence<linear<4, 3>, named<text{"out"}, linear<3, 2>>>>>>(dims(4)) ==
          names{"encoder.0.weight", "encoder.0.bias", "encoder.out.weight", "encoder.out.bias"});
}

TEST_CASE("an LSTM's layers share one path and are told apart as in torch.nn.LSTM") {
    using two = lstm<lstm_shape{.steps = 5, .inputs = 2, .units = 3, .layers = 2}>;
    CHECK(names_of<two>(dims(5, 2)) == names{"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0",  //
                                             "weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1"});
    CHECK(names_of<sequence<named<text{"lstm"}, two>, linear<3, 1>>>(dims(5, 2)) ==
          names{"lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0",  //
                "lstm.weight_ih_l1", "lstm.weight_hh_l1", "lstm.bias_ih_l1", "lstm.bias_hh_l1", "1.weight", "1.bias"});
}

TEST_CASE("repeated layers are numbered, each with parameters of its own") {
    CHECK(names_of<sequence<named<text{"blocks"}, repeat<2, sequence<linear<4, 4>, relu>>>, linear<4, 1>>>(dims(4)) ==
          names{"blocks.0.0.weight", "blocks.0.0.bias", "blocks.1.0.weight", "blocks.1.0.bias", "1.weight", "1.bias"});
    CHECK(names_of<repeat<3, linear<4, 4>>>(dims(4)) == names{"0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"});
}

TEST_CASE("a residual's parameters stand below it under the names of its inner sequence") {
    CHECK(names_of<sequence<relu, residual<linear<4, 6>, relu, named<text{"back"}, linear<6, 4>>>>>(dims(4)) ==
          names{"1.0.weight", "1.0.bias", "1.back.weight", "1.back.bias"});
}

TEST_CASE("compositions dissolve into one list of layers; a residual stays one") {
    STATIC_REQUIRE(std::is_same_v<layers_of<sequence<linear<4, 4>, repeat<2, sequence<relu, linear<4, 4>>>>>,
                                  type_list<linear<4, 4>, relu, linear<4, 4>, relu, linear<4, 4>>>);
    STATIC_REQUIRE(std::is_same_v<layers_of<named<text{"x"}, lstm<lstm_shape{.steps = 5, .inputs = 2, .units = 3, .layers = 3}>>>,
                                  type_list<lstm_layer<5, 2, 3>, lstm_layer<5, 3, 3>, lstm_layer<5, 3, 3>>>);
    STATIC_REQUIRE(layers_of<sequence<residual<relu, linear<4, 4>>, relu>>::size == 2);
    STATIC_REQUIRE(std::is_same_v<layers_of<sequence<>>, type_list<>>);
}

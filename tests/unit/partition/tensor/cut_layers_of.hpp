// SPDX-License-Identifier: BSL-1.0
/// @file
/// The layers of one rank's piece of a network, and short names for those that stand in the place of others. Which stands where is the tests'.
#pragma once

#include <espalier/models/bert.hpp>
#include <espalier/models/lstm_forecaster.hpp>
#include <espalier/nn/cross_entropy.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/tensor/cut_network.hpp>

namespace espalier_test {

template <class Network, class Cut, class Loss = espalier::mean_squared_error>
using piece_model = espalier::cut_model<espalier::model<Network, Loss, espalier::adamw>, Cut>;
template <class Network, class Cut, class Loss = espalier::mean_squared_error>
using piece = typename piece_model<Network, Cut, Loss>::network_type;
template <class Network, class Cut, class Loss = espalier::mean_squared_error>
using pieces_of = espalier::layers_of<piece<Network, Cut, Loss>>;
template <class Network, class Cut, class Loss = espalier::mean_squared_error>
using misfit_of = espalier::tensor_misfit<espalier::model<Network, Loss, espalier::adamw>, Cut>;

/// A pair of products: outputs cut, then inputs.
template <std::int64_t I, std::int64_t O, class Cut, espalier::entry In = espalier::entry::whole>
using columns = espalier::cut_layer<espalier::linear_columns<I, O, Cut::value.slices>, Cut, In, espalier::exit_of_slices::sliced>;
template <std::int64_t I, std::int64_t O, class Cut, espalier::exit_of_slices Out = espalier::exit_of_slices::sum>
using rows = espalier::cut_layer<espalier::linear_rows<I, O, Cut::value.slices>, Cut, espalier::entry::sliced, Out>;

/// A composition with others in its layers' places.
template <template <class...> class As, class Inside, class... Others>
struct with_layers;
template <template <class...> class As, class... Ls, class... Others>
struct with_layers<As, espalier::sequence<Ls...>, Others...> {
    using type = As<espalier::named<espalier::text{""}, espalier::rewritten<espalier::sequence<Ls...>, espalier::type_list<Others...>>>>;
};

}  // namespace espalier_test

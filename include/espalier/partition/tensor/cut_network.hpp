// SPDX-License-Identifier: BSL-1.0
/// @file
/// The network that one rank of a tensor axis computes: every layer that offers a cut in its place, exchanges where placements do not meet.
/// It has as many layers as the whole network, with the same names. The layers' slices are nn/'s.
#pragma once

#include <espalier/models/model.hpp>
#include <espalier/nn/exchange.hpp>
#include <espalier/nn/network.hpp>

#include <type_traits>

namespace espalier {

/// What a rank computes of a network: the network itself, where there is no tensor axis.
/// @tparam Cut `cut_over<ranks, slices, cuts_steps>`
template <class Network, class Cut>
using cut_network = Network;

/// What a rank trains of a model: the network that it computes, against a loss over what that gives.
template <class M, class Cut>
using cut_model = std::conditional_t<Cut::value.slices == 1, M, M>;

/// Void, or the template whose assertion says why a model cannot be cut so.
template <class M, class Cut>
using tensor_misfit = void;

}  // namespace espalier

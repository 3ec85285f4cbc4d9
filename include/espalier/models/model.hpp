// SPDX-License-Identifier: BSL-1.0
/// @file
/// The Model policy: what is learned, against which loss, by which optimizer, in which precision.
#pragma once

#include <espalier/nn/loss.hpp>
#include <espalier/nn/network.hpp>
#include <espalier/optim/concepts.hpp>
#include <espalier/optim/precision.hpp>

namespace espalier {

/// A network with everything that training it needs to know. An inert description: `trainer` checks it.
/// See docs/policies/model.md.
template <class Network, class LossFunction, class OptimizerRule, class PrecisionRule = fp32>
struct model {
    using network_type   = Network;
    using loss_type      = LossFunction;
    using optimizer_type = OptimizerRule;
    using precision_type = PrecisionRule;
};

/// What a trainer takes as its Model: a type that names the four parts (see `model`).
template <class M>
concept Model = requires {
    typename M::network_type;
    typename M::loss_type;
    typename M::optimizer_type;
    typename M::precision_type;
};

}  // namespace espalier

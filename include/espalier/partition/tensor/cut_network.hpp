// SPDX-License-Identifier: BSL-1.0
/// @file
/// What one rank of a tensor axis computes and trains: the network with every layer that offers a cut in its place, and a loss over what that
/// gives. It has as many layers as the whole network, with the same names. How layers are chosen is rewrite.hpp.
#pragma once

#include <espalier/models/model.hpp>
#include <espalier/nn/cut_cross_entropy.hpp>
#include <espalier/nn/linear_slices.hpp>
#include <espalier/nn/lstm_units.hpp>
#include <espalier/nn/network.hpp>
#include <espalier/nn/token_embedding_slice.hpp>
#include <espalier/partition/tensor/rewrite.hpp>

#include <type_traits>

namespace espalier {

namespace detail {

template <class Network, class LossFunction, class Cut>
struct network_cut {
    using first = element_t<0, layers_of<Network>>;
    /// Whether a loss takes scores that are cut by classes.
    static constexpr bool loss_may_be_cut = requires { typename LossFunction::template cut<Cut, 1>; };

    using list    = rewrite_list<Cut, layers_of<Network>, first_shape<first>, stands::whole, within_what::network, loss_may_be_cut>;
    using network = rewritten<Network, typename list::type>;
    using misfit  = typename list::misfit;
    static constexpr bool cuts_loss = list::after == stands::sliced;
};

template <class LossFunction, class Cut, int Classes, bool CutsLoss>
struct loss_cut {
    using type = LossFunction;
};
template <class LossFunction, class Cut, int Classes>
struct loss_cut<LossFunction, Cut, Classes, true> {
    using type = typename LossFunction::template cut<Cut, Classes>;
};

template <class M, class Cut, bool IsCut = (Cut::value.slices > 1)>
struct model_cut {
    using type   = M;
    using misfit = void;
};
template <class M, class Cut>
struct model_cut<M, Cut, true> {
    using of     = network_cut<typename M::network_type, typename M::loss_type, Cut>;
    using loss   = typename loss_cut<typename M::loss_type, Cut, static_cast<int>(network<typename M::network_type>::output.features()), of::cuts_loss>::type;
    using type   = model<typename of::network, loss, typename M::optimizer_type, typename M::precision_type>;
    using misfit = typename of::misfit;
};

}  // namespace detail

/// What a rank trains of a model: the model itself, where nothing is cut.
/// @tparam Cut `cut_over<ranks, slices, cuts_steps>`
template <class M, class Cut>
using cut_model = typename detail::model_cut<M, Cut>::type;

/// Void, or the template whose assertion says why a model cannot be cut so.
template <class M, class Cut>
using tensor_misfit = typename detail::model_cut<M, Cut>::misfit;

}  // namespace espalier

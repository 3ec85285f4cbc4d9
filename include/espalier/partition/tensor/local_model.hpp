// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a partition says of its tensor axis, for who is handed any partition: how layers are cut, and the model that one rank trains then.
/// A partition that says nothing cuts no layer.
#pragma once

#include <espalier/nn/exchange.hpp>

namespace espalier {

namespace detail {
template <class P>
struct cut_by {
    using type = not_cut;
};
template <class P>
    requires requires { P::cut::value.slices; }
struct cut_by<P> {
    using type = typename P::cut;
};
template <class P, class M>
struct model_under {
    using type = M;
};
template <class P, class M>
    requires requires { typename P::template local_model<M>; }
struct model_under<P, M> {
    using type = typename P::template local_model<M>;
};
}  // namespace detail

/// How partition P cuts layers: `cut_over<ranks, slices, cuts_steps>`.
template <class P>
using tensor_cut_of = typename detail::cut_by<P>::type;

/// The model that each rank of partition P trains where M is asked for: M itself, or its piece of it.
template <class P, class M>
using local_model = typename detail::model_under<P, M>::type;

}  // namespace espalier

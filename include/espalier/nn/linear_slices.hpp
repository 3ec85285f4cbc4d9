// SPDX-License-Identifier: BSL-1.0
/// @file
/// The two ways to cut a fully connected layer across ranks: by its outputs, and by its inputs. Each is a layer for one slice; what is
/// exchanged around them is nn/cut_layer.hpp.
#pragma once

#include <espalier/core/placement.hpp>
#include <espalier/nn/linear.hpp>

namespace espalier {

/// Slice k of K of the outputs of `linear<Inputs, Outputs>`: rows of its weight, and of its bias.
/// @par Shapes    x (…,Inputs); weight (⌈Outputs/K⌉,Inputs); bias, y (…,⌈Outputs/K⌉); the last slices may have outputs that do not exist,
///                whose weights are zero
/// @par Source    Shoeybi et al. 2019 (Megatron-LM), section 3: column parallel, in the terms of xW
template <std::int64_t Inputs, std::int64_t Outputs, int K>
struct linear_columns : linear<Inputs, (Outputs + K - 1) / K> {
    using takes_placement = replicated;
    using gives_placement = espalier::sharded<dim::features>;

    [[nodiscard]] static constexpr parameter_list<2> parameters(shape in) noexcept {
        auto list        = linear<Inputs, (Outputs + K - 1) / K>::parameters(in);
        auto const whole = linear<Inputs, Outputs>::parameters(in);
        for (int i = 0; i < 2; ++i) list.item[i].cut = parameter_cut{.slices = K, .whole = whole.item[i].extents};
        return list;
    }
};

/// Slice k of K of the inputs of `linear<Inputs, Outputs>`: columns of its weight. It gives a summand; the bias, which every rank has, is
/// added after the sum.
/// @par Shapes    x (…,Inputs/K); weight (Outputs,Inputs/K); bias (Outputs); y (…,Outputs)
/// @par Source    as above: row parallel
template <std::int64_t Inputs, std::int64_t Outputs, int K>
struct linear_rows : linear<Inputs / K, Outputs> {
    using takes_placement = espalier::sharded<dim::features>;
    using gives_placement = partial;
    using products        = linear<Inputs / K, Outputs>;
    template <class T>
    using kernels = typename products::template kernels<T>;

    [[nodiscard]] static constexpr parameter_list<2> parameters(shape in) noexcept {
        auto list            = linear<Inputs, Outputs>::parameters(in);
        list.item[0].cut     = parameter_cut{.slices = K, .along = 1, .whole = list.item[0].extents};
        list.item[0].extents = dims(Outputs, Inputs / K);
        return list;
    }

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        products::multiply(p, k);
    }
    /// Adds the bias to the sum over all slices.
    template <class T>
    static void finish(forward_pass<T> const& p) {
        products::add_bias(p);
    }

    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        backward_weights(p, k);
        products::backward_input(p, k);
    }
    template <class T>
    static void backward_weights(backward_pass<T> const& p, kernels<T>& k) {
        products::multiply_back(p, k);
    }
    template <class T>
    static void finish_backward(backward_pass<T> const& p) {
        products::add_bias_gradient(p);
    }
};

}  // namespace espalier

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
struct linear_rows {
    using takes_placement = espalier::sharded<dim::features>;
    using gives_placement = partial;

    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in.rank >= 1 && in.features() == Inputs / K; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in.with_features(Outputs); }
    [[nodiscard]] static constexpr parameter_list<2> parameters(shape in) noexcept {
        auto list                = linear<Inputs, Outputs>::parameters(in);
        list.item[0].cut         = parameter_cut{.slices = K, .along = 1, .whole = list.item[0].extents};
        list.item[0].extents     = dims(Outputs, Inputs / K);
        return list;
    }

    template <class T>
    class kernels {
    public:
        kernels(shape in, std::int64_t batch, direction way)
            : forward_{{.m = in.rows() * batch, .n = Outputs, .k = Inputs / K, .transpose_b = true}} {
            if (way == direction::forward_only) return;
            std::int64_t const rows = in.rows() * batch;
            d_input_  = math::packed_product<T>{{.m = rows, .n = Inputs / K, .k = Outputs}};
            d_weight_ = math::product<T>{{.m = Outputs, .n = Inputs / K, .k = rows, .transpose_a = true, .accumulate = true}};
            trains_   = true;
        }
        void pack(layer_weights<T> const& w) {
            forward_.pack(w.weight(0));
            if (trains_) d_input_.pack(w.weight(0));
        }
        [[nodiscard]] std::size_t workspace_bytes() const {
            return forward_.workspace_bytes() + d_input_.workspace_bytes() + d_weight_.workspace_bytes();
        }

    private:
        friend linear_rows;
        math::packed_product<T> forward_;  // (R,I/K) (O,I/K)ᵀ -> (R,O)
        math::packed_product<T> d_input_;  // (R,O) (O,I/K)    -> (R,I/K)
        math::product<T> d_weight_;        // (R,O)ᵀ (R,I/K)   -> (O,I/K)
        bool trains_ = false;
    };

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        k.forward_(p.x, p.y);
    }
    /// Adds the bias to the sum over all slices.
    template <class T>
    static void finish(forward_pass<T> const& p) {
        math::add_bias_rows(p.in.rows() * p.batch, Outputs, p.weight(1), p.y);
    }

    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        backward_weights(p, k);
        backward_input(p, k);
    }
    template <class T>
    static void backward_input(backward_pass<T> const& p, kernels<T>& k) {
        if (p.dx != nullptr) k.d_input_(p.dy, p.dx);
    }
    template <class T>
    static void backward_weights(backward_pass<T> const& p, kernels<T>& k) {
        k.d_weight_(p.dy, p.x, p.gradient(0));
    }
    template <class T>
    static void finish_backward(backward_pass<T> const& p) {
        math::column_sums_add(p.in.rows() * p.batch, Outputs, p.dy, p.gradient(1));
    }
};

}  // namespace espalier

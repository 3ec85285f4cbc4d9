// SPDX-License-Identifier: BSL-1.0
/// @file
/// The six products of an LSTM layer, or of a slice of its units, built once for a number of steps and a batch. Where their operands lie
/// is the layer's business.
#pragma once

#include <espalier/math/product.hpp>
#include <espalier/nn/layer.hpp>

namespace espalier::detail {

/// The products around the cell. Weights are packed once a step; the two that sum over all steps and samples are plain.
/// @par Shapes    R = T·B rows; I inputs; H units; U of them are computed here, all unless a slice is
template <class T, int Inputs, int Units, int Own = Units>
class lstm_kernels {
public:
    lstm_kernels(shape in, std::int64_t batch, direction way)
        : input_{{.m = in.extent[0] * batch, .n = 4 * Own, .k = Inputs, .transpose_b = true}},
          recurrent_{{.m = batch, .n = 4 * Own, .k = Units, .transpose_b = true, .accumulate = true}} {
        if (way == direction::forward_only) return;
        std::int64_t const rows = in.extent[0] * batch;
        d_hidden_    = math::packed_product<T>{{.m = batch, .n = Units, .k = 4 * Own}};
        d_input_     = math::packed_product<T>{{.m = rows, .n = Inputs, .k = 4 * Own}};
        d_weight_ih_ = math::product<T>{{.m = 4 * Own, .n = Inputs, .k = rows, .transpose_a = true, .accumulate = true}};
        d_weight_hh_ = math::product<T>{{.m = 4 * Own, .n = Units, .k = rows - batch, .transpose_a = true, .accumulate = true}};
        trains_      = true;
    }

    void pack(layer_weights<T> const& w) {
        input_.pack(w.weight(0));
        recurrent_.pack(w.weight(1));
        if (!trains_) return;
        d_hidden_.pack(w.weight(1));
        d_input_.pack(w.weight(0));
    }
    [[nodiscard]] std::size_t workspace_bytes() const {
        return input_.workspace_bytes() + recurrent_.workspace_bytes() + d_hidden_.workspace_bytes() + d_input_.workspace_bytes() +
               d_weight_ih_.workspace_bytes() + d_weight_hh_.workspace_bytes();
    }

    void input(T const* x, T* gates) const { input_(x, gates); }                                   // (R,I) (4U,I)ᵀ -> (R,4U)
    void recurrent(T const* h, T* gates) const { recurrent_(h, gates); }                           // (B,H) (4U,H)ᵀ -> += (B,4U)
    void d_hidden(T const* d_gates, T* dh) const { d_hidden_(d_gates, dh); }                       // (B,4U) (4U,H) -> (B,H)
    void d_input(T const* d_gates, T* dx) const { d_input_(d_gates, dx); }                         // (R,4U) (4U,I) -> (R,I)
    void d_weight_ih(T const* d_gates, T const* x, T* dw) const { d_weight_ih_(d_gates, x, dw); }  // (R,4U)ᵀ (R,I) -> += (4U,I)
    void d_weight_hh(T const* d_gates, T const* h, T* dw) const { d_weight_hh_(d_gates, h, dw); }  // (R−B,4U)ᵀ (R−B,H) -> += (4U,H)

private:
    math::packed_product<T> input_, recurrent_, d_hidden_, d_input_;
    math::product<T> d_weight_ih_, d_weight_hh_;
    bool trains_ = false;
};

}  // namespace espalier::detail

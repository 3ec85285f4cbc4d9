// SPDX-License-Identifier: BSL-1.0
/// @file
/// The fully connected layer. It holds the formula and its products; activation functions are layers of their own.
#pragma once

#include <espalier/core/placement.hpp>
#include <espalier/math/elementwise.hpp>
#include <espalier/math/product.hpp>
#include <espalier/nn/layer.hpp>

namespace espalier {

template <std::int64_t Inputs, std::int64_t Outputs, int K>
struct linear_columns;
template <std::int64_t Inputs, std::int64_t Outputs, int K>
struct linear_rows;

/// y = x Wᵀ + b over the innermost dim.
/// @par Shapes    x (…,Inputs); weight (Outputs,Inputs); bias (Outputs); y (…,Outputs)
/// @par Numerics  initial values uniform in ±1/√Inputs
/// @par Source    torch.nn.Linear: layout, names and initial values
template <std::int64_t Inputs, std::int64_t Outputs>
struct linear {
    static_assert(Inputs > 0 && Outputs > 0,
                  "espalier: linear: requires at least one input and one output. Write linear<inputs, outputs>. See docs/policies/model.md.");

    /// Cut by outputs; after a layer that is cut by outputs, or by heads, cut by inputs.
    template <int K>
    using sharded = linear_columns<Inputs, Outputs, K>;
    template <int K>
    using sharded_inputs              = linear_rows<Inputs, Outputs, K>;
    static constexpr int units_to_cut = static_cast<int>(Outputs);

    [[nodiscard]] static constexpr shape input() noexcept { return dims(Inputs); }
    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in.rank >= 1 && in.features() == Inputs; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in.with_features(Outputs); }
    [[nodiscard]] static constexpr parameter_list<2> parameters(shape) noexcept {
        auto const start = initial_value::uniform(detail::inverse_root(Inputs));
        return {{{text{"weight"}, dims(Outputs, Inputs), start}, {text{"bias"}, dims(Outputs), start}}};
    }

    template <class T>
    class kernels {
    public:
        kernels(shape in, std::int64_t batch, direction way)
            : forward_{{.m = in.rows() * batch, .n = Outputs, .k = Inputs, .transpose_b = true}} {
            if (way == direction::forward_only) return;
            std::int64_t const rows = in.rows() * batch;
            d_input_  = math::packed_product<T>{{.m = rows, .n = Inputs, .k = Outputs}};
            d_weight_ = math::product<T>{{.m = Outputs, .n = Inputs, .k = rows, .transpose_a = true, .accumulate = true}};
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
        friend linear;
        math::packed_product<T> forward_;   // (R,I) (O,I)ᵀ -> (R,O)
        math::packed_product<T> d_input_;   // (R,O) (O,I)  -> (R,I)
        math::product<T> d_weight_;         // (R,O)ᵀ (R,I) -> (O,I)
        bool trains_ = false;
    };

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        multiply(p, k);
        add_bias(p);
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
        multiply_back(p, k);
        add_bias_gradient(p);
    }

protected:
    // The two terms, each for itself.
    template <class T>
    static void multiply(forward_pass<T> const& p, kernels<T>& k) {
        k.forward_(p.x, p.y);
    }
    template <class T>
    static void add_bias(forward_pass<T> const& p) {
        math::add_bias_rows(p.in.rows() * p.batch, Outputs, p.weight(1), p.y);
    }
    template <class T>
    static void multiply_back(backward_pass<T> const& p, kernels<T>& k) {
        k.d_weight_(p.dy, p.x, p.gradient(0));
    }
    template <class T>
    static void add_bias_gradient(backward_pass<T> const& p) {
        math::column_sums_add(p.in.rows() * p.batch, Outputs, p.dy, p.gradient(1));
    }
};

}  // namespace espalier

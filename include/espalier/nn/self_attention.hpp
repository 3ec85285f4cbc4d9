// SPDX-License-Identifier: BSL-1.0
/// @file
/// Multi-head self-attention as a layer: the products that make queries, keys and values, around math/attention.hpp.
/// The product after it ("output.dense") is a layer of its own.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/math/attention.hpp>
#include <espalier/nn/detail/attention_products.hpp>
#include <espalier/nn/layer.hpp>

namespace espalier {

/// Every step of a sequence looks at every step that counts: y = softmax(q kᵀ / √d) v in each head.
/// @tparam MaskColumn  the column of the network's own input that says which steps count (not 0) and which are padding (0); −1: all count
/// @par Shapes    x, y (T,Hidden); query, key, value .weight (Hidden,Hidden), .bias (Hidden); heads of d = Hidden / Heads features
/// @par Numerics  initial values as linear's; a sample without a step that counts gives zeros
/// @throws invalid_setting where the network's input has no such column, or other steps than x
/// @par Source    Vaswani 2017; names of BERT's encoder
template <std::int64_t Hidden, std::int64_t Heads, int MaskColumn = -1>
struct self_attention {
    static_assert(Hidden > 0 && Heads > 0 && Hidden % (Heads > 0 ? Heads : 1) == 0,
                  "espalier: self_attention: requires heads that divide the hidden features. Write self_attention<768, 12>. See docs/policies/model.md.");

    static constexpr bool reads_input = MaskColumn >= 0;

    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in.rank == 2 && in.features() == Hidden; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in; }
    /// The three weights lie one after the other, so that one product makes queries, keys and values.
    [[nodiscard]] static constexpr parameter_list<6> parameters(shape) noexcept {
        auto const start = initial_value::uniform(detail::inverse_root(Hidden));
        return {{{text{"query.weight"}, dims(Hidden, Hidden), start}, {text{"key.weight"}, dims(Hidden, Hidden), start},
                 {text{"value.weight"}, dims(Hidden, Hidden), start}, {text{"query.bias"}, dims(Hidden), start},
                 {text{"key.bias"}, dims(Hidden), start}, {text{"value.bias"}, dims(Hidden), start}}};
    }
    /// Queries, keys and values, which become their gradients; then the log-sums of the scores.
    [[nodiscard]] static constexpr std::int64_t keeps(shape in, std::int64_t batch) noexcept {
        return 3 * in.elements() * batch + extents(in, batch).log_sums();
    }
    [[nodiscard]] static constexpr std::int64_t scratch(shape in, std::int64_t batch) noexcept { return extents(in, batch).workspace(); }
    /// Multiply-adds a sample.
    [[nodiscard]] static constexpr std::int64_t cost(shape in) noexcept {
        return 3 * in.elements() * Hidden + 2 * in.extent[0] * in.extent[0] * Hidden;
    }

    template <class T>
    using kernels = detail::attention_products<T, Hidden>;

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        check_mask(p.in, p.input.of);
        T *const q = p.kept, *const log_sums = p.kept + 3 * p.in.elements() * p.batch;
        k.project(p, q);
        std::int64_t const part = k.part();
        math::attention_forward<T>(extents(p.in, p.batch), q, q + part, q + 2 * part, mask(p.input), p.y, log_sums, p.scratch);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        backward_input(p, k);
        backward_weights(p, k);
    }
    template <class T>
    static void backward_input(backward_pass<T> const& p, kernels<T>& k) {
        T *const q = p.kept, *const log_sums = p.kept + 3 * p.in.elements() * p.batch;
        std::int64_t const part = k.part();
        math::attention_backward<T>(extents(p.in, p.batch), q, q + part, q + 2 * part, mask(p.input), p.y, p.dy, log_sums, p.scratch);
        if (p.dx != nullptr) k.d_input(q, p.dx);
    }
    template <class T>
    static void backward_weights(backward_pass<T> const& p, kernels<T>& k) {
        k.d_weights(p, p.kept);
    }

private:
    [[nodiscard]] static constexpr math::attention_extents extents(shape in, std::int64_t batch) noexcept {
        return {in.extent[0], batch, Heads, Hidden / Heads, detail::attention_row<Hidden>};
    }
    /// The mask's column is looked up in an input that this layer's own type says nothing about.
    static void check_mask(shape in, shape input) {
        if constexpr (MaskColumn >= 0)
            if (input.rank != 2 || input.extent[0] != in.extent[0] || input.extent[1] <= MaskColumn)
                throw invalid_setting{{"self_attention", joined("a network's input of ", in.extent[0], " steps with a column ", MaskColumn, " as mask"),
                                       joined(input.rank == 2 ? input.extent[0] : 0, " steps of ", input.features(), " columns"),
                                       "Take another column, or none (-1)", "policies/model.md"}};
    }
    template <class T>
    [[nodiscard]] static math::attention_mask<T> mask(network_input<T> const& input) noexcept {
        if constexpr (MaskColumn < 0) return {};
        else return {input.data + MaskColumn, input.of.features()};
    }
};

}  // namespace espalier

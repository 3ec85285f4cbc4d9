// SPDX-License-Identifier: BSL-1.0
/// @file
/// Multi-head self-attention as a layer: the products that make queries, keys and values, around math/attention.hpp.
/// The product after it ("output.dense") is a layer of its own.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/core/placement.hpp>
#include <espalier/math/attention.hpp>
#include <espalier/nn/detail/attention_products.hpp>
#include <espalier/nn/layer.hpp>

namespace espalier {

namespace detail {

/// Attention of some heads, of `Width` features together.
template <std::int64_t Hidden, std::int64_t Width, std::int64_t Heads, int MaskColumn>
struct attention_of_heads {
    static constexpr bool reads_input = MaskColumn >= 0;

    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in.rank == 2 && in.features() == Hidden; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in.with_features(Width); }
    /// The three weights lie one after the other, so that one product makes queries, keys and values.
    [[nodiscard]] static constexpr parameter_list<6> parameters(shape) noexcept {
        auto const start = initial_value::uniform(inverse_root(Hidden));
        return {{{text{"query.weight"}, dims(Width, Hidden), start}, {text{"key.weight"}, dims(Width, Hidden), start},
                 {text{"value.weight"}, dims(Width, Hidden), start}, {text{"query.bias"}, dims(Width), start},
                 {text{"key.bias"}, dims(Width), start}, {text{"value.bias"}, dims(Width), start}}};
    }
    /// Queries, keys and values, which become their gradients; then the log-sums of the scores.
    [[nodiscard]] static constexpr std::int64_t keeps(shape in, std::int64_t batch) noexcept {
        return 3 * in.rows() * batch * Width + extents(in, batch).log_sums();
    }
    [[nodiscard]] static constexpr std::int64_t scratch(shape in, std::int64_t batch) noexcept { return extents(in, batch).workspace(); }
    /// Multiply-adds a sample.
    [[nodiscard]] static constexpr std::int64_t cost(shape in) noexcept {
        return 3 * in.elements() * Width + 2 * in.extent[0] * in.extent[0] * Width;
    }

    template <class T>
    using kernels = attention_products<T, Hidden, Width>;

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        check_mask(p.in, p.input.of);
        T *const q = p.kept, *const log_sums = p.kept + 3 * p.in.rows() * p.batch * Width;
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
        T *const q = p.kept, *const log_sums = p.kept + 3 * p.in.rows() * p.batch * Width;
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
        return {in.extent[0], batch, Heads, Width / Heads, attention_row<Hidden, Width>};
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

}  // namespace detail

template <std::int64_t Hidden, std::int64_t Heads, int MaskColumn, int K>
struct self_attention_slice;

/// Every step of a sequence looks at every step that counts: y = softmax(q kᵀ / √d) v in each head.
/// @tparam MaskColumn  the column of the network's own input that says which steps count (not 0) and which are padding (0); −1: all count
/// @par Shapes    x, y (T,Hidden); query, key, value .weight (Hidden,Hidden), .bias (Hidden); heads of d = Hidden / Heads features
/// @par Numerics  initial values as linear's; a sample without a step that counts gives zeros
/// @throws invalid_setting where the network's input has no such column, or other steps than x
/// @par Source    Vaswani 2017; names of BERT's encoder
template <std::int64_t Hidden, std::int64_t Heads, int MaskColumn = -1>
struct self_attention : detail::attention_of_heads<Hidden, Hidden, (Heads > 0 ? Heads : 1), MaskColumn> {
    static_assert(Hidden > 0 && Heads > 0 && Hidden % (Heads > 0 ? Heads : 1) == 0,
                  "espalier: self_attention: requires heads that divide the hidden features. Write self_attention<768, 12>. See docs/policies/model.md.");

    /// One of K parts of the heads.
    template <int K>
    using sharded                     = self_attention_slice<Hidden, Heads, MaskColumn, K>;
    static constexpr int units_to_cut = Heads;
};

/// Slice k of K of the heads: it reads all features and gives those of its heads.
/// @par Shapes    x (T,Hidden); y (T,Hidden/K); query, key, value .weight (Hidden/K,Hidden), .bias (Hidden/K)
/// @par Source    Shoeybi et al. 2019 (Megatron-LM), section 3
template <std::int64_t Hidden, std::int64_t Heads, int MaskColumn, int K>
struct self_attention_slice : detail::attention_of_heads<Hidden, Hidden / K, Heads / K, MaskColumn> {
    using takes_placement = replicated;
    using gives_placement = sharded<dim::features>;

    [[nodiscard]] static constexpr parameter_list<6> parameters(shape in) noexcept {
        auto list        = detail::attention_of_heads<Hidden, Hidden / K, Heads / K, MaskColumn>::parameters(in);
        auto const whole = self_attention<Hidden, Heads, MaskColumn>::parameters(in);
        for (int i = 0; i < 6; ++i) list.item[i].cut = parameter_cut{.slices = K, .whole = whole.item[i].extents};
        return list;
    }
};

}  // namespace espalier

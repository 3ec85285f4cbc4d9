// SPDX-License-Identifier: BSL-1.0
/// @file
/// The embedding of tokens cut across ranks by its vocabulary: a layer for one slice, which gives a summand. What is exchanged around it
/// is not here.
#pragma once

#include <espalier/core/placement.hpp>
#include <espalier/nn/token_embedding.hpp>

#include <algorithm>

namespace espalier {

/// Slice k of K of `token_embedding`'s words: y is the word's row where this slice has it, else zeros, and the sum over all slices is the
/// lookup, to the bit. Segments and positions, which every rank has, are added after it. Every slice checks every id, so all fail alike.
/// @par Shapes    x (T,3); word_embeddings (⌈Vocabulary/K⌉,H): the words from k·⌈Vocabulary/K⌉ on, and the last slices may have rows of
///                words that do not exist, which stay zero; token_type_embeddings (Segments,H); position_embeddings (T,H); y (T,H)
/// @throws bad_index as `token_embedding` does
/// @par Source    Shoeybi et al. 2019 (Megatron-LM), section 3
template <int Vocabulary, int Steps, int Hidden, int Segments, int K>
struct token_embedding_slice {
    using takes_placement = replicated;
    using gives_placement = partial;
    using whole           = token_embedding<Vocabulary, Steps, Hidden, Segments>;
    static constexpr std::int64_t words = (std::int64_t{Vocabulary} + K - 1) / K;  ///< rows of a slice

    [[nodiscard]] static constexpr shape input() noexcept { return whole::input(); }
    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return whole::takes(in); }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return whole::gives(in); }
    [[nodiscard]] static constexpr parameter_list<3> parameters(shape in) noexcept {
        auto list            = whole::parameters(in);
        list.item[0].cut     = parameter_cut{.slices = K, .whole = list.item[0].extents};
        list.item[0].extents = dims(words, Hidden);
        return list;
    }
    /// Keys to sort by.
    [[nodiscard]] static constexpr std::int64_t scratch(shape in, std::int64_t batch) noexcept { return math::key_workspace(in.rows() * batch); }
    [[nodiscard]] static constexpr std::int64_t finish_scratch(shape in, std::int64_t batch) noexcept { return scratch(in, batch); }
    [[nodiscard]] static constexpr std::int64_t cost(shape in) noexcept { return whole::cost(in); }

    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        for (std::int64_t r = 0; r < p.in.rows() * p.batch; ++r) {
            std::int64_t const row = row_here(p.at, detail::token_at<Vocabulary, Segments>(p, r).id);
            T* const y             = p.y + r * Hidden;
            if (row < 0) std::fill_n(y, Hidden, T{0});
            else std::copy_n(p.weight(0) + row * Hidden, Hidden, y);
        }
    }
    /// Adds to the sum over all slices each step's segment, which forward has checked, and position.
    template <class T>
    static void finish(forward_pass<T> const& p) {
        for (std::int64_t r = 0; r < p.in.rows() * p.batch; ++r)
            math::add_bias_rows<T>(1, Hidden, p.weight(1) + static_cast<std::int64_t>(p.x[3 * r + 1]) * Hidden, p.y + r * Hidden);
        math::add_positions<T>(p.in.rows(), p.batch, Hidden, p.weight(2) + p.at.first_row * Hidden, p.y);
    }

    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels k) {
        backward_input(p, k);
        backward_weights(p, k);
    }
    /// There is no gradient with respect to ids: zeros.
    template <class T>
    static void backward_input(backward_pass<T> const& p, no_kernels) {
        if (p.dx != nullptr) std::fill_n(p.dx, p.in.elements() * p.batch, T{0});
    }
    template <class T>
    static void backward_weights(backward_pass<T> const& p, no_kernels) {
        math::add_rows_by_key<T>(p.in.rows() * p.batch, Hidden, [&p](std::int64_t r) { return row_here(p.at, static_cast<std::int64_t>(p.x[3 * r])); },
                                 p.dy, p.gradient(0), p.scratch);
    }
    template <class T>
    static void finish_backward(backward_pass<T> const& p) {
        math::add_rows_by_key<T>(p.in.rows() * p.batch, Hidden, [x = p.x + 1](std::int64_t r) { return x[3 * r]; }, p.dy, p.gradient(1), p.scratch);
        math::positions_backward<T>(p.in.rows(), p.batch, Hidden, p.dy, p.gradient(2) + p.at.first_row * Hidden);
    }

private:
    /// Which of a slice's rows is a word's; −1 where another slice has it.
    [[nodiscard]] static std::int64_t row_here(cut_place at, std::int64_t id) noexcept {
        std::int64_t const row = id - at.slice * words;
        return row >= 0 && row < words ? row : -1;
    }
};

}  // namespace espalier

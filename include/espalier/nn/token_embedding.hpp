// SPDX-License-Identifier: BSL-1.0
/// @file
/// From tokens to vectors: the sum of a word's, a segment's and a position's embedding. Its cut by vocabulary is
/// nn/token_embedding_slice.hpp; sequences of real values have nn/value_embedding.hpp.
#pragma once

#include <espalier/math/embedding.hpp>
#include <espalier/math/rows_by_key.hpp>
#include <espalier/nn/errors.hpp>
#include <espalier/nn/layer.hpp>

#include <algorithm>

namespace espalier {

namespace detail {

/// What a step's row of three scalars asks for.
struct looked_up {
    std::int64_t id, segment;
};
/// @throws bad_index where one of them is out of its range or no whole number
template <int Vocabulary, int Segments, class T>
[[nodiscard]] looked_up token_at(forward_pass<T> const& p, std::int64_t row) {
    T const* const x = p.x + 3 * row;
    looked_up const found{index_below(Vocabulary, x[0]), index_below(Segments, x[1])};
    auto const reject = [&](char const* what, std::int64_t count, T value, char const* fix) {
        reject_index("token_embedding", what, count, static_cast<double>(value), row_in_batch(row, p.batch), fix);
    };
    if (found.id < 0) reject("token ids", Vocabulary, x[0], "Check the tokens, or take the tokenizer's vocabulary");
    if (found.segment < 0) reject("segments", Segments, x[1], "Check the second of a step's three numbers");
    return found;
}

}  // namespace detail

template <int Vocabulary, int Steps, int Hidden, int Segments, int K>
struct token_embedding_slice;

/// y[t] = word[id[t]] + segment[s[t]] + position[t].
/// A step is three scalars: token id, segment, mask (1 a token, 0 padding); whole numbers are exact in float up to 2²⁴. The mask is not
/// used here: attention reads it from the network's input.
/// @par Shapes    x (T,3); word_embeddings (Vocabulary,H), token_type_embeddings (Segments,H), position_embeddings (T,H); y (T,H)
/// @par Numerics  initial values normal with deviation 0.02, as BERT's
/// @throws bad_index where an id or a segment is out of its range or no whole number; padding must have valid ones too
/// @par Source    Devlin 2018
template <int Vocabulary, int Steps, int Hidden, int Segments = 2>
struct token_embedding {
    static_assert(Vocabulary > 0 && Steps > 0 && Hidden > 0 && Segments > 0,
                  "espalier: token_embedding: requires a vocabulary, steps, hidden features and segments above 0. Set them all. See docs/policies/model.md.");
    static_assert(Vocabulary <= 1 << 24,
                  "espalier: token_embedding: requires a vocabulary of at most 2^24 tokens, which are exact in float. See docs/policies/model.md.");

    /// Cut by the vocabulary, which K need not divide.
    template <int K>
    using sharded = token_embedding_slice<Vocabulary, Steps, Hidden, Segments, K>;

    [[nodiscard]] static constexpr shape input() noexcept { return dims(Steps, 3); }
    [[nodiscard]] static constexpr bool takes(shape in) noexcept { return in == dims(Steps, 3); }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in.with_features(Hidden); }
    [[nodiscard]] static constexpr parameter_list<3> parameters(shape) noexcept {
        auto const start = initial_value::normal(0.02);
        return {{{text{"word_embeddings.weight"}, dims(Vocabulary, Hidden), start},
                 {text{"token_type_embeddings.weight"}, dims(Segments, Hidden), start},
                 {text{"position_embeddings.weight"}, dims(Steps, Hidden), start}}};
    }
    /// Keys to sort by.
    [[nodiscard]] static constexpr std::int64_t scratch(shape, std::int64_t batch) noexcept { return math::key_workspace(Steps * batch); }
    /// Multiply-adds a sample: two additions a number, whatever the vocabulary.
    [[nodiscard]] static constexpr std::int64_t cost(shape) noexcept { return std::int64_t{2} * Steps * Hidden; }

    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        for (std::int64_t r = 0; r < Steps * p.batch; ++r) {
            auto const [id, segment] = detail::token_at<Vocabulary, Segments>(p, r);
            math::add_rows<T>(Hidden, p.weight(0) + id * Hidden, p.weight(1) + segment * Hidden, p.y + r * Hidden);
        }
        math::add_positions<T>(Steps, p.batch, Hidden, p.weight(2), p.y);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels k) {
        backward_input(p, k);
        backward_weights(p, k);
    }
    /// There is no gradient with respect to ids: zeros.
    template <class T>
    static void backward_input(backward_pass<T> const& p, no_kernels) {
        if (p.dx != nullptr) std::fill_n(p.dx, Steps * 3 * p.batch, T{0});
    }
    template <class T>
    static void backward_weights(backward_pass<T> const& p, no_kernels) {
        for (int table = 0; table < 2; ++table)
            math::add_rows_by_key<T>(Steps * p.batch, Hidden, [x = p.x + table](std::int64_t r) { return x[3 * r]; }, p.dy, p.gradient(table), p.scratch);
        math::positions_backward<T>(Steps, p.batch, Hidden, p.dy, p.gradient(2));
    }
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// BERT: the encoder over tokens or over real values, and networks with the usual heads. Weights have BERT's usual names.
#pragma once

#include <espalier/nn/activation.hpp>
#include <espalier/nn/dropout.hpp>
#include <espalier/nn/first_step.hpp>
#include <espalier/nn/layer_norm.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/recompute.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/nn/self_attention.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/nn/token_embedding.hpp>
#include <espalier/nn/value_embedding.hpp>

#include <type_traits>

namespace espalier {

/// The extents of a BERT. BERT-base is `{.vocabulary = 30522, .steps = 512, .hidden = 768, .layers = 12, .heads = 12, .classes = 2}`.
struct bert_shape {
    int vocabulary  = 0;   ///< tokens that there are: of networks over tokens
    int features    = 0;   ///< numbers a step: of networks over real values
    int steps       = 0;
    int hidden      = 0;
    int layers      = 0;
    int heads       = 0;
    int inner       = 0;   ///< features between the two products of a layer; 0: four times hidden
    int classes     = 1;   ///< outputs of the head
    int segments    = 2;
    int mask_column = -1;  ///< of real values: the feature that says which steps count (not 0); −1: all do. It is an input as well
    float dropout   = 0;   ///< after the embeddings, after each half of a layer, and before the head
    bool recompute  = false;  ///< keeps the output of each layer alone, and runs the layer again on the way back; the same bits
};

namespace detail {

/// The parts of a BERT as types. The same numbers give the same types, so that equal layers are compiled once.
template <int Hidden, int Heads, int Inner, int MaskColumn, probability Dropout, bool Recompute>
struct bert_parts {
    using drop      = std::conditional_t<(Dropout.value > 0), dropout<Dropout>, sequence<>>;
    using attention = residual<named<text{"attention.self"}, self_attention<Hidden, Heads, MaskColumn>>,
                               named<text{"attention.output.dense"}, linear<Hidden, Hidden>>, drop>;
    using inner     = residual<named<text{"intermediate.dense"}, linear<Hidden, Inner>>, gelu, named<text{"output.dense"}, linear<Inner, Hidden>>, drop>;
    template <template <class...> class As>
    using layer_as = As<named<text{""}, attention>, named<text{"attention.output.LayerNorm"}, layer_norm<Hidden>>, named<text{""}, inner>,
                        named<text{"output.LayerNorm"}, layer_norm<Hidden>>>;
    /// Post-norm; four elements, between which a pipeline may cut, or one where they are recomputed.
    using layer = typename std::conditional_t<Recompute, layer_as<recompute>, layer_as<sequence>>;

    template <class Embedding>
    using embeddings = sequence<named<text{""}, Embedding>, named<text{"LayerNorm"}, layer_norm<Hidden>>, drop>;
    template <class Embedding, int Layers>
    using encoder = sequence<named<text{"embeddings"}, embeddings<Embedding>>, named<text{"encoder.layer"}, repeat<Layers, layer>>>;
    using pooler  = sequence<first_step, named<text{"dense"}, linear<Hidden, Hidden>>, tanh_activation>;

    /// The first step's vector, through a head.
    template <class Embedding, int Layers, int Outputs>
    using pooled = sequence<named<text{"bert"}, sequence<named<text{""}, encoder<Embedding, Layers>>, named<text{"pooler"}, pooler>>>, drop,
                            named<text{"classifier"}, linear<Hidden, Outputs>>>;
};

template <bert_shape S>
using bert_parts_of = bert_parts<S.hidden, S.heads, (S.inner > 0 ? S.inner : 4 * S.hidden), (S.vocabulary > 0 ? 2 : S.mask_column), probability{S.dropout}, S.recompute>;
template <bert_shape S>
using bert_tokens = token_embedding<S.vocabulary, S.steps, S.hidden, S.segments>;
template <bert_shape S>
using bert_encoder_over_tokens = named<text{"bert"}, typename bert_parts_of<S>::template encoder<bert_tokens<S>, S.layers>>;

}  // namespace detail

/// Scores for the classes of a sequence of tokens, from the pooled first step; with `cross_entropy`.
/// @par Shapes    x (T,3): token id, segment, mask (1 a token, 0 padding); y (classes)
/// @par Source    Devlin 2018; names as BertForSequenceClassification
template <bert_shape Shape>
using bert_classifier = typename detail::bert_parts_of<Shape>::template pooled<detail::bert_tokens<Shape>, Shape.layers, Shape.classes>;

/// Values for a sequence of real values, from the pooled first step; with `mean_squared_error`.
/// A dense layer takes the place of the tables of words and segments.
/// @par Shapes    x (T,features); y (classes)
template <bert_shape Shape>
using bert_regressor =
    typename detail::bert_parts_of<Shape>::template pooled<value_embedding<Shape.steps, Shape.features, Shape.hidden>, Shape.layers, Shape.classes>;

/// Scores for the classes of every token; with `cross_entropy`, whose targets below 0 are left out.
/// @par Shapes    x (T,3); y (T,classes)
/// @par Source    Devlin 2018; names as BertForTokenClassification
template <bert_shape Shape>
using bert_token_classifier =
    sequence<detail::bert_encoder_over_tokens<Shape>, typename detail::bert_parts_of<Shape>::drop, named<text{"classifier"}, linear<Shape.hidden, Shape.classes>>>;

/// Two scores of every token, as the first and as the last of a span; with `span_cross_entropy`.
/// @par Shapes    x (T,3); y (T,2)
/// @par Source    Devlin 2018; names as BertForQuestionAnswering
template <bert_shape Shape>
using bert_span_finder = sequence<detail::bert_encoder_over_tokens<Shape>, named<text{"qa_outputs"}, linear<Shape.hidden, 2>>>;

}  // namespace espalier

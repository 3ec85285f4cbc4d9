// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/partition/tensor/cut_layers_of.hpp"

#include <type_traits>

using namespace espalier;
using namespace espalier_test;

namespace {

using two      = cut_over<2, 4, false>;
using by_steps = cut_over<2, 4, true>;

template <class A, class B>
constexpr bool same = std::is_same_v<A, B>;

constexpr bert_shape small{.vocabulary = 11, .steps = 8, .hidden = 8, .layers = 1, .heads = 4, .inner = 16, .classes = 3};
constexpr bert_shape again{.vocabulary = 11, .steps = 8, .hidden = 8, .layers = 1, .heads = 4, .inner = 16, .classes = 3, .recompute = true};
constexpr bert_shape dropping{.vocabulary = 11, .steps = 8, .hidden = 8, .layers = 1, .heads = 4, .inner = 16, .classes = 3, .dropout = 0.1f};

/// The parts of `small` in the place of its layers.
template <class Cut, entry In = entry::whole, exit_of_slices Out = exit_of_slices::sum>
struct parts {
    using words       = cut_layer<token_embedding_slice<11, 8, 8, 2, 4>, Cut, entry::whole, Out>;
    using norm        = row_blocks<layer_norm<8>, Cut>;
    using heads       = cut_layer<self_attention_slice<8, 4, 2, 4>, Cut, In, exit_of_slices::sliced>;
    using around      = sequence<named<text{"attention.self"}, self_attention<8, 4, 2>>, named<text{"attention.output.dense"}, linear<8, 8>>, sequence<>>;
    using around_wide = sequence<named<text{"intermediate.dense"}, linear<8, 16>>, gelu, named<text{"output.dense"}, linear<16, 8>>, sequence<>>;
    using attention   = typename with_layers<residual, around, heads, rows<8, 8, Cut, Out>>::type;
    using inner       = typename with_layers<residual, around_wide, columns<8, 16, Cut, In>, gelu, rows<16, 8, Cut, Out>>::type;
};

/// A user's own layer, which offers nothing.
struct own : relu {
    static constexpr bool is_elementwise = false;
};

}  // namespace

TEST_CASE("in a BERT words, heads, pairs of products and the head are cut, and rows between them computed in blocks") {
    using p = parts<two>;
    STATIC_REQUIRE(same<pieces_of<bert_classifier<small>, two>,
                        type_list<p::words, p::norm, p::attention, p::norm, p::inner, p::norm, first_step, columns<8, 8, two>, tanh_activation, rows<8, 3, two>>>);
}

TEST_CASE("under sequence parallelism a BERT's sums give each rank its steps, and cut layers gather them") {
    using p = parts<by_steps, entry::steps, exit_of_slices::sum_to_steps>;
    STATIC_REQUIRE(same<pieces_of<bert_classifier<small>, by_steps>, type_list<p::words, p::norm, p::attention, p::norm, p::inner, p::norm, over_all_steps<first_step, 2>,
                                                                                columns<8, 8, by_steps>, tanh_activation, rows<8, 3, by_steps>>>);
}

TEST_CASE("a recomputed layer of a BERT is cut inside") {
    using p       = parts<by_steps, entry::steps, exit_of_slices::sum_to_steps>;
    using piece   = pieces_of<bert_classifier<again>, by_steps>;
    using block   = element_t<2, layers_of<bert_classifier<again>>>;
    using inside  = detail::inside<block>::layers;
    STATIC_REQUIRE(piece::size == 7);
    STATIC_REQUIRE(same<detail::inside<block>::with<type_list<p::attention, p::norm, p::inner, p::norm>>, element_t<2, piece>>);
    STATIC_REQUIRE(inside::size == 4);
}

TEST_CASE("dropout behind a sum works in blocks of rows, and between two cut layers as it finds the value") {
    using piece    = pieces_of<bert_classifier<dropping>, by_steps>;
    using drop     = dropout<probability{0.1f}>;
    using original = element_t<3, layers_of<bert_classifier<dropping>>>;  // behind the embedding, its norm and its dropout
    STATIC_REQUIRE(same<element_t<2, piece>, row_blocks<drop, by_steps>>);
    STATIC_REQUIRE(detail::is_residual<original>);
    using list = layers_of<element_t<3, piece>::inner::layers>;
    (void)sizeof(list*);
    STATIC_REQUIRE(same<element_t<2, element_t<3, piece>::inner::layers>, row_blocks<drop, by_steps>>);
}

TEST_CASE("values are embedded block by block, each rank its steps of an input that is whole") {
    constexpr bert_shape values{.features = 3, .steps = 8, .hidden = 8, .layers = 1, .heads = 4};
    using embedding = value_embedding<8, 3, 8>;
    STATIC_REQUIRE(same<element_t<0, pieces_of<bert_regressor<values>, by_steps>>, row_blocks<embedding, by_steps, true>>);
    STATIC_REQUIRE(same<element_t<0, pieces_of<bert_regressor<values>, two>>, row_blocks<embedding, two, true>>);
}

TEST_CASE("scores go to the loss cut where there are as many as inputs, or more, and are whole otherwise") {
    constexpr auto scores_of = [](int classes) {
        return bert_shape{.vocabulary = 11, .steps = 8, .hidden = 8, .layers = 1, .heads = 4, .classes = classes};
    };
    using wide   = bert_token_classifier<scores_of(11)>;
    using equal  = bert_token_classifier<scores_of(8)>;
    using narrow = bert_token_classifier<scores_of(7)>;
    STATIC_REQUIRE(same<element_t<6, pieces_of<wide, two, cross_entropy>>, columns<8, 11, two>>);
    STATIC_REQUIRE(same<element_t<6, pieces_of<wide, by_steps, cross_entropy>>, columns<8, 11, by_steps, entry::steps>>);
    STATIC_REQUIRE(same<element_t<6, pieces_of<equal, two, cross_entropy>>, columns<8, 8, two>>);
    STATIC_REQUIRE(same<element_t<6, pieces_of<narrow, two, cross_entropy>>, linear<8, 7>>);
    STATIC_REQUIRE(same<element_t<6, pieces_of<narrow, by_steps, cross_entropy>>, over_all_steps<linear<8, 7>, 2>>);
    STATIC_REQUIRE(same<piece_model<wide, two, cross_entropy>::loss_type, cut_cross_entropy<two, 11>>);
    STATIC_REQUIRE(same<piece_model<narrow, two, cross_entropy>::loss_type, cross_entropy>);
    // A loss that takes no cut scores gets whole ones.
    STATIC_REQUIRE(same<element_t<6, pieces_of<wide, two>>, linear<8, 11>>);
    STATIC_REQUIRE(same<piece_model<wide, two>::loss_type, mean_squared_error>);
}

TEST_CASE("products of a network on vectors are cut in pairs, across what works element by element") {
    using net = sequence<linear<6, 8>, relu, tanh_activation, linear<8, 4>, relu, linear<4, 1>>;
    STATIC_REQUIRE(same<pieces_of<net, two>, type_list<columns<6, 8, two>, relu, tanh_activation, rows<8, 4, two>, relu, linear<4, 1>>>);
    STATIC_REQUIRE(same<pieces_of<net, by_steps>, type_list<columns<6, 8, by_steps>, relu, tanh_activation, rows<8, 4, by_steps>, relu, linear<4, 1>>>);
}

TEST_CASE("a product without a partner stays whole") {
    STATIC_REQUIRE(same<pieces_of<linear<6, 8>, two>, type_list<linear<6, 8>>>);
    STATIC_REQUIRE(same<pieces_of<sequence<linear<6, 8>, dropout<probability{0.1f}>, linear<8, 4>>, two>,
                        type_list<linear<6, 8>, dropout<probability{0.1f}>, linear<8, 4>>>);  // dropout counts elements of whole rows
}

TEST_CASE("a layer that is to stay whole does, also in its pair, and also a user's own that offers no cut") {
    using kept = sequence<linear<6, 8>, relu, uncut<linear<8, 4>>>;
    STATIC_REQUIRE(same<pieces_of<kept, two>, type_list<linear<6, 8>, relu, uncut<linear<8, 4>>>>);
    using mixed = sequence<linear<6, 8>, own, linear<8, 4>, relu, linear<4, 4>>;
    STATIC_REQUIRE(same<pieces_of<mixed, two>, type_list<linear<6, 8>, own, columns<8, 4, two>, relu, rows<4, 4, two>>>);
    using block = residual<linear<6, 8>, relu, linear<8, 6>>;
    STATIC_REQUIRE(same<pieces_of<sequence<linear<2, 6>, uncut<block>>, two>, type_list<linear<2, 6>, uncut<block>>>);
}

TEST_CASE("an LSTM's layers exchange by themselves, and what follows them finds whole values") {
    using net = sequence<lstm<lstm_shape{.steps = 5, .inputs = 3, .units = 8, .layers = 2}>, last_step, linear<8, 1>>;
    STATIC_REQUIRE(same<pieces_of<net, two>, type_list<lstm_units<5, 3, 8, two>, lstm_units<5, 8, 8, two>, last_step, linear<8, 1>>>);
    STATIC_REQUIRE(same<pieces_of<sequence<uncut<lstm_layer<5, 3, 8>>, last_step, linear<8, 1>>, two>, type_list<uncut<lstm_layer<5, 3, 8>>, last_step, linear<8, 1>>>);
}

TEST_CASE("attention whose features nobody takes cut gives all of them on every rank") {
    using net = sequence<value_embedding<8, 3, 8>, self_attention<8, 4>, first_step, linear<8, 1>>;
    using all = cut_layer<self_attention_slice<8, 4, -1, 4>, by_steps, entry::whole, exit_of_slices::joined>;
    STATIC_REQUIRE(same<pieces_of<net, by_steps>, type_list<value_embedding<8, 3, 8>, all, first_step, linear<8, 1>>>);
}

TEST_CASE("a network that ends with steps gives all of them") {
    using net = sequence<token_embedding<11, 8, 8, 2>, layer_norm<8>>;
    using p   = parts<by_steps, entry::steps, exit_of_slices::sum_to_steps>;
    STATIC_REQUIRE(same<pieces_of<net, by_steps>, type_list<p::words, then_all_steps<p::norm, 2>>>);
    STATIC_REQUIRE(same<pieces_of<net, two>, type_list<parts<two>::words, parts<two>::norm>>);
}

TEST_CASE("a composition whose end would stand otherwise than its beginning is computed whole") {
    using net = sequence<token_embedding<11, 8, 8, 2>, layer_norm<8>, residual<linear<8, 8>, relu>, layer_norm<8>>;
    STATIC_REQUIRE(same<element_t<2, pieces_of<net, by_steps>>, over_all_steps<residual<linear<8, 8>, relu>, 2>>);
}

TEST_CASE("one slice cuts nothing: the model is the model") {
    using m = model<linear<6, 8>, mean_squared_error, adamw>;
    STATIC_REQUIRE(same<cut_model<m, not_cut>, m>);
    STATIC_REQUIRE(std::is_void_v<tensor_misfit<m, not_cut>>);
}

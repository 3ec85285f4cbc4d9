// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/partition/tensor/cut_layers_of.hpp"

#include <type_traits>

using namespace espalier;
using namespace espalier_test;

namespace {

using two      = cut_over<2, 2, false>;
using four     = cut_over<2, 4, false>;
using by_steps = cut_over<2, 4, true>;

template <class A, class B>
constexpr bool same = std::is_same_v<A, B>;
template <class Network, class Cut, class Loss = mean_squared_error>
constexpr bool fits = std::is_void_v<misfit_of<Network, Cut, Loss>>;

/// The steps of a misfit, whatever type has the shape.
template <class M>
constexpr int steps_of = 0;
template <class In, int Steps, int Slices>
constexpr int steps_of<detail::steps_divide<In, Steps, Slices>> = Steps;

constexpr bert_shape of_steps(int steps) { return {.vocabulary = 11, .steps = steps, .hidden = 8, .layers = 1, .heads = 4, .inner = 16, .classes = 3}; }

/// A layer whose slices say nothing of placements, or half of it.
struct silent : linear<6, 8> {
    template <int K>
    struct sharded : linear<6, 8 / K> {};
};
struct half_silent : linear<6, 8> {
    template <int K>
    struct sharded : linear<6, 8 / K> {
        using takes_placement = replicated;
    };
};
/// One whose pair of a slice does not say.
struct silent_rows : linear<8, 3> {
    template <int K>
    struct sharded_inputs : linear<8 / K, 3> {};
};
/// One that gives what no exchange is known for, and one that takes the wrong thing.
struct giving_all : linear<6, 8> {
    template <int K>
    struct sharded : linear<6, 8> {
        using takes_placement = replicated;
        using gives_placement = replicated;
    };
};
struct taking_part : linear<6, 8> {
    template <int K>
    struct sharded : linear<6, 8> {
        using takes_placement = partial;
        using gives_placement = partial;
    };
};
/// Layers that exchange by themselves: one that gives what every rank has, and one that forgot its sum.
struct careful : linear<6, 6> {
    template <class Cut>
    struct sharded_over : linear<6, 6> {};
};
struct forgetful : linear<6, 6> {
    template <class Cut>
    struct sharded_over : linear<6, 6> {
        using gives_placement = partial;
    };
};
/// Slices of anything, which give summands.
struct in_five : linear<6, 8> {
    static constexpr int units_to_cut = 5;
    template <int K>
    struct sharded : linear<6, 8> {
        using takes_placement = replicated;
        using gives_placement = partial;
    };
};

}  // namespace

TEST_CASE("heads, units and features between two products must divide") {
    using attention = sequence<value_embedding<8, 3, 6>, self_attention<6, 2>, linear<6, 6>, first_step>;
    STATIC_REQUIRE(fits<attention, two>);
    STATIC_REQUIRE(same<misfit_of<attention, four>, detail::units_divide<self_attention<6, 2>, 2, 4>>);
    using recurrent = sequence<lstm<lstm_shape{.steps = 5, .inputs = 3, .units = 6}>, last_step, linear<6, 1>>;
    STATIC_REQUIRE(fits<recurrent, two>);
    STATIC_REQUIRE(same<misfit_of<recurrent, four>, detail::units_divide<lstm_layer<5, 3, 6>, 6, 4>>);
    using pair = sequence<linear<6, 10>, relu, linear<10, 5>>;
    STATIC_REQUIRE(fits<pair, two>);
    STATIC_REQUIRE(same<misfit_of<pair, four>, detail::units_divide<linear<6, 10>, 10, 4>>);
    STATIC_REQUIRE(same<misfit_of<in_five, two>, detail::units_divide<in_five, 5, 2>>);
}

TEST_CASE("a layer that is kept whole need not divide, nor one without a partner") {
    STATIC_REQUIRE(fits<sequence<uncut<linear<6, 10>>, relu, linear<10, 5>>, four>);
    STATIC_REQUIRE(fits<sequence<linear<6, 10>, relu, uncut<linear<10, 5>>>, four>);
    STATIC_REQUIRE(fits<linear<6, 5>, four>);
}

TEST_CASE("what does not divide inside a composition is found too, the first of several") {
    using net = sequence<linear<6, 6>, residual<linear<6, 10>, relu, linear<10, 6>>, residual<linear<6, 14>, relu, linear<14, 6>>>;
    STATIC_REQUIRE(same<misfit_of<net, four>, detail::units_divide<linear<6, 10>, 10, 4>>);
    using again = sequence<linear<6, 6>, recompute<linear<6, 10>, relu, linear<10, 6>>>;
    STATIC_REQUIRE(same<misfit_of<again, four>, detail::units_divide<linear<6, 10>, 10, 4>>);
}

TEST_CASE("words and scores need not divide: the last slices have fewer") {
    STATIC_REQUIRE(fits<bert_classifier<of_steps(7)>, four>);
    constexpr bert_shape scores{.vocabulary = 11, .steps = 8, .hidden = 8, .layers = 1, .heads = 4, .classes = 11};
    STATIC_REQUIRE(fits<bert_token_classifier<scores>, four, cross_entropy>);
    STATIC_REQUIRE(fits<bert_token_classifier<scores>, by_steps, cross_entropy>);
}

TEST_CASE("steps must divide where ranks keep their own, and only there") {
    STATIC_REQUIRE(fits<bert_classifier<of_steps(8)>, by_steps>);
    STATIC_REQUIRE(fits<bert_classifier<of_steps(6)>, four>);
    STATIC_REQUIRE(steps_of<misfit_of<bert_classifier<of_steps(6)>, by_steps>> == 6);
    STATIC_REQUIRE(fits<sequence<lstm<lstm_shape{.steps = 5, .inputs = 3, .units = 8}>, last_step, linear<8, 1>>, by_steps>);  // no steps between cut layers
    constexpr bert_shape values{.features = 3, .steps = 10, .hidden = 8, .layers = 1, .heads = 4};
    STATIC_REQUIRE(steps_of<misfit_of<bert_regressor<values>, by_steps>> == 10);
}

TEST_CASE("slices say which placements they take and give, and such as an exchange can meet") {
    STATIC_REQUIRE(same<misfit_of<silent, two>, detail::slice_says_placements<silent, silent::sharded<1>>>);
    STATIC_REQUIRE(same<misfit_of<half_silent, two>, detail::slice_says_placements<half_silent, half_silent::sharded<1>>>);
    STATIC_REQUIRE(same<misfit_of<sequence<linear<6, 8>, silent_rows>, two>, detail::slice_says_placements<silent_rows, silent_rows::sharded_inputs<1>>>);
    STATIC_REQUIRE(same<misfit_of<giving_all, two>, detail::slice_says_placements<giving_all, giving_all::sharded<1>>>);
    STATIC_REQUIRE(same<misfit_of<taking_part, two>, detail::slice_says_placements<taking_part, taking_part::sharded<1>>>);
}

TEST_CASE("a layer that exchanges by itself gives what every rank has") {
    STATIC_REQUIRE(fits<careful, two>);
    STATIC_REQUIRE(same<misfit_of<forgetful, two>, detail::exchange_is_there<forgetful, partial, replicated>>);
    STATIC_REQUIRE(fits<uncut<forgetful>, two>);
}

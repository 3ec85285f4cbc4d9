// SPDX-License-Identifier: BSL-1.0
// Whole networks, and the pieces of them that ranks of a tensor axis compute: the same outputs and gradients.
#include "support/catch.hpp"
#include "support/tensor_ranks.hpp"
#include "unit/nn/cut_values.hpp"
#include "unit/nn/forward.hpp"
#include "unit/nn/passes.hpp"
#include "unit/partition/tensor/cut_layers_of.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>
#include <vector>

using namespace espalier;
using namespace espalier_test;

namespace {

constexpr int slices         = 4;
constexpr std::int64_t batch = 2;

double deviation(std::vector<double> const& got, std::vector<double> const& expected) {
    REQUIRE(got.size() == expected.size());
    double error = 0, largest = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        REQUIRE(std::isfinite(got[i]));
        error   = std::max(error, std::abs(got[i] - expected[i]));
        largest = std::max(largest, std::abs(expected[i]));
    }
    return largest > 0 ? error / largest : error;
}

/// A network with what it is run on: values, or tokens with their segments and a mask that leaves out the last two steps.
template <class Network>
struct given {
    using net = network<Network>;
    std::vector<double> weights = drawn<double>(net::tensors.elements, 1), x = drawn<double>(net::input.elements() * batch, 2);
    std::vector<double> dy      = drawn<double>(net::output.elements() * batch, 3);

    static given values() { return {}; }
    static given tokens(int words) {
        given g;
        for (std::size_t r = 0; r < g.x.size() / 3; ++r) {
            g.x[3 * r]     = static_cast<double>(r * 7 % static_cast<std::size_t>(words));
            g.x[3 * r + 1] = static_cast<double>(r % 2);
            g.x[3 * r + 2] = r / batch < g.x.size() / 3 / batch - 2 ? 1 : 0;
        }
        return g;
    }
    [[nodiscard]] passes_of<double> whole() const {
        return both_passes<layers_of<Network>, double>(net::input, batch, weights, x, dy, nullptr, false);
    }
    /// What ranks with a piece each give, put together.
    template <int Ranks, bool CutsSteps, class Loss>
    [[nodiscard]] passes_of<double> cut() const {
        using by            = cut_over<Ranks, slices, CutsSteps>;
        using layers        = pieces_of<Network, by, Loss>;
        using names         = layer_names<Network>;
        constexpr held goes = std::is_same_v<typename piece_model<Network, by, Loss>::loss_type, Loss> ? held::whole : held::sliced;
        auto const of_weights = [](int rank, auto f) { for_each_parameter<names, layers_of<Network>, layers>(net::input, net::input, {by::value, rank}, f); };
        auto const ranks      = on_tensor_ranks<double>(by::value, [&](tested_exchange<double>& exchange) {
            std::vector<double> own(static_cast<std::size_t>(chain<layers>::places(net::input, batch).parameter_elements));
            of_weights(exchange.rank(), [&](std::size_t from, std::size_t to) { own[to] = weights[from]; });
            auto made = both_passes<layers, double>(net::input, batch, own, x, part_of(dy, net::output, batch, by::value, goes, exchange.rank()), &exchange, false);
            exchange_tally stated{Ranks, exchange.rank()};
            chain<layers>::exchanges(net::input, batch, pass_way::forward, false, stated);
            chain<layers>::exchanges(net::input, batch, pass_way::backward, false, stated);
            if (stated.times != exchange.tally.times || stated.sent != exchange.tally.sent) throw std::logic_error{"other exchanges than are stated"};
            return made;
        });
        put_together<double> y{dy.size()}, gradients{weights.size()};
        for (int r = 0; r < Ranks; ++r) {
            auto const& own = ranks[static_cast<std::size_t>(r)];
            for_each_held(net::output, batch, by::value, goes, r,
                          [&](auto to, auto from) { y.put(static_cast<std::size_t>(to), own.y[static_cast<std::size_t>(from)]); });
            of_weights(r, [&](std::size_t to, std::size_t from) { gradients.put(to, own.gradients[from]); });
        }
        return {y.all(), {}, gradients.value};
    }
};

/// Within rounding of the whole network, and with the bits of four slices whoever computes them, each rank with its steps or all with all.
/// @tparam EveryCut also those that differ from others only in the number of ranks
template <class Network, class Loss = mean_squared_error, bool EveryCut = false>
void gives_what_the_whole_gives(given<Network> const& g) {
    auto const whole = g.whole(), one = g.template cut<1, false, Loss>();
    CHECK(deviation(one.y, whole.y) < 1e-12);
    CHECK(deviation(one.gradients, whole.gradients) < 1e-12);
    auto const is_one = [&](passes_of<double> const& other) { return other.y == one.y && other.gradients == one.gradients; };
    CHECK(is_one(g.template cut<4, false, Loss>()));
    CHECK(is_one(g.template cut<2, true, Loss>()));
    if constexpr (EveryCut) {
        CHECK(is_one(g.template cut<2, false, Loss>()));
        CHECK(is_one(g.template cut<1, true, Loss>()));
        CHECK(is_one(g.template cut<4, true, Loss>()));
    }
}

template <class Network>
void keeps_names_and_keys() {
    using cut = piece<Network, cut_over<2, slices, true>>;
    constexpr layer_names<Network> names;
    constexpr layer_names<cut> of_piece;
    constexpr layer_keys<Network> keys;
    constexpr layer_keys<cut> keys_of_piece;
    STATIC_REQUIRE(keys.count == keys_of_piece.count);
    for (int i = 0; i < keys.count; ++i) {
        CHECK(names.item[i].path == of_piece.item[i].path);
        CHECK(names.item[i].ordinal == of_piece.item[i].ordinal);
        CHECK(keys.value[i] == keys_of_piece.value[i]);
    }
}

constexpr bert_shape tokens{.vocabulary = 13, .steps = 8, .hidden = 8, .layers = 1, .heads = 4, .inner = 12, .classes = 3};
constexpr bert_shape scores{.vocabulary = 13, .steps = 8, .hidden = 8, .layers = 1, .heads = 4, .inner = 12, .classes = 12, .recompute = true};
constexpr bert_shape values{.features = 3, .steps = 8, .hidden = 8, .layers = 1, .heads = 4, .inner = 12};

}  // namespace

TEST_CASE("a BERT over tokens gives the same in pieces, its mask and its uneven vocabulary included") {
    gives_what_the_whole_gives<bert_classifier<tokens>, mean_squared_error, true>(given<bert_classifier<tokens>>::tokens(13));
}

TEST_CASE("a BERT over values gives the same in pieces") { gives_what_the_whole_gives(given<bert_regressor<values>>::values()); }

TEST_CASE("a recomputed BERT with scores that are cut gives the same in pieces") {
    gives_what_the_whole_gives<bert_token_classifier<scores>, cross_entropy>(given<bert_token_classifier<scores>>::tokens(13));
}

TEST_CASE("networks of products and of LSTM layers give the same in pieces") {
    gives_what_the_whole_gives(given<sequence<linear<6, 8>, relu, linear<8, 12>, tanh_activation, linear<12, 4>, linear<4, 1>>>::values());
    gives_what_the_whole_gives(given<sequence<lstm<lstm_shape{.steps = 5, .inputs = 3, .units = 8, .layers = 2}>, last_step, linear<8, 4>, relu, linear<4, 2>>>::values());
}

TEST_CASE("a network in pieces has the names and the random keys of the whole one") {
    keeps_names_and_keys<bert_classifier<tokens>>();
    keeps_names_and_keys<bert_token_classifier<scores>>();
    keeps_names_and_keys<sequence<lstm<lstm_shape{.steps = 5, .inputs = 3, .units = 8, .layers = 2}>, last_step, named<text{"head"}, linear<8, 1>>>>();
}

TEST_CASE("every rank has a type of its own size: its part of what is cut, all of the rest") {
    using net    = bert_classifier<tokens>;
    auto const n = [](auto const& tensors) {
        std::int64_t sum = 0;
        for (int i = 0; i < tensors.count; ++i) sum += tensors.item[i].extents.elements();
        return sum;
    };
    // All: words 13·8, segments 2·8, positions 8·8, three norms 16 each, attention 3·72, its output 72, inner 108 and 104, pooler 72, head 27.
    CHECK(n(network<net>::tensors) == 104 + 16 + 64 + 3 * 16 + 3 * 72 + 72 + 108 + 104 + 72 + 27);
    // On one rank of four, one slice each: words ⌈13/4⌉·8; columns a quarter; rows a quarter of the weight and the whole bias.
    CHECK(n(network<piece<net, cut_over<4, 4, false>>>::tensors) == 32 + 16 + 64 + 3 * 16 + 3 * 18 + (16 + 8) + 27 + (24 + 8) + 18 + (6 + 3));
}

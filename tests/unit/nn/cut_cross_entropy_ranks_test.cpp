// SPDX-License-Identifier: BSL-1.0
// The loss of cut scores on ranks that are threads: each has some of the slices.
#include "support/catch.hpp"
#include "support/tensor_ranks.hpp"

#include "unit/nn/cut_scores.hpp"

#include <limits>
#include <string>
#include <utility>

using namespace espalier;
using espalier_test::alone;
using espalier_test::cut_shape;
using espalier_test::on_a_rank;
using espalier_test::on_tensor_ranks;
using espalier_test::outcome;
using espalier_test::scores;
using espalier_test::targets;
using espalier_test::whole;

namespace {
/// Every rank has the loss, and together they have the gradient, to the bit, that one rank with all slices has.
template <int Ranks, int K, std::int64_t Classes>
void same_on_ranks(shape out, std::int64_t batch) {
    using cut_type    = cut_over<Ranks, K, false>;
    using loss        = cross_entropy::cut<cut_type, Classes>;
    std::int64_t rows = out.rows() * batch;
    auto const y = scores<float>(rows, Classes), target = targets<float>(rows, Classes);
    auto const expected = alone<K, Classes>(out, batch, y, target);
    struct given {
        outcome<float> o;
        exchange_tally tally, stated;
    };
    auto const ranks = on_tensor_ranks<float>(cut_type::value, [&](auto& exchange) {
        exchange_tally stated{.ranks = exchange.ranks(), .rank = exchange.rank()};
        loss::exchanges(cut_shape<loss>(out), batch, stated);
        auto o = on_a_rank<cut_type, Classes>(out, batch, y, target, exchange);
        return given{std::move(o), exchange.tally, stated};
    });
    INFO(Ranks << " ranks, " << K << " slices, " << Classes << " classes");
    REQUIRE(ranks.size() == Ranks);
    std::vector<float> together(y.size(), 0.0f);
    for (given const& r : ranks) {
        CHECK(r.o.sum.sum == expected.sum.sum);
        CHECK(r.o.sum.weight == expected.sum.weight);
        for (std::size_t i = 0; i < y.size(); ++i) together[i] += r.o.dy[i];
        CHECK(r.tally.times == 2 * r.stated.times);  // with the gradient, and without
        CHECK(r.tally.sent == 2 * r.stated.sent);
        CHECK(r.stated.times == (Ranks > 1 ? 1 : 0));
        CHECK(r.stated.sent == (Ranks - 1) * 2 * rows * K / Ranks);
    }
    CHECK(together == expected.dy);
}
}  // namespace

TEST_CASE("ranks with slices each have the loss of one rank with all of them, to the bit, after one exchange") {
    same_on_ranks<1, 4, 7>(dims(2, 7), 3);
    same_on_ranks<2, 4, 7>(dims(2, 7), 3);
    same_on_ranks<4, 4, 7>(dims(2, 7), 3);
    same_on_ranks<2, 2, 1000>(dims(1000), 5);
    same_on_ranks<2, 8, 1000>(dims(1000), 5);
    same_on_ranks<4, 8, 9>(dims(3, 9), 2);
}

TEST_CASE("a target that is no class is an error on every rank, before anything is exchanged") {
    auto const y        = scores<float>(4, 7);
    auto const words_of = [](auto const& evaluate) -> std::string {
        try {
            evaluate();
        } catch (bad_index const& e) {
            return e.what();
        }
        return "nothing thrown";
    };
    for (float const wrong : {7.0f, 8.0f, 0.5f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        std::vector<float> const target{1, 2, 3, wrong};
        auto const of_whole = words_of([&] { (void)whole(dims(2, 7), 2, y, target); });
        CHECK(of_whole.find("espalier: cross_entropy: requires target classes from 0 to 6; got ") == 0);
        CHECK(words_of([&] { (void)alone<4, 7>(dims(2, 7), 2, y, target); }) == of_whole);
        auto const ranks = on_tensor_ranks<float>({.ranks = 2, .slices = 4}, [&](auto& exchange) {
            auto const words = words_of([&] { (void)on_a_rank<cut_over<2, 4, false>, 7>(dims(2, 7), 2, y, target, exchange); });
            return words + joined(exchange.tally.times);
        });
        for (auto const& words : ranks) CHECK(words == of_whole + "0");
    }
}

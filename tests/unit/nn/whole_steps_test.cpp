// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/cut_one_layer.hpp"

#include <espalier/nn/first_step.hpp>
#include <espalier/nn/layer_norm.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/nn/row_blocks.hpp>
#include <espalier/nn/whole_steps.hpp>

using namespace espalier;
using namespace espalier_test;

namespace {

constexpr std::int64_t batch = 3;

template <class T>
bool same(passes_of<T> const& a, passes_of<T> const& b) {
    return a.y == b.y && a.dx == b.dx && a.gradients == b.gradients;
}

template <class L, int Ranks>
void is_the_whole_layer(shape in) {
    layer_case<L, float> const given{in, batch};
    using cut = cut_over<Ranks, 4, true>;
    INFO(Ranks << " ranks");
    CHECK(same(given.template cut<over_all_steps<L, Ranks>, cut>(held::steps, held::whole), given.whole()));
    CHECK(given.template cut<over_all_steps<L, Ranks>, cut>(held::steps, held::whole, false).gradients == given.whole().gradients);
}

}  // namespace

TEST_CASE("a layer over gathered steps has the bits of the whole layer on every rank, and each rank its steps of the gradient") {
    is_the_whole_layer<linear<4, 3>, 1>(dims(8, 4));
    is_the_whole_layer<linear<4, 3>, 2>(dims(8, 4));
    is_the_whole_layer<linear<4, 3>, 4>(dims(8, 4));
    is_the_whole_layer<lstm_layer<8, 4, 5>, 2>(dims(8, 4));  // with scratch and kept values of its own
    is_the_whole_layer<first_step, 4>(dims(8, 4));           // which gives a vector
}

TEST_CASE("a layer that ends with steps gives all of them on every rank, and reads its own part of the gradient") {
    layer_case<layer_norm<6>, float> const given{dims(8, 6), batch};
    using norm = row_blocks<layer_norm<6>, cut_over<1, 4, true>>;
    auto const one = given.cut<then_all_steps<norm, 1>, cut_over<1, 4, true>>(held::steps, held::whole);
    CHECK(one.y == given.whole().y);
    CHECK(one.dx == given.whole().dx);
    CHECK(same(given.cut<then_all_steps<row_blocks<layer_norm<6>, cut_over<2, 4, true>>, 2>, cut_over<2, 4, true>>(held::steps, held::whole), one));
    CHECK(same(given.cut<then_all_steps<row_blocks<layer_norm<6>, cut_over<4, 4, true>>, 4>, cut_over<4, 4, true>>(held::steps, held::whole), one));
}

TEST_CASE("steps are gathered once each way in front of a layer, and behind one forward alone") {
    exchange_tally t{4, 1};
    using before = over_all_steps<linear<4, 3>, 4>;
    before::exchanges(dims(2, 4), batch, pass_way::forward, true, t);
    CHECK((t.times == 1 && t.sent == 3 * 2 * 4 * batch));  // to each of three others
    before::exchanges(dims(2, 4), batch, pass_way::backward, true, t);
    CHECK((t.times == 2 && t.sent == 2 * 3 * 2 * 4 * batch));
    exchange_tally u{4, 1};
    using behind = then_all_steps<layer_norm<4>, 4>;
    behind::exchanges(dims(2, 4), batch, pass_way::forward, true, u);
    CHECK((u.times == 1 && u.sent == 3 * 2 * 4 * batch));
    behind::exchanges(dims(2, 4), batch, pass_way::backward, true, u);
    CHECK(u.times == 1);
}

TEST_CASE("shapes in front of a gather count the rank's steps, behind it all") {
    using before = over_all_steps<lstm_layer<8, 4, 5>, 2>;
    STATIC_REQUIRE((before::takes(dims(4, 4)) && !before::takes(dims(8, 4)) && !before::takes(dims(4))));
    STATIC_REQUIRE(before::gives(dims(4, 4)) == dims(8, 5));
    STATIC_REQUIRE(then_all_steps<layer_norm<4>, 2>::gives(dims(4, 4)) == dims(8, 4));
}

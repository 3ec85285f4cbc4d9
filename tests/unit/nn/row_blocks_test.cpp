// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/cut_one_layer.hpp"

#include <espalier/nn/dropout.hpp>
#include <espalier/nn/layer_norm.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/row_blocks.hpp>
#include <espalier/nn/value_embedding.hpp>

using namespace espalier;
using namespace espalier_test;

namespace {

constexpr int slices = 4;
constexpr std::int64_t batch = 3;
constexpr sampling training{.seed = 5, .step = 9, .first_sample = 64, .training = true};

template <class L, int Ranks, bool CutsSteps, bool ReadsWhole = false, class T>
passes_of<T> in_blocks(layer_case<L, T> const& given, bool wants_dx = true) {
    using cut = cut_over<Ranks, slices, CutsSteps>;
    return given.template cut<row_blocks<L, cut, ReadsWhole>, cut>(CutsSteps && !ReadsWhole ? held::steps : held::whole, CutsSteps ? held::steps : held::whole, wants_dx);
}

template <class T>
void are_near(std::vector<T> const& got, std::vector<T> const& expected) {
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(expected[i]).margin(sizeof(T) == 4 ? 1e-4 : 1e-11));
}

/// Rows have the bits of the whole layer; sums over rows agree with its, and have the bits of four blocks on any number of ranks.
template <class L>
void rows_stay_as_they_are(shape in, sampling draw = {}) {
    layer_case<L, float> const given{in, batch, draw};
    auto const whole = given.whole(), one = in_blocks<L, 1, false>(given);
    CHECK(one.y == whole.y);
    CHECK(one.dx == whole.dx);
    are_near(one.gradients, whole.gradients);
    auto const is_one = [&](passes_of<float> const& other) { return other.y == one.y && other.dx == one.dx && other.gradients == one.gradients; };
    CHECK(is_one(in_blocks<L, 2, false>(given)));
    CHECK(is_one(in_blocks<L, 1, true>(given)));
    CHECK(is_one(in_blocks<L, 2, true>(given)));
    CHECK(is_one(in_blocks<L, 4, true>(given)));
    CHECK(in_blocks<L, 4, true>(given, false).gradients == one.gradients);
}

}  // namespace

TEST_CASE("a layer norm in blocks of steps gives the rows of the whole one, and the same gradients on 1, 2 and 4 ranks") {
    rows_stay_as_they_are<layer_norm<6>>(dims(8, 6));
    rows_stay_as_they_are<layer_norm<6>>(dims(12, 6));  // three steps a block
}

TEST_CASE("dropout in blocks of steps drops what the whole one drops") {
    rows_stay_as_they_are<dropout<probability{0.4f}>>(dims(8, 6), training);
    rows_stay_as_they_are<dropout<probability{0.4f}>>(dims(8, 7), training);  // rows begin within blocks of four random numbers
}

TEST_CASE("an embedding of values at the beginning gives each rank its steps of an input that all have") {
    using embedding = value_embedding<8, 3, 5>;
    layer_case<embedding, float> const given{dims(8, 3), batch};
    auto const whole = given.whole(), one = in_blocks<embedding, 1, true, true>(given, false);
    are_near(one.y, whole.y);
    are_near(one.gradients, whole.gradients);
    for (auto const& other : {in_blocks<embedding, 2, true, true>(given, false), in_blocks<embedding, 4, true, true>(given, false),
                              in_blocks<embedding, 1, false, true>(given, false), in_blocks<embedding, 4, false, true>(given, false)}) {
        CHECK(other.y == one.y);
        CHECK(other.gradients == one.gradients);
    }
}

TEST_CASE("steps that four blocks do not divide are cut into blocks of one more and one less, or into fewer") {
    for (std::int64_t const steps : {1, 3, 5, 7, 11}) {
        INFO(steps << " steps");
        layer_case<layer_norm<6>, double> const given{dims(steps, 6), batch};
        auto const whole = given.whole(), one = in_blocks<layer_norm<6>, 1, false>(given), two = in_blocks<layer_norm<6>, 2, false>(given);
        CHECK(one.y == whole.y);
        CHECK(one.dx == whole.dx);
        are_near(one.gradients, whole.gradients);
        CHECK((two.y == one.y && two.dx == one.dx && two.gradients == one.gradients));
    }
}

TEST_CASE("gradients of blocks are added along the lane tree over all of them") {
    // Bias gradients of a norm are sums of dy over rows; of one row a block they can be added by hand. (a + b) + (c + d) is not ((a + b) + c) + d.
    layer_case<layer_norm<1>, float> given{dims(4, 1), 1};
    given.dy = {1.0f, 0x1p-24f, 0x1p-24f, 0x1p-24f};
    using cut        = cut_over<1, slices, false>;
    auto const made  = given.cut<row_blocks<layer_norm<1>, cut>, cut>(held::whole, held::whole);
    CHECK(made.gradients[16] == 1.0f + (0x1p-24f + 0x1p-24f));
    CHECK((1.0f + 0x1p-24f) + 0x1p-24f + 0x1p-24f == 1.0f);  // in the order of rows
}

TEST_CASE("blocks exchange the gradients of weights alone, and those only where each rank has its own steps") {
    auto const tally = []<class L>(L, shape in, pass_way way) {
        exchange_tally t{2, 0};
        count_exchanges<L>(in, batch, way, true, t);
        return t;
    };
    using by_steps = cut_over<2, slices, true>;
    using norm     = layer_norm<16>;
    CHECK(tally(row_blocks<norm, by_steps>{}, dims(4, 16), pass_way::forward).times == 0);
    CHECK(tally(row_blocks<norm, by_steps>{}, dims(4, 16), pass_way::backward).times == 1);
    CHECK(tally(row_blocks<norm, by_steps>{}, dims(4, 16), pass_way::backward).sent == 2 * 16);  // of two ranks each sends half, then the other half
    CHECK(tally(row_blocks<norm, cut_over<2, slices, false>>{}, dims(8, 16), pass_way::backward).times == 0);
    CHECK(tally(row_blocks<dropout<probability{0.1f}>, by_steps>{}, dims(4, 16), pass_way::backward).times == 0);
}

TEST_CASE("which layers are row-wise is theirs to say") {
    STATIC_REQUIRE((is_rowwise<layer_norm<4>> && is_rowwise<dropout<probability{0.1f}>> && is_rowwise<value_embedding<4, 2, 3>>));
    STATIC_REQUIRE(!is_rowwise<linear<4, 4>>);
    using blocks = row_blocks<value_embedding<8, 3, 5>, cut_over<2, slices, true>, true>;
    STATIC_REQUIRE(blocks::input() == dims(8, 3));
    STATIC_REQUIRE(blocks::gives(dims(8, 3)) == dims(4, 5));
    STATIC_REQUIRE(!row_blocks<layer_norm<3>, cut_over<1, slices, false>>::takes(dims(3)));  // a vector has no steps
}

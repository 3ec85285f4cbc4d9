// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/cut_one_layer.hpp"
#include "unit/nn/narrow.hpp"

#include <espalier/nn/cut_layer.hpp>
#include <espalier/nn/linear_slices.hpp>
#include <espalier/nn/self_attention.hpp>

#include <algorithm>
#include <cmath>

using namespace espalier;
using namespace espalier_test;

namespace {

constexpr int slices = 4;
constexpr std::int64_t batch = 3;
constexpr shape sequence_of_eight = dims(8, 8);

/// The largest deviation, relative to the largest expected value; an error where one is no number.
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

template <class Slice, int Ranks, entry In, exit_of_slices Out, class Whole>
passes_of<double> on_ranks_of(layer_case<Whole, double> const& given, bool wants_dx = true) {
    constexpr bool cuts_steps = In == entry::steps || Out == exit_of_slices::sum_to_steps;
    using cut                 = cut_over<Ranks, slices, cuts_steps>;
    constexpr held comes      = In == entry::steps ? held::steps : In == entry::sliced ? held::sliced : held::whole;
    constexpr held goes = Out == exit_of_slices::sum_to_steps ? held::steps : Out == exit_of_slices::sliced ? held::sliced : held::whole;
    return given.template cut<cut_layer<Slice, cut, In, Out>, cut>(comes, goes, wants_dx);
}

/// On one rank as the whole layer within rounding; on others as on one, to the bit.
template <class Slice, entry In, exit_of_slices Out, class Whole>
void gives_what_the_whole_gives(shape in) {
    layer_case<Whole, double> const given{in, batch};
    INFO("in " << static_cast<int>(In) << ", out " << static_cast<int>(Out));
    auto const whole = given.whole();
    auto const one   = on_ranks_of<Slice, 1, In, Out>(given);
    CHECK(deviation(one.y, whole.y) < 1e-12);
    CHECK(deviation(one.dx, whole.dx) < 1e-12);
    CHECK(deviation(one.gradients, whole.gradients) < 1e-12);
    auto const is_one = [&](passes_of<double> const& other) { return other.y == one.y && other.dx == one.dx && other.gradients == one.gradients; };
    CHECK(is_one(on_ranks_of<Slice, 2, In, Out>(given)));
    CHECK(is_one(on_ranks_of<Slice, 4, In, Out>(given)));
    auto const without_dx = on_ranks_of<Slice, 2, In, Out>(given, false);
    CHECK((without_dx.y == one.y && without_dx.gradients == one.gradients));
}

template <class Whole, class Slice>
void gives_features(shape in) {
    gives_what_the_whole_gives<Slice, entry::whole, exit_of_slices::sliced, Whole>(in);
    gives_what_the_whole_gives<Slice, entry::whole, exit_of_slices::joined, Whole>(in);
    if (in.rank < 2) return;
    gives_what_the_whole_gives<Slice, entry::steps, exit_of_slices::sliced, Whole>(in);
    gives_what_the_whole_gives<Slice, entry::steps, exit_of_slices::joined, Whole>(in);
}
template <class Whole, class Slice, entry In>
void gives_summands(shape in) {
    gives_what_the_whole_gives<Slice, In, exit_of_slices::sum, Whole>(in);
    if (in.rank >= 2) gives_what_the_whole_gives<Slice, In, exit_of_slices::sum_to_steps, Whole>(in);
}

}  // namespace

TEST_CASE("a product cut by its outputs gives what the whole one gives, in slices or joined, from whole values or steps") {
    gives_features<linear<8, 12>, linear_columns<8, 12, slices>>(sequence_of_eight);
    gives_features<linear<8, 12>, linear_columns<8, 12, slices>>(dims(8));
}

TEST_CASE("a product cut by its inputs gives what the whole one gives, summed for all ranks or by steps") {
    gives_summands<linear<8, 5>, linear_rows<8, 5, slices>, entry::sliced>(sequence_of_eight);
    gives_summands<linear<8, 5>, linear_rows<8, 5, slices>, entry::sliced>(dims(8));
}

TEST_CASE("attention cut by heads gives what the whole one gives") { gives_features<self_attention<8, 4>, self_attention_slice<8, 4, -1, slices>>(sequence_of_eight); }

TEST_CASE("a layer whose slices give summands of whole inputs gives what the whole one gives, its tail included") {
    gives_summands<narrow<8, 4, 6>, narrow_slice<8, 4, 6, slices>, entry::whole>(sequence_of_eight);
    gives_summands<narrow<8, 4, 6>, narrow_slice<8, 4, 6, slices>, entry::whole>(dims(8));
    gives_summands<narrow<8, 4, 6>, narrow_slice<8, 4, 6, slices>, entry::steps>(sequence_of_eight);
}

TEST_CASE("cut layers pass central differences") {
    using columns  = cut_layer<linear_columns<8, 12, slices>, cut_over<1, slices, false>, entry::whole, exit_of_slices::joined>;
    using summands = cut_layer<narrow_slice<8, 4, 6, slices>, cut_over<1, slices, true>, entry::steps, exit_of_slices::sum_to_steps>;
    auto const check = []<class L>(L) {
        constexpr shape in = dims(4, 8);
        exchange_alone<double> exchange;
        auto weights = drawn<double>(chain<type_list<L>>::places(in, batch).parameter_elements, 1), x = drawn<double>(in.elements() * batch, 2);
        auto const c        = drawn<double>(L::gives(in).elements() * batch, 3);
        auto const passes   = [&] { return layer_passes<L, double>(in, batch, weights, x, c, &exchange); };
        auto const analytic = passes();
        auto const compare  = [&](std::vector<double>& values, std::vector<double> const& gradient) {
            auto const loss = [&] {
                double sum   = 0;
                auto const y = passes().y;
                for (std::size_t i = 0; i < c.size(); ++i) sum += c[i] * y[i];
                return sum;
            };
            double error = 0, largest = 0;
            for (std::size_t i = 0; i < values.size(); ++i) {
                double const before = values[i], delta = 1e-5;
                values[i]           = before + delta;
                double const above  = loss();
                values[i]           = before - delta;
                double const below  = loss();
                values[i]           = before;
                error               = std::max(error, std::abs((above - below) / (2 * delta) - gradient[i]));
                largest             = std::max(largest, std::abs(gradient[i]));
            }
            CHECK(largest > 0.01);
            CHECK(error / largest < 1e-8);
        };
        compare(weights, analytic.gradients);
        compare(x, analytic.dx);
    };
    check(columns{});
    check(summands{});
}

TEST_CASE("a cut layer exchanges where its value changes hands, and nowhere else") {
    // 8 steps of 8 features, 3 samples: 192 elements in, and as many out where 8 are.
    auto const times = []<class L>(L, shape in, pass_way way, bool wants_dx) {
        exchange_tally t{2, 0};
        L::exchanges(in, batch, way, wants_dx, t);
        return t;
    };
    using by_steps = cut_over<2, slices, true>;
    using columns  = linear_columns<8, 8, slices>;
    using rows     = linear_rows<8, 8, slices>;
    using gathered = cut_layer<columns, by_steps, entry::steps, exit_of_slices::sliced>;
    using summed   = cut_layer<rows, by_steps, entry::sliced, exit_of_slices::sum_to_steps>;
    using plain    = cut_layer<columns, cut_over<2, slices, false>, entry::whole, exit_of_slices::sliced>;
    auto const is  = [](exchange_tally const& t, int exchanges, std::int64_t sent) {
        CHECK(t.times == exchanges);
        CHECK(t.sent == sent);
    };
    is(times(gathered{}, dims(4, 8), pass_way::forward, true), 1, 96);
    is(times(gathered{}, dims(4, 8), pass_way::backward, true), 2, 96 + 96);   // gathers x again, then each rank sends the other's part of dx
    is(times(gathered{}, dims(4, 8), pass_way::backward, false), 1, 96);
    is(times(summed{}, dims(2, 8, 2), pass_way::forward, true), 1, 96);
    is(times(summed{}, dims(2, 8, 2), pass_way::backward, true), 2, 96 + 16);  // and the bias's gradient, padded to 16, which one grain owns
    is(times(plain{}, dims(8, 8), pass_way::forward, true), 0, 0);
    is(times(plain{}, dims(8, 8), pass_way::backward, true), 1, 192);
    is(times(plain{}, dims(8, 8), pass_way::backward, false), 0, 0);
}

TEST_CASE("a cut layer takes its part of a shape and says the rank's parameters, slice after slice, the tail last") {
    using rows = cut_layer<linear_rows<8, 5, slices>, cut_over<2, slices, false>, entry::sliced, exit_of_slices::sum>;
    STATIC_REQUIRE(rows::takes(dims(2, 3, 2)));
    STATIC_REQUIRE(!rows::takes(dims(4, 3, 2)));  // all slices, of which a rank has two
    STATIC_REQUIRE(!rows::takes(dims(2, 3, 8)));
    STATIC_REQUIRE(rows::takes(dims(2, 2)));      // a vector's slices
    STATIC_REQUIRE(rows::gives(dims(2, 3, 2)) == dims(3, 5));
    constexpr auto list = rows::parameters(dims(2, 3, 2));
    STATIC_REQUIRE(list.count == 3);
    for (int s = 0; s < 2; ++s) {
        CHECK(list.item[s].name == text{"weight"});
        CHECK(list.item[s].extents == dims(5, 2));
        CHECK((list.item[s].cut.slices == 4 && list.item[s].cut.slice == s && list.item[s].cut.along == 1 && list.item[s].cut.whole == dims(5, 8)));
    }
    CHECK((list.item[2].name == text{"bias"} && list.item[2].cut.slices == 1));

    using heads = cut_layer<self_attention_slice<8, 4, -1, slices>, cut_over<2, slices, true>, entry::steps, exit_of_slices::sliced>;
    STATIC_REQUIRE(heads::takes(dims(3, 8)));
    STATIC_REQUIRE(!heads::takes(dims(8)));
    STATIC_REQUIRE(heads::gives(dims(3, 8)) == dims(2, 6, 2));
    STATIC_REQUIRE(heads::parameters(dims(3, 8)).count == 12);
    CHECK(heads::parameters(dims(3, 8)).item[6].cut.slice == 1);
    using columns = cut_layer<linear_columns<8, 12, slices>, cut_over<2, slices, false>, entry::whole, exit_of_slices::joined>;
    STATIC_REQUIRE(columns::gives(dims(7, 8)) == dims(7, 12));
    STATIC_REQUIRE(columns::input() == dims(8));
}

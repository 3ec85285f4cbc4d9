// SPDX-License-Identifier: BSL-1.0
// One slice of a product at a time, without ranks. What is exchanged around slices is cut_layer_test.cpp's.
#include "support/catch.hpp"

#include "unit/nn/cut_one_layer.hpp"

#include <espalier/nn/linear_slices.hpp>

#include <type_traits>

using namespace espalier;
using namespace espalier_test;

namespace {

constexpr int slices         = 4;
constexpr std::int64_t batch = 5, inputs = 8;

void are_near(std::vector<double> const& got, std::vector<double> const& expected) {
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(expected[i]).margin(1e-12));
}

/// The passes of slice k, and where each of its parameters lies in the whole layer's.
template <class Whole, class Slice>
passes_of<double> slice_of(layer_case<Whole, double> const& given, int k, std::vector<double> const& x, std::vector<double> const& dy, std::vector<double>& gradients) {
    shape const here = dims(static_cast<std::int64_t>(x.size()) / batch);
    std::vector<double> weights(static_cast<std::size_t>(chain<type_list<Slice>>::places(here, batch).parameter_elements));
    auto const each = [&](auto f) { for_each_parameter<layer_names<sequence<Whole>>, type_list<Whole>, type_list<Slice>>(given.in, here, {{slices, slices, false}, k}, f); };
    each([&](std::size_t from, std::size_t to) { weights[to] = given.weights[from]; });
    auto const made = layer_passes<Slice, double>(here, batch, weights, x, dy, nullptr);
    each([&](std::size_t to, std::size_t from) { gradients[to] += made.gradients[from]; });
    return made;
}

}  // namespace

TEST_CASE("slices of outputs together are the product, and what a last slice has beyond them is zero") {
    constexpr std::int64_t outputs = 10, own = 3;  // 3, 3, 3 and 1
    using slice = linear_columns<inputs, outputs, slices>;
    STATIC_REQUIRE(slice::gives(dims(7, inputs)) == dims(7, own));
    layer_case<linear<inputs, outputs>, double> const given{dims(inputs), batch};
    auto const whole = given.whole();
    std::vector<double> dx(given.x.size()), gradients(given.weights.size());
    for (int k = 0; k < slices; ++k) {
        std::vector<double> dy(own * batch);
        for (std::int64_t i = 0; i < own * batch; ++i)
            if (std::int64_t const j = k * own + i % own; j < outputs) dy[static_cast<std::size_t>(i)] = given.dy[static_cast<std::size_t>(i / own * outputs + j)];
        auto const made = slice_of<linear<inputs, outputs>, slice>(given, k, given.x, dy, gradients);
        for (std::int64_t i = 0; i < own * batch; ++i) {
            std::int64_t const j = k * own + i % own;
            CHECK(made.y[static_cast<std::size_t>(i)] == (j < outputs ? Approx(whole.y[static_cast<std::size_t>(i / own * outputs + j)]).margin(1e-12) : Approx(0)));
        }
        for (std::size_t i = 0; i < dx.size(); ++i) dx[i] += made.dx[i];
    }
    are_near(dx, whole.dx);
    are_near(gradients, whole.gradients);
}

TEST_CASE("slices of inputs add up to the product without its bias, which is added once") {
    constexpr std::int64_t outputs = 3;
    using slice = linear_rows<inputs, outputs, slices>;
    layer_case<linear<inputs, outputs>, double> given{dims(inputs), batch};
    auto const bias = chain<type_list<linear<inputs, outputs>>>::places(dims(inputs), 1).item[0].offset[1];
    auto const whole = given.whole();
    std::vector<double> y(whole.y.size()), dx(given.x.size()), gradients(given.weights.size());
    for (int k = 0; k < slices; ++k) {
        auto const part_of_x = part_of(given.x, given.in, batch, {slices, slices, false}, held::sliced, k);
        auto const made      = slice_of<linear<inputs, outputs>, slice>(given, k, part_of_x, given.dy, gradients);
        for (std::size_t i = 0; i < y.size(); ++i) y[i] += made.y[i];
        for_each_held(given.in, batch, {slices, slices, false}, held::sliced, k,
                      [&](auto to, auto from) { dx[static_cast<std::size_t>(to)] = made.dx[static_cast<std::size_t>(from)]; });
    }
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += given.weights[static_cast<std::size_t>(bias) + i % outputs];
    are_near(y, whole.y);
    are_near(dx, whole.dx);
    for (std::int64_t j = 0; j < outputs; ++j) CHECK(gradients[static_cast<std::size_t>(bias + j)] == 0);  // of the tail, which is another call's
    for (std::int64_t i = 0; i < bias; ++i) CHECK(gradients[static_cast<std::size_t>(i)] == Approx(whole.gradients[static_cast<std::size_t>(i)]).margin(1e-12));
}

TEST_CASE("slices of a product say what they take, give and are parts of") {
    using columns = linear<8, 10>::sharded<4>;
    using rows    = linear<8, 10>::sharded_inputs<4>;
    STATIC_REQUIRE((std::is_same_v<columns::takes_placement, replicated> && std::is_same_v<columns::gives_placement, sharded<dim::features>>));
    STATIC_REQUIRE((std::is_same_v<rows::takes_placement, sharded<dim::features>> && std::is_same_v<rows::gives_placement, partial>));
    STATIC_REQUIRE((Layer<columns> && Layer<rows>));
    STATIC_REQUIRE((rows::takes(dims(5, 2)) && !rows::takes(dims(5, 8)) && columns::takes(dims(5, 8)) && !columns::takes(dims(5, 2))));
    constexpr auto of_columns = columns::parameters(dims(8));
    constexpr auto of_rows    = rows::parameters(dims(2));
    CHECK((of_columns.item[0].extents == dims(3, 8) && of_columns.item[0].cut.along == 0 && of_columns.item[0].cut.whole == dims(10, 8)));
    CHECK((of_columns.item[1].extents == dims(3) && of_columns.item[1].cut.slices == 4 && of_columns.item[1].cut.whole == dims(10)));
    CHECK((of_rows.item[0].extents == dims(10, 2) && of_rows.item[0].cut.along == 1 && of_rows.item[0].cut.whole == dims(10, 8)));
    CHECK((of_rows.item[1].extents == dims(10) && of_rows.item[1].cut.slices == 1));
    // Initial values are drawn by the whole tensor's place: their scale is that of all inputs.
    auto const whole = linear<8, 10>::parameters(dims(8));
    for (int i = 0; i < 2; ++i) CHECK((of_rows.item[i].start.scale == whole.item[i].start.scale && of_columns.item[i].start.scale == whole.item[i].start.scale));
}

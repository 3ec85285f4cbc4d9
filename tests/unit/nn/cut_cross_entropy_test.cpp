// SPDX-License-Identifier: BSL-1.0
// The loss of scores that are cut by classes, against the loss of whole scores.
#include "support/catch.hpp"

#include "unit/nn/cut_scores.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <vector>

using namespace espalier;
using espalier_test::alone;
using espalier_test::drawn;
using espalier_test::scores;
using espalier_test::targets;
using espalier_test::whole;

namespace {

template <class T>
double farthest(std::vector<T> const& a, std::vector<T> const& b) {
    double d = 0;
    for (std::size_t i = 0; i < a.size(); ++i) d = std::max(d, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    return d;
}

template <int K, std::int64_t Classes, class T>
void agrees_with_the_whole() {
    double const bound = std::same_as<T, float> ? 1e-5 : 1e-12;
    for (shape const out : {dims(Classes), dims(4, Classes)}) {
        std::int64_t const batch = 3, rows = out.rows() * batch;
        auto const y = scores<T>(rows, Classes), target = targets<T>(rows, Classes);
        auto const of_cut = alone<K, Classes>(out, batch, y, target), of_whole = whole(out, batch, y, target);
        INFO(Classes << " classes, " << K << " slices, " << rows << " rows");
        CHECK(of_cut.sum.sum == Approx(of_whole.sum.sum).epsilon(bound));
        CHECK(of_cut.sum.weight == of_whole.sum.weight);
        CHECK(of_cut.sum.weight == static_cast<double>(rows - 1));
        CHECK(farthest(of_cut.dy, of_whole.dy) < bound);
        CHECK((Classes == 1 || farthest(of_whole.dy, std::vector<T>(y.size())) > 0.1));
        if (K == 1) CHECK((of_cut.sum.sum == of_whole.sum.sum && of_cut.dy == of_whole.dy));
    }
}

}  // namespace

TEMPLATE_TEST_CASE("cross entropy of cut scores is that of whole ones, sum, weight and gradient; one slice gives its bits", "", float, double) {
    agrees_with_the_whole<1, 8, TestType>();
    agrees_with_the_whole<2, 8, TestType>();
    agrees_with_the_whole<4, 8, TestType>();
    agrees_with_the_whole<1, 7, TestType>();
    agrees_with_the_whole<4, 7, TestType>();  // the last slice has one class less
    agrees_with_the_whole<4, 9, TestType>();  // and here none
    agrees_with_the_whole<8, 1, TestType>();
    agrees_with_the_whole<4, 30522, TestType>();
}

TEST_CASE("its gradient agrees with central differences") {
    shape const out          = dims(2, 7);
    std::int64_t const batch = 2;
    auto y                   = drawn<double>(28, 4);
    std::vector<double> const target{6, 0, -1, 3};
    auto const at = [&](std::vector<double> const& v) { return alone<4, 7>(out, batch, v, target).sum.sum; };
    auto const dy = alone<4, 7>(out, batch, y, target).dy;
    for (std::size_t i = 0; i < y.size(); ++i) {
        double const delta = 1e-6, before = y[i];
        y[i]               = before + delta;
        double const above = at(y);
        y[i]               = before - delta;
        double const below = at(y);
        y[i]               = before;
        CHECK(dy[i] == Approx((above - below) / (2 * delta)).margin(1e-8));
    }
}

TEST_CASE("cut scores of any size overflow nowhere; a NaN in any slice is seen") {
    std::vector<float> y{1e30f, -1e30f, 0, 5};
    std::vector<float> const target{0};
    auto const sure = alone<4, 4>(dims(4), 1, y, target);
    CHECK(sure.sum.sum == 0);
    CHECK(sure.dy == std::vector<float>{0, 0, 0, 0});
    for (std::size_t i = 0; i < 4; ++i) {
        auto wrong = y;
        wrong[i]   = std::numeric_limits<float>::quiet_NaN();
        CHECK(std::isnan(alone<4, 4>(dims(4), 1, wrong, target).sum.sum));
        CHECK(std::isnan(alone<2, 4>(dims(4), 1, wrong, target).sum.sum));
    }
}

TEST_CASE("the target of cut scores is that of whole ones") {
    using loss = cross_entropy::cut<cut_over<2, 8, false>, 30522>;
    STATIC_REQUIRE(loss::slice_size == 3816);
    STATIC_REQUIRE(loss::own_slices == 4);
    CHECK(loss::target(dims(4, 3816)) == cross_entropy::target(dims(30522)));
    CHECK(loss::target(dims(4, 5, 3816)) == cross_entropy::target(dims(5, 30522)));
}

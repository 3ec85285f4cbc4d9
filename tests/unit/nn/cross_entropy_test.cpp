// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/cross_entropy.hpp>

#include <cmath>
#include <limits>
#include <string>

using namespace espalier;
using espalier_test::drawn;

namespace {
/// −log softmax(y)[target] of n scores that are `stride` apart, in double.
template <class T>
double by_formula(std::size_t n, T const* y, std::size_t stride, std::size_t target) {
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += std::exp(static_cast<double>(y[j * stride]) - static_cast<double>(y[target * stride]));
    return std::log(sum);
}
}  // namespace

TEMPLATE_TEST_CASE("cross entropy is the sum of −log softmax at the targets, with its gradient", "", float, double) {
    using T            = TestType;
    double const bound = std::is_same_v<T, float> ? 1e-5 : 1e-12;
    for (std::int64_t const classes : {1, 2, 3, 17, 1000}) {
        auto const n = static_cast<std::size_t>(classes);
        auto y       = drawn<T>(6 * classes, 1);
        for (T& v : y) v *= T{5};
        std::vector<T> target, dy(y.size());
        for (std::size_t r = 0; r < 6; ++r) target.push_back(static_cast<T>(r * 7 % n));
        auto const loss = cross_entropy::evaluate(dims(classes), 6, y.data(), target.data(), dy.data());
        double expected = 0;
        for (std::size_t r = 0; r < 6; ++r) {
            expected += by_formula(n, y.data() + r * n, 1, r * 7 % n);
            for (std::size_t j = 0; j < n; ++j) {
                double const share = std::exp(-by_formula(n, y.data() + r * n, 1, j));
                CHECK(std::abs(static_cast<double>(dy[r * n + j]) - (share - (j == r * 7 % n ? 1 : 0))) < bound);
            }
        }
        CHECK(loss.sum == Approx(expected).epsilon(bound));
        CHECK(loss.weight == 6);
        auto const alone = cross_entropy::evaluate(dims(classes), 6, y.data(), target.data(), static_cast<T*>(nullptr));
        CHECK(alone.sum == loss.sum);
    }
}

TEST_CASE("targets below 0 count for nothing: in neither the sum, nor the weight, nor the gradient") {
    auto const y = drawn<double>(2 * 3 * 4, 1);  // (T,B,C) = (2,3,4)
    std::vector<double> const target{1, -1, 3, -100, 0, 2};
    std::vector<double> dy(y.size(), 9.0);
    CHECK(cross_entropy::target(dims(2, 4)) == dims(2, 1));
    auto const loss = cross_entropy::evaluate(dims(2, 4), 3, y.data(), target.data(), dy.data());
    CHECK(loss.weight == 4);
    CHECK(loss.sum == Approx(by_formula(4, &y[0], 1, 1) + by_formula(4, &y[8], 1, 3) + by_formula(4, &y[16], 1, 0) + by_formula(4, &y[20], 1, 2)).epsilon(1e-12));
    for (std::size_t j = 0; j < 4; ++j) {
        CHECK(dy[4 + j] == 0);
        CHECK(dy[12 + j] == 0);
        CHECK(dy[16 + j] != 0);
    }
    std::vector<double> const none(6, -1.0);
    auto const nothing = cross_entropy::evaluate(dims(2, 4), 3, y.data(), none.data(), dy.data());
    CHECK(nothing.sum == 0);
    CHECK(nothing.weight == 0);
}

TEST_CASE("the cross entropy of a span is that of its first and of its last step among all steps") {
    std::int64_t const steps = 5, batch = 2;
    auto const y = drawn<double>(steps * batch * 2, 4);  // (T,B,2)
    std::vector<double> const target{1, 3, 4, -1};       // of sample 1 only the first step counts
    std::vector<double> dy(y.size(), 9.0);
    CHECK(span_cross_entropy::target(dims(5, 2)) == dims(2));
    auto const loss = span_cross_entropy::evaluate(dims(steps, 2), batch, y.data(), target.data(), dy.data());
    CHECK(loss.weight == 3);
    CHECK(loss.sum == Approx(by_formula(5, &y[0], 4, 1) + by_formula(5, &y[1], 4, 3) + by_formula(5, &y[2], 4, 4)).epsilon(1e-12));
    double const delta = 1e-6;
    for (std::size_t i = 0; i < y.size(); ++i) {
        auto up = y, down = y;
        up[i] += delta, down[i] -= delta;
        auto const at = [&](std::vector<double> const& v) { return span_cross_entropy::evaluate(dims(steps, 2), batch, v.data(), target.data(), static_cast<double*>(nullptr)).sum; };
        CHECK(dy[i] == Approx((at(up) - at(down)) / (2 * delta)).margin(1e-8));
    }
}

TEST_CASE("scores of any size overflow nowhere; a NaN is seen") {
    std::vector<float> y{1e30f, -1e30f, 0}, target{0}, dy(3);
    CHECK(cross_entropy::evaluate(dims(3), 1, y.data(), target.data(), dy.data()).sum == 0);
    CHECK(dy == std::vector<float>{0, 0, 0});
    y[1] = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(cross_entropy::evaluate(dims(3), 1, y.data(), target.data(), dy.data()).sum));
}

TEST_CASE("a target that is no class or no step is an error with its place") {
    std::vector<float> y(24), dy(24);
    auto const words_of = [&](auto loss, shape out, std::vector<float> const& target) -> std::string {
        try {
            (void)decltype(loss)::evaluate(out, 2, y.data(), target.data(), dy.data());
        } catch (bad_index const& e) {
            return e.what();
        }
        return "nothing thrown";
    };
    CHECK(words_of(cross_entropy{}, dims(3), {1, 3}) == "espalier: cross_entropy: requires target classes from 0 to 2; got 3 at step 0 of sample 1 of the batch. "
                                                        "Check the targets, or give the last layer as many outputs as there are classes. See docs/policies/model.md.");
    CHECK(words_of(cross_entropy{}, dims(2, 3), {1, 2, 0, 0.5f}).find("got 0.5 at step 1 of sample 1") != std::string::npos);
    CHECK(words_of(cross_entropy{}, dims(3), {1, std::numeric_limits<float>::quiet_NaN()}).find("got nan") != std::string::npos);
    CHECK(words_of(span_cross_entropy{}, dims(6, 2), {0, 5, 1, 6}) == "espalier: span_cross_entropy: requires target steps from 0 to 5; got 6 at the last of sample 1 of the batch. "
                                                                      "Check the targets, or leave out spans that were cut off by a target below 0. See docs/policies/model.md.");
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/philox.hpp>
#include <espalier/math/elementwise.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace espalier;

namespace {

template <class T>
std::vector<T> numbers(std::int64_t n, std::string_view purpose) {
    random_key const key{2, purpose};
    std::vector<T> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>(to_unit(key.at(i).word[0]) * 4.0f - 2.0f);
    return v;
}

constexpr std::int64_t lengths[] = {0, 1, 15, 16, 17, 100, 1023};

} // namespace

TEMPLATE_TEST_CASE("a bias is added to every row", "", float, double) {
    for (std::int64_t rows : {0, 1, 5})
        for (std::int64_t cols : lengths) {
            auto const bias = numbers<TestType>(cols, "bias"), before = numbers<TestType>(rows * cols, "y");
            auto y = before;
            math::add_bias_rows(rows, cols, bias.data(), y.data());
            for (std::size_t i = 0; i < y.size(); ++i) REQUIRE(y[i] == before[i] + bias[i % static_cast<std::size_t>(cols)]);
        }
}

TEMPLATE_TEST_CASE("column sums agree with long double and are added to what is there", "", float, double) {
    for (std::int64_t rows : {0, 1, 3, 4, 7, 256, 301})
        for (std::int64_t cols : {1, 5, 16, 50, 200}) {
            auto const x = numbers<TestType>(rows * cols, "x"), before = numbers<TestType>(cols, "out");
            auto out = before;
            math::column_sums_add(rows, cols, x.data(), out.data());
            for (std::size_t j = 0; j < out.size(); ++j) {
                long double sum = before[j], size = std::fabs(sum);
                for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
                    long double const v = x[i * out.size() + j];
                    sum += v, size += std::fabs(v);
                }
                REQUIRE(std::fabs(sum - out[j]) <=
                        static_cast<long double>(rows) * std::numeric_limits<TestType>::epsilon() * size);
            }
        }
}

TEST_CASE("a column's sum does not depend on the columns beside it") {
    auto const x = numbers<float>(23 * 50, "x");
    std::vector<float> whole(50);
    math::column_sums_add(23, 50, x.data(), whole.data());
    for (std::size_t j : {0u, 17u, 49u}) {
        std::vector<float> column, sum(1);
        for (std::size_t i = 0; i < 23; ++i) column.push_back(x[i * 50 + j]);
        math::column_sums_add(23, 1, column.data(), sum.data());
        CHECK(sum[0] == whole[j]);
    }
}

TEMPLATE_TEST_CASE("relu keeps what is positive and hands on its gradient there, in place too", "", float, double) {
    for (std::int64_t n : lengths) {
        auto const x = numbers<TestType>(n, "x"), dy = numbers<TestType>(n, "dy");
        std::vector<TestType> y(x.size()), dx(x.size());
        math::relu_forward(n, x.data(), y.data());
        math::relu_backward(n, y.data(), dy.data(), dx.data());
        for (std::size_t i = 0; i < x.size(); ++i) {
            REQUIRE(y[i] == std::max(x[i], TestType{0}));
            REQUIRE(dx[i] == (x[i] > 0 ? dy[i] : TestType{0}));
        }
        auto in_place = x, gradient = dy;
        math::relu_forward(n, in_place.data(), in_place.data());
        math::relu_backward(n, y.data(), gradient.data(), gradient.data());
        CHECK(in_place == y);
        CHECK(gradient == dx);
    }
    TestType const nan = std::numeric_limits<TestType>::quiet_NaN();
    TestType y         = 0;
    math::relu_forward(1, &nan, &y);
    CHECK(std::isnan(y));
}

TEMPLATE_TEST_CASE("tanh and its gradient agree with double", "", float, double) {
    double const bound = std::is_same_v<TestType, float> ? 3e-7 : 1e-15;
    for (std::int64_t n : lengths) {
        auto const x = numbers<TestType>(n, "x"), dy = numbers<TestType>(n, "dy");
        std::vector<TestType> y(x.size()), dx(x.size());
        math::tanh_forward(n, x.data(), y.data());
        math::tanh_backward(n, y.data(), dy.data(), dx.data());
        for (std::size_t i = 0; i < x.size(); ++i) {
            double const t = std::tanh(static_cast<double>(x[i]));
            REQUIRE(std::fabs(static_cast<double>(y[i]) - t) <= bound);
            REQUIRE(std::fabs(static_cast<double>(dx[i]) - static_cast<double>(dy[i]) * (1 - t * t)) <= 8 * bound);
        }
    }
}

TEMPLATE_TEST_CASE("arrays are added and cleared, and nothing beyond their ends is touched", "", float, double) {
    for (std::int64_t n : lengths) {
        auto const x = numbers<TestType>(n + 1, "x"), before = numbers<TestType>(n + 1, "y");
        auto y = before;
        math::add_to(n, x.data(), y.data());
        for (std::size_t i = 0; i + 1 < y.size(); ++i) REQUIRE(y[i] == before[i] + x[i]);
        CHECK(y.back() == before.back());
        math::fill_zero(n, y.data());
        CHECK(std::count(y.begin(), y.end() - 1, TestType{0}) == n);
        CHECK(y.back() == before.back());
    }
}

TEMPLATE_TEST_CASE("the scan finds the first NaN or infinity, wherever it lies", "", float, double) {
    TestType const bad[] = {std::numeric_limits<TestType>::quiet_NaN(), std::numeric_limits<TestType>::infinity(),
                            -std::numeric_limits<TestType>::infinity()};
    for (std::int64_t n : {1, 16, 17, 256, 257, 1000}) {
        auto x = numbers<TestType>(n, "x");
        x[0]   = std::numeric_limits<TestType>::max();
        CHECK(math::first_non_finite(n, x.data()) == -1);
        for (std::int64_t at : {n - 1, n / 2, std::int64_t{0}}) { // from the end, so that each is the first
            x[static_cast<std::size_t>(at)] = bad[static_cast<std::size_t>(at) % 3];
            CHECK(math::first_non_finite(n, x.data()) == at);
        }
    }
    CHECK(math::first_non_finite(0, static_cast<TestType const*>(nullptr)) == -1);
}

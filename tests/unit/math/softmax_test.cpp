// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/philox.hpp>
#include <espalier/math/softmax.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace espalier;

TEMPLATE_TEST_CASE("log_sum_exp and softmax agree with the formulas in double, at any stride", "", float, double) {
    using T            = TestType;
    double const bound = std::is_same_v<T, float> ? 2e-6 : 1e-14;
    random_key const key{5, "scores"};
    for (std::size_t const n : {1u, 2u, 15u, 16u, 17u, 100u, 30522u})
        for (std::size_t const stride : {1u, 3u}) {
            std::vector<T> x(n * stride), share(n * stride, T{9});
            for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(4 * to_normal(key.at(i).word[0], key.at(i).word[1]));
            double sum = 0;
            for (std::size_t j = 0; j < n; ++j) sum += std::exp(static_cast<double>(x[j * stride]));
            double const got = math::log_sum_exp<T>(static_cast<std::int64_t>(n), x.data(), static_cast<std::int64_t>(stride));
            CHECK(std::abs(got - std::log(sum)) < bound);
            math::softmax<T>(static_cast<std::int64_t>(n), x.data(), got, share.data(), static_cast<std::int64_t>(stride));
            double worst = 0;
            for (std::size_t j = 0; j < n; ++j)
                worst = std::max(worst, std::abs(static_cast<double>(share[j * stride]) - std::exp(static_cast<double>(x[j * stride])) / sum));
            CHECK(worst < bound);
            for (std::size_t i = 0; i < share.size(); ++i)
                if (i % stride != 0) REQUIRE(share[i] == T{9});
        }
}

TEST_CASE("large scores do not overflow, and a NaN anywhere is seen") {
    std::vector<float> x{1000, 1000, -1e30f};
    CHECK(math::log_sum_exp<float>(3, x.data()) == Approx(1000 + std::log(2.0)));
    for (std::size_t i = 0; i < 3; ++i) {
        auto y = x;
        y[i]   = std::numeric_limits<float>::quiet_NaN();
        CHECK(std::isnan(math::log_sum_exp<float>(3, y.data())));
    }
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/philox.hpp>
#include <espalier/math/block_sum.hpp>

#include <cmath>
#include <vector>

using namespace espalier;

namespace {

template <class T>
std::vector<T> normal_numbers(std::int64_t n) {
    random_key const key{3, "block sums"};
    std::vector<T> v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) {
        auto const words = key.at(i);
        v[i]             = static_cast<T>(to_normal(words.word[0], words.word[1]));
    }
    return v;
}

template <class T>
std::vector<double> squares_of(std::vector<T> const& x) {
    std::vector<double> out(static_cast<std::size_t>(math::blocks_of(static_cast<std::int64_t>(x.size()))), -1.0);
    math::block_squares(static_cast<std::int64_t>(x.size()), x.data(), out.data());
    return out;
}

} // namespace

TEST_CASE("a tensor of n elements has n/4096 blocks, rounded up") {
    STATIC_REQUIRE(math::blocks_of(0) == 0);
    STATIC_REQUIRE(math::blocks_of(1) == 1);
    STATIC_REQUIRE(math::blocks_of(4096) == 1);
    STATIC_REQUIRE(math::blocks_of(4097) == 2);
}

TEMPLATE_TEST_CASE("the sum of each block agrees with long double", "", float, double) {
    for (std::int64_t n : {0, 1, 15, 16, 17, 4095, 4096, 4097, 10007}) {
        auto const x   = normal_numbers<TestType>(n);
        auto const out = squares_of(x);
        for (std::size_t b = 0; b < out.size(); ++b) {
            long double sum = 0;
            for (std::size_t i = b * 4096; i < std::min(x.size(), (b + 1) * 4096); ++i)
                sum += static_cast<long double>(x[i]) * x[i];
            CAPTURE(n, b);
            CHECK(std::fabs(static_cast<double>(sum - out[b])) <= 4096 * 2.3e-16 * static_cast<double>(sum));
        }
    }
}

TEST_CASE("a block's sum depends on that block alone") {
    auto const x     = normal_numbers<float>(5 * 4096 + 100);
    auto const whole = squares_of(x);
    for (std::size_t b = 0; b < whole.size(); ++b) {
        auto const first = x.begin() + static_cast<std::ptrdiff_t>(b * 4096);
        std::vector<float> const alone(first, b + 1 < whole.size() ? first + 4096 : x.end());
        CHECK(squares_of(alone) == std::vector<double>{whole[b]});
    }
}

TEST_CASE("squares of floats are exact, so that sixteen partial sums and their halves are the whole rule") {
    std::vector<float> const x = normal_numbers<float>(100);
    double partial[16]         = {};
    for (std::size_t i = 0; i < x.size(); ++i) partial[i % 16] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    auto const fold = [&](auto const& self, int first, int step) -> double {
        return step == 16 ? partial[first] : self(self, first, 2 * step) + self(self, first + step, 2 * step);
    };
    CHECK(squares_of(x) == std::vector<double>{fold(fold, 0, 1)});
}

TEST_CASE("numbers are summed along the lane tree") {
    std::vector<double> const x{1e16, 1.0, -1e16, 1.0, 0.25, 3.0, 1e-3};
    CHECK(math::tree_sum(0, x.data()) == 0.0);
    CHECK(math::tree_sum(1, x.data()) == 1e16);
    CHECK(math::tree_sum(5, x.data()) == ((x[0] + x[1]) + (x[2] + x[3])) + x[4]);
    CHECK(math::tree_sum(6, x.data()) == ((x[0] + x[1]) + (x[2] + x[3])) + (x[4] + x[5]));
    CHECK(math::tree_sum(7, x.data()) == ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + x[6]));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/permutation.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

using namespace espalier;

namespace {
std::vector<std::int64_t> order_of(std::int64_t n, random_key key, std::uint64_t epoch) {
    permutation const order{n, key, epoch};
    std::vector<std::int64_t> out;
    for (std::int64_t i = 0; i < n; ++i) out.push_back(order(i));
    return out;
}

constexpr bool is_bijection_of_7() {
    permutation const order{7, random_key{3, "order"}, 1};
    bool hit[7] = {};
    for (int i = 0; i < 7; ++i) hit[order(i)] = true;
    for (bool h : hit)
        if (!h) return false;
    return order.size() == 7;
}
}  // namespace

TEST_CASE("a permutation meets each of 0 … n − 1 once, at every size and in every epoch") {
    for (std::int64_t n : {0, 1, 2, 3, 4, 5, 16, 17, 64, 65, 1000, 4096, 4097})
        for (std::uint64_t epoch : {0u, 1u, 2u, 1000u}) {
            auto order = order_of(n, random_key{9, "order"}, epoch);
            std::sort(order.begin(), order.end());
            INFO("n = " << n << ", epoch " << epoch);
            bool in_order = true;
            for (std::int64_t i = 0; i < n; ++i) in_order = in_order && order[static_cast<std::size_t>(i)] == i;
            CHECK(in_order);
        }
}

TEST_CASE("the order is a constant expression") { STATIC_REQUIRE(is_bijection_of_7()); }

TEST_CASE("other epochs, seeds and purposes give other orders, the same ones the same") {
    for (std::int64_t n : {64, 1000, 4097}) {
        auto const order = order_of(n, random_key{9, "order"}, 4);
        CHECK(order == order_of(n, random_key{9, "order"}, 4));
        CHECK(order != order_of(n, random_key{9, "order"}, 5));
        CHECK(order != order_of(n, random_key{10, "order"}, 4));
        CHECK(order != order_of(n, random_key{9, "other"}, 4));
    }
}

TEST_CASE("over epochs every one of the six orders of three samples comes up equally often") {
    constexpr int epochs = 6000;
    std::map<std::vector<std::int64_t>, int> times;
    for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) ++times[order_of(3, random_key{1, "order"}, epoch)];
    REQUIRE(times.size() == 6);
    for (auto const& [order, count] : times) CHECK(std::abs(count - epochs / 6) < 5 * std::sqrt(epochs / 6.0));
}

TEST_CASE("over epochs a position points everywhere equally often, and neighbours do not stay together") {
    constexpr int epochs = 5000, n = 11;
    std::vector<int> at_three(n, 0);
    int neighbours = 0;
    for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
        permutation const order{n, random_key{1, "order"}, epoch};
        ++at_three[static_cast<std::size_t>(order(3))];
        neighbours += order(4) - order(3) == 1;
    }
    double const mean = double{epochs} / n;
    for (int count : at_three) CHECK(std::abs(count - mean) < 5 * std::sqrt(mean));
    CHECK(std::abs(neighbours - mean * (n - 1) / n) < 5 * std::sqrt(mean));  // n − 1 of n·(n − 1) ordered pairs
}

TEST_CASE("a size beyond 32 bits is permuted too") {
    std::int64_t const n = (std::int64_t{1} << 40) + 3;
    permutation const order{n, random_key{2, "order"}, 0};
    std::set<std::int64_t> seen;
    bool in_range = true;
    for (std::int64_t i = 0; i < 2000; ++i) {
        std::int64_t const at = order(n - 1 - i);
        in_range              = in_range && at >= 0 && at < n;
        seen.insert(at);
    }
    CHECK(in_range);
    CHECK(seen.size() == 2000);
    CHECK(*seen.rbegin() > n / 2);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/tensor_ranks.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/exchange.hpp>
#include <espalier/nn/layer.hpp>

#include <numeric>
#include <vector>

using namespace espalier;
using espalier_test::on_tensor_ranks;

TEST_CASE("a cut says how many slices a rank has, and how many blocks of steps") {
    STATIC_REQUIRE((tensor_cut{2, 8, false}.own_slices() == 4 && tensor_cut{2, 8, false}.own_blocks() == 8));
    STATIC_REQUIRE((tensor_cut{2, 8, true}.own_slices() == 4 && tensor_cut{2, 8, true}.own_blocks() == 4));
    STATIC_REQUIRE((not_cut::value == tensor_cut{} && tensor_cut{}.own_slices() == 1));
}

TEST_CASE("a rank alone exchanges with itself: values stay, and parts are copied") {
    exchange_alone<float> exchange;
    CHECK((exchange.rank() == 0 && exchange.ranks() == 1));
    std::vector<float> v{1, 2, 3}, part(3), doubled{4, 5, 6};
    exchange.sum(exchange_point::output, v.data(), 3);
    exchange.post_sum(exchange_point::output, v.data(), 3);
    exchange.wait();
    exchange.gather(exchange_point::input, v.data(), 3);
    exchange.sum_to_parts(exchange_point::output, v.data(), v.data(), 3);  // the same array
    CHECK(v == std::vector<float>{1, 2, 3});
    exchange.sum_to_parts(exchange_point::output, v.data(), part.data(), 3);
    CHECK(part == v);
    exchange.post_sum_to_parts(exchange_point::output, doubled.data(), part.data(), 3);
    exchange.wait();
    CHECK(part == doubled);
    std::vector<double> d{1.5};
    exchange.gather_doubles(exchange_point::scores, d.data(), 1);
    CHECK(d[0] == 1.5);
}

TEST_CASE("ranks sum, scatter and gather what their places say") {
    for (int const ranks : {1, 2, 4}) {
        INFO(ranks << " ranks");
        auto const all = on_tensor_ranks<float>({ranks, 4, false}, [&](tensor_exchange<float>& exchange) {
            // Rank r brings r + 1 times 0, 1, 2 …; whole numbers have one sum.
            auto const mine = [&](std::size_t n) {
                std::vector<float> v(n);
                for (std::size_t i = 0; i < n; ++i) v[i] = static_cast<float>(exchange.rank() + 1) * static_cast<float>(i);
                return v;
            };
            auto const n = static_cast<std::size_t>(ranks) * 3;
            auto summed = mine(5), posted = mine(5), from = mine(n), whole = mine(n);
            std::vector<float> part(3), later(3);
            exchange.sum(exchange_point::output, summed.data(), 5);
            exchange.post_sum(exchange_point::input_gradient, posted.data(), 5);
            exchange.wait();
            exchange.sum_to_parts(exchange_point::output, from.data(), part.data(), 3);
            exchange.post_sum_to_parts(exchange_point::input_gradient, from.data(), later.data(), 3);
            exchange.wait();
            exchange.gather(exchange_point::input, whole.data(), 3);
            std::vector<double> doubles(n, exchange.rank() + 0.1);
            exchange.gather_doubles(exchange_point::scores, doubles.data(), 3);
            std::vector<float> out;
            for (auto const& v : {summed, posted, part, later, whole}) out.insert(out.end(), v.begin(), v.end());
            for (double const d : doubles) out.push_back(static_cast<float>(d));
            return out;
        });
        auto const times = static_cast<float>(ranks * (ranks + 1) / 2);
        for (int r = 0; r < ranks; ++r) {
            std::vector<float> expected;
            for (int again = 0; again < 2; ++again)
                for (int i = 0; i < 5; ++i) expected.push_back(times * static_cast<float>(i));
            for (int again = 0; again < 2; ++again)
                for (int i = 0; i < 3; ++i) expected.push_back(times * static_cast<float>(3 * r + i));
            for (int i = 0; i < 3 * ranks; ++i) expected.push_back(static_cast<float>((i / 3 + 1) * i));
            for (int i = 0; i < 3 * ranks; ++i) expected.push_back(static_cast<float>(i / 3 + 0.1));
            CHECK(all[static_cast<std::size_t>(r)] == expected);
        }
    }
}

TEST_CASE("a tally counts exchanges and what a rank sends in them, and nothing on a rank alone") {
    exchange_tally alone;
    alone.sum(100), alone.sum_to_parts(10), alone.gather(10), alone.gather_doubles(10);
    CHECK((alone.times == 0 && alone.sent == 0));
    exchange_tally two{2, 1};
    two.sum(64);  // 32 to be added, 32 that were added here
    CHECK((two.times == 1 && two.sent == 64));
    two.sum_to_parts(10, 3);  // the other's part, three times
    CHECK((two.times == 4 && two.sent == 64 + 30));
    two.gather(10);
    CHECK((two.times == 5 && two.sent == 64 + 30 + 10));
    exchange_tally four{4, 0};
    four.gather_doubles(7);
    CHECK((four.times == 1 && four.sent == 21));
}

TEST_CASE("a layer that states no exchanges makes none") {
    exchange_tally t{2, 0};
    count_exchanges<relu>(dims(4), 2, pass_way::backward, true, t);
    CHECK(t.times == 0);
}

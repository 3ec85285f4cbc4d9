// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/chunks.hpp>

#include <algorithm>
#include <cstdint>

using namespace espalier;

TEST_CASE("chunks start at multiples of sixteen, cover all elements once, and differ by at most one grain", "[comm]") {
    for (std::int64_t n : {0, 1, 15, 16, 17, 31, 100, 4095, 4096, 4097, 100003})
        for (int ranks : {1, 2, 3, 4, 7, 8, 64}) {
            auto const cut = chunk_borders(n, ranks);
            CHECK(cut[0] == 0);
            CHECK(cut[ranks] == n);
            std::int64_t least = n, most = 0;
            for (int r = 0; r < ranks; ++r) {
                CHECK(cut[r] <= cut[r + 1]);
                CHECK((cut[r] % 16 == 0 || cut[r] == n));
                CHECK(cut.elements(r) == cut[r + 1] - cut[r]);
                least = std::min(least, cut.elements(r));
                most  = std::max(most, cut.elements(r));
            }
            CHECK(most - least <= 31);  // a grain, and what the last one lacks
        }
}

TEST_CASE("chunks of a hundred elements over three ranks lie as drawn", "[comm]") {
    constexpr auto cut = chunk_borders(100, 3);
    static_assert(cut[0] == 0 && cut[1] == 32 && cut[2] == 64 && cut[3] == 100);
    SUCCEED();
}

TEST_CASE("chunks of more elements than memory holds do not overflow", "[comm]") {
    constexpr std::int64_t n = std::int64_t{1} << 50;
    static_assert(chunk_borders(n, 1024)[512] == n / 2);
    SUCCEED();
}

TEST_CASE("ranks with one summand send what the usual formula for an all-reduce says", "[comm]") {
    // 2(P−1)/P·n elements a rank, where P divides n into whole grains (Thakur 2005).
    for (int ranks : {1, 2, 4, 8})
        for (int r = 0; r < ranks; ++r) CHECK(elements_sent_all_reduce(4096, ranks, r, 1) == 2 * (ranks - 1) * 4096 / ranks);
}

TEST_CASE("a rank with several summands sends each of them to the owners", "[comm]") {
    // 6 lanes over 3 ranks: 100 elements as 32, 32, 36; rank 1 has one summand {2,3}.
    CHECK(elements_sent_all_reduce(100, 3, 1, 1) == 68 + 2 * 32);
    CHECK(elements_sent_all_reduce(100, 3, 2, 2) == 2 * 64 + 2 * 36);
    CHECK(elements_sent_all_reduce(100, 3, 0, 0) == 2 * 32);
}

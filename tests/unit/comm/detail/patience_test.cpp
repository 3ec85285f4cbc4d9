// SPDX-License-Identifier: BSL-1.0
/// @file
/// How often a rank looks before it sleeps. That waits end in time is seen where communicators run.
#include "support/catch.hpp"

#include <espalier/comm/detail/patience.hpp>

#include <thread>

using namespace espalier::detail;

TEST_CASE("a rank looks as often as its patience lasts, and once more at the end", "[comm]") {
    for (int looks : {0, 1, 7})
        for (int yields : {0, 1, 5}) {
            int asked = 0;
            CHECK_FALSE(is_over_soon({looks, yields}, [&] { return ++asked, false; }));
            CHECK(asked == looks + yields + 1);
        }
}

TEST_CASE("a rank stops looking when what it waits for has come", "[comm]") {
    for (int at : {1, 3, 4, 6, 7}) {  // in a look, after letting others run, at the end
        int asked = 0;
        CHECK(is_over_soon({3, 3}, [&] { return ++asked == at; }));
        CHECK(asked == at);
    }
}

TEST_CASE("ranks that have no core each look less often than ranks that have", "[comm]") {
    auto const cores = std::thread::hardware_concurrency();
    CHECK(patience_among(cores + 1).looks < patience_among(1).looks);
    CHECK(patience_of_workers.yields < patience_among(cores + 1).yields);
}

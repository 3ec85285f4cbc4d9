// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/partition/data/options.hpp>

using namespace espalier;

namespace {
template <class... Options>
constexpr auto sizes = detail::sizes_of<Options...>();
}

TEST_CASE("what is not said is one lane, one micro-batch, one bucket, no shards and nothing loaded ahead") {
    STATIC_REQUIRE(sizes<>.lanes == 1);
    STATIC_REQUIRE(sizes<>.micro_batches == 1);
    STATIC_REQUIRE(sizes<>.samples == 0);  // has to be said: data_parallel refuses 0
    STATIC_REQUIRE(sizes<>.buckets == 1);
    STATIC_REQUIRE(sizes<>.zero == zero_stage::none);
    STATIC_REQUIRE(sizes<>.prefetched_slots == 0);
    STATIC_REQUIRE(sizes<>.unknown == 0);
}

TEST_CASE("each option says its own number, in any order") {
    constexpr auto s = sizes<buckets<4>, samples<32>, zero<2>, prefetch<3>, micro_batches<5>, lanes<8>>;
    STATIC_REQUIRE(s.lanes == 8);
    STATIC_REQUIRE(s.micro_batches == 5);
    STATIC_REQUIRE(s.samples == 32);
    STATIC_REQUIRE(s.buckets == 4);
    STATIC_REQUIRE(s.zero == zero_stage::gradients);
    STATIC_REQUIRE(s.prefetched_slots == 3);
    STATIC_REQUIRE(s.unknown == 0);
}

TEST_CASE("the stages of ZeRO are numbered as in the paper") {
    STATIC_REQUIRE(sizes<zero<0>>.zero == zero_stage::none);
    STATIC_REQUIRE(sizes<zero<1>>.zero == zero_stage::optimizer_state);
    STATIC_REQUIRE(sizes<zero<2>>.zero == zero_stage::gradients);
    STATIC_REQUIRE(sizes<zero<3>>.zero == zero_stage::parameters);
}

TEST_CASE("types that are no options are counted, and change nothing else") {
    STATIC_REQUIRE(sizes<int, samples<4>, void>.unknown == 2);
    STATIC_REQUIRE(sizes<int, samples<4>, void>.samples == 4);
}

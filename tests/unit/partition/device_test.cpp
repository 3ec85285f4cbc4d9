// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/nn/activation.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/partition/concepts.hpp>
#include <espalier/partition/device.hpp>
#include <espalier/partition/mesh.hpp>

#include <algorithm>
#include <type_traits>

using namespace espalier;

namespace {
struct small_card {
    static constexpr std::string_view name = "a small card";
    static constexpr std::int64_t bytes    = 100'000;
};
using net     = sequence<linear<6, 24>, relu, linear<24, 10>, linear<10, 1>>;
using trained = model<net, mean_squared_error, adamw>;
using layout  = mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<1>>, pipeline<2, interleaved<2>>>;
using ahead   = data_parallel<lanes<4>, samples<3>, prefetch<3>>;
}  // namespace

TEST_CASE("the bytes of the shipped devices are the gigabytes of their names, of 10^9 bytes") {
    STATIC_REQUIRE(devices::a100_40gb::bytes == 40LL * 1000 * 1000 * 1000);
    STATIC_REQUIRE(devices::a100_80gb::bytes == 80LL * 1000 * 1000 * 1000);
    STATIC_REQUIRE(devices::h100_80gb::bytes == 80LL * 1000 * 1000 * 1000);
    STATIC_REQUIRE(devices::h200_141gb::bytes == 141LL * 1000 * 1000 * 1000);
    STATIC_REQUIRE(devices::l4_24gb::bytes == 24LL * 1000 * 1000 * 1000);
    CHECK(devices::a100_40gb::name == "NVIDIA A100 40 GB");
    CHECK(devices::a100_80gb::name == "NVIDIA A100 80 GB");
    CHECK(devices::h100_80gb::name == "NVIDIA H100 80 GB");
    CHECK(devices::h200_141gb::name == "NVIDIA H200 141 GB");
    CHECK(devices::l4_24gb::name == "NVIDIA L4 24 GB");
}

TEST_CASE("a partition within a device is seen as the partition: its numbers, its chunks, its schedule") {
    using there = within<small_card, layout>;
    STATIC_REQUIRE(Partition<there, trained>);
    STATIC_REQUIRE(std::is_same_v<there::plan_type, layout::plan_type>);
    STATIC_REQUIRE(std::is_same_v<there::schedule, interleaved<2>>);
    STATIC_REQUIRE(there::max_ranks == 8);
    STATIC_REQUIRE(there::is_chunked);
    STATIC_REQUIRE(rank_multiple<there> == 2);
    STATIC_REQUIRE(there::batch == 3);
    STATIC_REQUIRE(prefetched_slots<within<small_card, ahead>> == 3);
    STATIC_REQUIRE(rank_multiple<within<small_card, ahead>> == 1);
    STATIC_REQUIRE(std::is_void_v<there::misfit<net>>);
    STATIC_REQUIRE(!std::is_void_v<there::misfit<sequence<linear<6, 24>, relu, linear<24, 1>>>>);  // three layers, four chunks
}

TEST_CASE("the plans within a device are those of the partition, action for action and byte for byte") {
    for (int ranks : {2, 4, 6, 8})
        for (int rank = 0; rank < ranks; ++rank) {
            auto const a = layout::plan<trained>(ranks, rank);
            auto const b = within<small_card, layout, at_least_ranks<4>>::plan<trained>(ranks, rank);
            CHECK(std::equal(a.item, a.item + a.count, b.item, b.item + b.count));
            CHECK(a.memory.bytes() == b.memory.bytes());
            CHECK(a.sent_elements == b.sent_elements);
        }
}

TEST_CASE("a partition names a device and the fewest ranks, or none and one") {
    STATIC_REQUIRE(std::is_same_v<device_of<within<small_card, layout>>::type, small_card>);
    STATIC_REQUIRE(std::is_void_v<device_of<layout>::type>);
    STATIC_REQUIRE(std::is_void_v<device_of<int>::type>);
    STATIC_REQUIRE(least_ranks<within<small_card, layout>> == 1);
    STATIC_REQUIRE(least_ranks<within<small_card, layout, at_least_ranks<5>>> == 5);
    STATIC_REQUIRE(least_ranks<layout> == 1);
    STATIC_REQUIRE(least_ranks<int> == 1);
}

TEST_CASE("a world is refused where the partition refuses it, and where it is smaller than was asked for") {
    using there = within<small_card, layout, at_least_ranks<4>>;
    for (int ranks : {4, 6, 8}) CHECK_NOTHROW(there::check_ranks(ranks));
    for (int ranks : {-2, 0, 1, 2, 5, 10}) CHECK_THROWS_AS(there::check_ranks(ranks), invalid_setting);
    for (int ranks : {2, 4, 6, 8}) CHECK_NOTHROW(within<small_card, layout>::check_ranks(ranks));
    CHECK_THROWS_WITH(there::check_ranks(2), "espalier: within: requires at least 4 ranks, so that plans fit the memory of a small card; got a world of 2. "
                                             "Start more ranks or lower at_least_ranks<4>. See docs/policies/partition.md.");
    CHECK_THROWS_WITH(there::check_ranks(10), "espalier: mesh: requires a multiple of 2 ranks, one for each stage of the pipeline, up to 8, one lane a "
                                              "replica at least; got a world of 10. Start 2 ranks, or a multiple of it up to 8. See docs/policies/partition.md.");
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_problem.hpp"

#include <espalier/checkpoint/weights.hpp>
#include <espalier/partition/device.hpp>
#include <espalier/train/detail/check_device.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

using namespace espalier;
using Catch::Matchers::ContainsSubstring;
using espalier_test::mesh_model;
using espalier_test::mesh_problem;
using espalier_test::text_of_error;

namespace {
template <std::int64_t Bytes>
struct card {
    static constexpr std::string_view name = "a card of the test";
    static constexpr std::int64_t bytes    = Bytes;
};

// One product of 4 × 4 with its biases: 16 + 16 elements of parameters, a buffer of gradients has 16 more.
using square      = model<linear<4, 4>, mean_squared_error, adamw>;
using four_lanes  = data_parallel<lanes<4>, samples<4>>;
constexpr std::int64_t buffer_bytes = (32 + 16) * 4;
constexpr std::int64_t least_bytes  = four_lanes::plan<square>(4, 0).memory.bytes();  // a lane a rank, one buffer

template <std::int64_t Bytes, int Least = 1>
using misfit_within = typename detail::device_misfit<within<card<Bytes>, four_lanes, at_least_ranks<Least>>, square>::type;
template <std::int64_t Needed, std::int64_t There, int Ranks, int Rank>
using unfit = detail::plan_fits_device<card<There>, Needed, There, Ranks, Rank>;

// The first of two stages is the larger, since more micro-batches are in flight there and its layers are wider.
using two_stages = mesh<data_parallel<lanes<2>, micro_batches<2>, samples<3>>, pipeline<2, one_f_one_b, cut_at<4>>>;
constexpr std::int64_t first_stage  = two_stages::plan<mesh_model>(2, 0).memory.bytes();
constexpr std::int64_t second_stage = two_stages::plan<mesh_model>(2, 1).memory.bytes();

template <class P>
std::string weights_after_training(int ranks) {
    using trainer_type = trainer<mesh_model, P, threads, checkpoint::none>;
    std::mutex one_at_a_time;
    std::vector<std::string> hashes;
    launch<trainer_type>(ranks, [&](threads& world) {
        trainer_type t{world, {.seed = 5, .learning_rate = 1e-2}};
        t.fit(mesh_problem(48), {.epochs = 2});
        auto const hash = checkpoint::weights_hash(t.weights());
        std::scoped_lock const lock{one_at_a_time};
        hashes.push_back(hash);
    });
    REQUIRE(hashes.size() == static_cast<std::size_t>(ranks));
    for (auto const& h : hashes) CHECK(h == hashes[0]);
    return hashes[0];
}
}  // namespace

// Four lanes on one rank take three buffers, on two or three ranks two, of which the last of three has both of its lanes.
TEST_CASE("the world that does not fit is the largest, with the rank that needs most and its bytes") {
    STATIC_REQUIRE(std::is_same_v<misfit_within<least_bytes - 1>, unfit<least_bytes, least_bytes - 1, 4, 0>>);
    STATIC_REQUIRE(std::is_same_v<misfit_within<least_bytes>, unfit<least_bytes + buffer_bytes, least_bytes, 3, 2>>);
    constexpr auto two_buffers = least_bytes + buffer_bytes;
    STATIC_REQUIRE(std::is_same_v<misfit_within<two_buffers>, unfit<two_buffers + buffer_bytes, two_buffers, 1, 0>>);
    STATIC_REQUIRE(std::is_void_v<misfit_within<two_buffers + buffer_bytes>>);
}

TEST_CASE("worlds that are smaller than was asked for need not fit") {
    STATIC_REQUIRE(std::is_void_v<misfit_within<least_bytes, 4>>);
    STATIC_REQUIRE(!std::is_void_v<misfit_within<least_bytes, 3>>);
    STATIC_REQUIRE(std::is_void_v<misfit_within<least_bytes + buffer_bytes, 2>>);
    STATIC_REQUIRE(!std::is_void_v<misfit_within<least_bytes + buffer_bytes, 1>>);
}

TEST_CASE("a partition that names no device fits whatever it needs") {
    STATIC_REQUIRE(std::is_void_v<detail::device_misfit<four_lanes, square>::type>);
    plan_facts plan;
    plan.memory.elements = std::int64_t{1} << 50;
    CHECK_NOTHROW(detail::check_device<four_lanes>(plan, 1'000));
}

TEST_CASE("above 64 replicas the worlds that divide the most are judged, and above the fewest that were asked for") {
    using many = data_parallel<lanes<90>, samples<1>>;
    for (int ranks : {1, 2, 3, 5, 45, 90}) CHECK(detail::is_judged<many>(ranks));
    for (int ranks : {4, 7, 60, 89}) CHECK(!detail::is_judged<many>(ranks));
    CHECK(!detail::is_judged<within<card<1>, many, at_least_ranks<10>>>(9));
    CHECK(detail::is_judged<within<card<1>, many, at_least_ranks<10>>>(10));
    using staged = mesh<data_parallel<lanes<64>, samples<1>>, pipeline<2>>;
    for (int ranks : {2, 6, 126, 128}) CHECK(detail::is_judged<staged>(ranks));
}

TEST_CASE("a plan with its workspace is refused one byte above the device, with the numbers") {
    plan_facts plan;
    plan.ranks = 4, plan.rank = 3;
    plan.memory.elements = 300'000;  // of four bytes
    using partition = within<card<1'234'567>, four_lanes>;
    CHECK_NOTHROW(detail::check_device<partition>(plan, 34'567));
    CHECK_THROWS_AS(detail::check_device<partition>(plan, 34'568), invalid_setting);
    CHECK_THROWS_WITH(detail::check_device<partition>(plan, 40'000),
                      "espalier: trainer: requires at most 1,234,567 bytes a rank, the memory of a card of the test; got 1,200,000 of the plan and 40,000 of "
                      "libraries' workspace on rank 3 of 4. Start more ranks, use zero<s>, pipeline<P> or fewer samples<b>, or name a larger device. See "
                      "docs/explanation/memory.md.");
}

TEST_CASE("a device changes no bit of a mesh's training") {
    using layout = mesh<data_parallel<lanes<4>, samples<3>>, pipeline<2>>;
    auto const plain = weights_after_training<layout>(4);
    CHECK(weights_after_training<within<devices::l4_24gb, layout>>(4) == plain);
    CHECK(weights_after_training<within<devices::l4_24gb, layout, at_least_ranks<4>>>(8) == plain);
}

TEST_CASE("a world smaller than was asked for is refused when the program starts") {
    using trainer_type = trainer<mesh_model, within<devices::l4_24gb, two_stages, at_least_ranks<4>>, threads, checkpoint::none>;
    CHECK(text_of_error([] { launch<trainer_type>(2, [](threads& world) { trainer_type{world, {.seed = 5}}; }); }) ==
          "espalier: within: requires at least 4 ranks, so that plans fit the memory of NVIDIA L4 24 GB; got a world of 2. Start more ranks or lower "
          "at_least_ranks<4>. See docs/policies/partition.md.");
}

TEST_CASE("where the workspace does not fit on one rank, all of them end with its words") {
    STATIC_REQUIRE(first_stage > second_stage + 50'000);
    using trainer_type = trainer<mesh_model, within<card<first_stage>, two_stages, at_least_ranks<2>>, threads, checkpoint::none>;
    std::atomic<bool> is_constructed[2] = {}, is_trained[2] = {};
    auto const text = text_of_error([&] {
        launch<trainer_type>(2, [&](threads& world) {
            trainer_type t{world, {.seed = 5}};
            is_constructed[world.rank()] = true;
            t.fit(mesh_problem(24), {.epochs = 1});
            is_trained[world.rank()] = true;
        });
    });
    CHECK_THAT(text, ContainsSubstring(joined("got ", detail::grouped(first_stage), " of the plan and ")) && ContainsSubstring("on rank 0 of 2."));
    CHECK(!is_constructed[0]);
    CHECK((!is_trained[0] && !is_trained[1]));
}

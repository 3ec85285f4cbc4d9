// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/math/block_sum.hpp>
#include <espalier/nn/activation.hpp>
#include <espalier/nn/linear.hpp>
#include <espalier/nn/loss.hpp>
#include <espalier/nn/sequence.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/optim/lamb.hpp>
#include <espalier/partition/concepts.hpp>
#include <espalier/partition/mesh.hpp>

#include <algorithm>
#include <cstdlib>
#include <type_traits>
#include <vector>

using namespace espalier;

namespace {
/// Six layers; the widest tensor, 200 · 24 elements, has two blocks of 4,096.
using net          = sequence<linear<6, 24>, relu, linear<24, 200>, tanh_activation, linear<200, 10>, linear<10, 1>>;
using plain_model  = model<net, mean_squared_error, adamw>;
using norms_model  = model<net, mean_squared_error, lamb>;
constexpr std::int64_t parameters = network<net>::tensors.elements;

template <class P, class M = plain_model>
std::vector<typename P::plan_type> plans_on(int ranks) {
    std::vector<typename P::plan_type> all;
    for (int r = 0; r < ranks; ++r) all.push_back(P::template plan<M>(ranks, r));
    return all;
}
template <class P, class M = plain_model>
void every_world_is_proved() {
    for (int ranks = P::rank_multiple; ranks <= P::max_ranks; ranks += P::rank_multiple) {
        auto const v = prove(ranks, [&](int rank) { return P::template plan<M>(ranks, rank); });
        INFO(ranks << " ranks: " << name_of(v.what) << " at rank " << v.rank << ", action " << v.action);
        CHECK(v.holds());
    }
}
using lanes_of_five = data_parallel<lanes<5>, micro_batches<2>, samples<3>, zero<3>>;
using two_stages    = mesh<data_parallel<lanes<4>, samples<3>, zero<1>>, pipeline<2, interleaved<2>>>;
}  // namespace

TEST_CASE("the axes of a mesh stand in any order, and one of one stage is data_parallel alone") {
    STATIC_REQUIRE(std::is_base_of_v<data_parallel<lanes<4>, samples<3>>, mesh<data_parallel<lanes<4>, samples<3>>>>);
    STATIC_REQUIRE(std::is_base_of_v<data_parallel<lanes<4>, samples<3>>, mesh<data_parallel<lanes<4>, samples<3>>, pipeline<1>>>);
    using turned = mesh<pipeline<2, interleaved<2>>, data_parallel<lanes<4>, samples<3>, zero<1>>>;
    STATIC_REQUIRE(std::is_same_v<turned::plan_type, two_stages::plan_type>);
    auto const a = plans_on<two_stages>(6), b = plans_on<turned>(6);
    for (std::size_t r = 0; r < a.size(); ++r) {
        CHECK(std::equal(a[r].item, a[r].item + a[r].count, b[r].item, b[r].item + b[r].count));
        CHECK(a[r].memory.elements == b[r].memory.elements);
    }
}

TEST_CASE("a mesh has from one rank a stage to one lane a replica, and its worlds are multiples of the stages") {
    STATIC_REQUIRE(two_stages::max_ranks == 8);
    STATIC_REQUIRE(two_stages::rank_multiple == 2);
    STATIC_REQUIRE(mesh<lanes_of_five, pipeline<3>>::max_ranks == 15);
    STATIC_REQUIRE(rank_multiple<mesh<lanes_of_five, pipeline<3>>> == 3);
    for (int ranks : {2, 4, 6, 8}) CHECK_NOTHROW(two_stages::check_ranks(ranks));
    for (int ranks : {-2, 0, 1, 3, 7, 10}) CHECK_THROWS_AS(two_stages::check_ranks(ranks), invalid_setting);
    CHECK_THROWS_WITH(two_stages::check_ranks(5), "espalier: mesh: requires a multiple of 2 ranks, one for each stage of the pipeline, up to 8, one lane a "
                                                  "replica at least; got a world of 5. Start 2 ranks, or a multiple of it up to 8. See docs/policies/partition.md.");
}

TEST_CASE("neighbouring ranks are stages of one replica, which speak to each other alone") {
    for (auto const& p : plans_on<mesh<lanes_of_five, pipeline<3, zb_h1>>>(9)) {
        CHECK(p.stage() == p.rank % 3);
        CHECK(p.replica() == p.rank / 3);
        for (int i = 0; i < p.count; ++i)
            if (p.item[i].peer >= 0) {
                CHECK(p.item[i].peer / 3 == p.replica());
                CHECK(std::abs(p.item[i].peer - p.rank) == 1);
            }
    }
}

TEST_CASE("the chunks of the stages tile layers and parameters, and replicas of a stage hold the same ones") {
    auto const plans = plans_on<two_stages>(6);
    std::vector<int> holders(6, 0);
    std::int64_t held = 0;
    for (auto const& p : plans)
        for (int c = 0; c < p.chunks; ++c) {
            CHECK(p.chunk[c].number == 2 * c + p.stage());  // dealt in turn
            for (int l = p.chunk[c].first_layer; l < p.chunk[c].last_layer; ++l) ++holders[static_cast<std::size_t>(l)];
            held += p.chunk[c].parameters;
        }
    for (int n : holders) CHECK(n == 3);
    CHECK(held == 3 * parameters);
}

TEST_CASE("shards of a chunk tile its gradients, are cut where blocks begin, and the tail goes with the last") {
    for (int ranks : {2, 4, 6, 8}) {
        auto const plans   = plans_on<two_stages>(ranks);
        std::int64_t owned = 0;
        for (auto const& p : plans)
            for (int c = 0; c < p.chunks; ++c) {
                chunk_plan const& k = p.chunk[c];
                bool const is_last  = p.replica() == p.replicas() - 1;
                CHECK(k.shard_first == (p.replica() == 0 ? 0 : plans[static_cast<std::size_t>(p.rank - 2)].chunk[c].shard_last));
                if (is_last) CHECK(k.shard_last == k.gradients);
                std::int64_t const border = k.first_parameter + k.shard_last;
                bool begins_a_block       = is_last;
                for (auto const& t : network<net>::tensors.item)
                    begins_a_block = begins_a_block || (border >= t.offset && border < t.offset + t.extents.elements() && (border - t.offset) % math::block_elements == 0);
                CHECK(begins_a_block);
                owned += k.owned_parameters();
            }
        CHECK(owned == parameters);
    }
}

TEST_CASE("every world of a mesh is proved, for every schedule and every stage of ZeRO") {
    every_world_is_proved<mesh<data_parallel<lanes<5>, samples<3>>, pipeline<2, gpipe>>>();
    every_world_is_proved<mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<1>>, pipeline<3, one_f_one_b>>>();
    every_world_is_proved<mesh<data_parallel<lanes<4>, micro_batches<3>, samples<3>, zero<2>>, pipeline<2, interleaved<3>>>>();
    every_world_is_proved<mesh<lanes_of_five, pipeline<6, zb_h1>>>();
    every_world_is_proved<mesh<lanes_of_five, pipeline<2, zb_h1>>, norms_model>();
    every_world_is_proved<data_parallel<lanes<6>, samples<3>, zero<2>, buckets<4>>, norms_model>();
}

TEST_CASE("only an optimizer with norms makes ranks measure") {
    auto const measures = [](auto const& p) { return std::count_if(p.item, p.item + p.count, [](action const& a) { return a.kind == action_kind::measure; }); };
    CHECK(measures(plans_on<two_stages>(4)[0]) == 0);
    CHECK((measures(plans_on<two_stages, norms_model>(4)[0]) == 1));
    CHECK((plans_on<two_stages, norms_model>(4)[0].measured_elements == 2 * (plans_on<two_stages>(4)[0].shared_elements - 3)));
}

TEST_CASE("a plan whose first chunk claims to be a later one of the network is refused: nothing has given its input") {
    auto plans = plans_on<data_parallel<lanes<2>, samples<3>, buckets<2>>>(1);
    plans[0].chunk[0].number = 1;
    auto const v = prove(1, [&](int) { return plans[0]; });
    CHECK(v.what == flaw::not_received);
    CHECK(v.rank == 0);
}

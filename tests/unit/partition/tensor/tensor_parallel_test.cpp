// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "unit/partition/tensor/exchanging_layer.hpp"

#include <espalier/partition/concepts.hpp>
#include <espalier/partition/mesh.hpp>
#include <espalier/partition/tensor/local_model.hpp>

#include <algorithm>
#include <type_traits>
#include <vector>

using namespace espalier;
using espalier_test::exchanging;
using espalier_test::exchanging_model;

namespace {

template <int Lanes, class... More>
using replicas = data_parallel<lanes<Lanes>, samples<4>, More...>;

template <class P, class M = exchanging_model<>>
std::vector<typename P::plan_type> plans_on(int ranks) {
    std::vector<typename P::plan_type> all;
    for (int r = 0; r < ranks; ++r) all.push_back(P::template plan<M>(ranks, r));
    return all;
}
/// How many numbers of ranks are proved.
template <class P, class M = exchanging_model<>>
int every_world_is_proved() {
    int worlds = 0;
    for (int ranks = P::rank_multiple; ranks <= P::max_ranks; ranks += P::rank_multiple, ++worlds) {
        auto const plans = plans_on<P, M>(ranks);
        auto const v     = prove(ranks, [&](int rank) -> auto const& { return plans[static_cast<std::size_t>(rank)]; });
        INFO(ranks << " ranks: " << name_of(v.what) << " at rank " << v.rank << ", action " << v.action);
        CHECK(v.holds());
        CHECK(P::plan_capacity >= std::max_element(plans.begin(), plans.end(), [](auto const& a, auto const& b) { return a.count < b.count; })->count);
    }
    return worlds;
}
template <class Plan>
auto count(Plan const& p, action_kind kind) {
    return std::count_if(p.item, p.item + p.count, [&](action const& a) { return a.kind == kind; });
}

using two_by_two = mesh<replicas<2>, pipeline<2>, tensor_parallel<2>>;

template <class P, int Ranks>
constexpr verdict proof = prove(Ranks, [](int rank) { return P::template plan<exchanging_model<>>(Ranks, rank); });

}  // namespace

TEST_CASE("a tensor axis has as many slices as ranks, or as exact says, in any order of its options") {
    STATIC_REQUIRE((tensor_parallel<2>::cut::value == tensor_cut{2, 2, false}));
    STATIC_REQUIRE((tensor_parallel<2, exact<8>>::cut::value == tensor_cut{2, 8, false}));
    STATIC_REQUIRE((tensor_parallel<4, sequence_parallel>::cut::value == tensor_cut{4, 4, true}));
    STATIC_REQUIRE((tensor_parallel<1, sequence_parallel, exact<4>>::cut::value == tensor_cut{1, 4, true}));
    STATIC_REQUIRE(std::is_same_v<tensor_parallel<2, exact<4>, sequence_parallel>::cut, tensor_parallel<2, sequence_parallel, exact<4>>::cut>);
    STATIC_REQUIRE(std::is_same_v<tensor_parallel<1>::cut, not_cut>);
    STATIC_REQUIRE(std::is_same_v<tensor_parallel<1, sequence_parallel>::cut, not_cut>);
}

TEST_CASE("the slices are a power of two and a multiple of the ranks") {
    STATIC_REQUIRE((detail::shares_slices(1, 1) && detail::shares_slices(2, 2) && detail::shares_slices(2, 8) && detail::shares_slices(1, 16)));
    STATIC_REQUIRE(!(detail::shares_slices(3, 3) || detail::shares_slices(2, 6) || detail::shares_slices(4, 2) || detail::shares_slices(1, 0) || detail::shares_slices(2, -2)));
}

TEST_CASE("axes of a mesh stand in any order, and a tensor axis of one slice is none") {
    STATIC_REQUIRE(std::is_base_of_v<replicas<4>, mesh<replicas<4>, tensor_parallel<1>>>);
    STATIC_REQUIRE(std::is_base_of_v<replicas<4>, mesh<tensor_parallel<1, sequence_parallel>, pipeline<1>, replicas<4>>>);
    using wanted = detail::chunked_partition<replicas<2>::sizes, detail::pipeline_axis<2, one_f_one_b, balanced>, cut_over<2, 2, false>>;
    STATIC_REQUIRE(std::is_base_of_v<wanted, two_by_two>);
    STATIC_REQUIRE(std::is_base_of_v<wanted, mesh<tensor_parallel<2>, replicas<2>, pipeline<2>>>);
    STATIC_REQUIRE(std::is_base_of_v<wanted, mesh<pipeline<2>, tensor_parallel<2>, replicas<2>>>);
    STATIC_REQUIRE(!(detail::AxesOfAMesh<tensor_parallel<2>> || detail::AxesOfAMesh<replicas<2>, tensor_parallel<2>, tensor_parallel<2>> || detail::AxesOfAMesh<replicas<2>, int>));
}

TEST_CASE("a partition says how it cuts layers and what a rank trains, also one that knows no tensor axis") {
    using m = exchanging_model<>;
    STATIC_REQUIRE(std::is_same_v<tensor_cut_of<two_by_two>, cut_over<2, 2, false>>);
    STATIC_REQUIRE((std::is_same_v<tensor_cut_of<replicas<2>>, not_cut> && std::is_same_v<tensor_cut_of<mesh<replicas<2>, pipeline<2>>>, not_cut>));
    STATIC_REQUIRE((std::is_same_v<local_model<replicas<2>, m>, m> && std::is_same_v<local_model<mesh<replicas<2>, pipeline<2>>, m>, m>));
    STATIC_REQUIRE(std::is_same_v<local_model<two_by_two, m>, cut_model<m, cut_over<2, 2, false>>>);
    STATIC_REQUIRE(Partition<two_by_two, m>);
}

TEST_CASE("ranks that share layers are neighbours, then come stages, then replicas") {
    auto const plans = plans_on<two_by_two>(8);
    for (auto const& p : plans) {
        CHECK(p.tensor_ranks == 2);
        CHECK(p.slices == 2);
        CHECK(p.tensor_rank() == p.rank % 2);
        CHECK(p.stage() == p.rank / 2 % 2);
        CHECK(p.replica() == p.rank / 4);
        CHECK(p.replicas() == 2);
        for (int i = 0; i < p.count; ++i)  // a stage speaks with its own tensor rank two ranks on
            if (p.item[i].peer >= 0) CHECK(p.item[i].peer == (p.stage() == 0 ? p.rank + 2 : p.rank - 2));
    }
}

TEST_CASE("worlds of a mesh are multiples of its stages times its tensor ranks") {
    using shared = mesh<replicas<3>, tensor_parallel<2>>;
    STATIC_REQUIRE((two_by_two::rank_multiple == 4 && two_by_two::max_ranks == 8 && shared::rank_multiple == 2 && shared::max_ranks == 6));
    STATIC_REQUIRE(mesh<replicas<3>, tensor_parallel<1, exact<4>>>::rank_multiple == 1);
    for (int ranks : {4, 8}) CHECK_NOTHROW(two_by_two::check_ranks(ranks));
    for (int ranks : {-4, 0, 1, 2, 6, 12}) CHECK_THROWS_AS(two_by_two::check_ranks(ranks), invalid_setting);
    CHECK_THROWS_WITH(two_by_two::check_ranks(6), "espalier: mesh: requires a multiple of 4 ranks, 2 that share layers for each of 2 stages of the pipeline, up to 8, one lane "
                                                  "a replica at least; got a world of 6. Start 4 ranks, or a multiple of it up to 8. See docs/policies/partition.md.");
    CHECK_THROWS_WITH(shared::check_ranks(3), "espalier: mesh: requires a multiple of 2 ranks, which share layers, up to 6, one lane a replica at least; got a world of 3. "
                                              "Start 2 ranks, or a multiple of it up to 6. See docs/policies/partition.md.");
    CHECK_THROWS_WITH((mesh<replicas<3>, tensor_parallel<1, exact<4>>>::check_ranks(4)),
                      "espalier: data_parallel: requires 1 to 3 ranks, one lane a rank at least; got a world of 4. Start at most 3 ranks or raise lanes<3>. See docs/policies/partition.md.");
}

TEST_CASE("a chunk's exchanges are those of its layers, and in the last one those of the loss") {
    // 64 elements are four grains: of two ranks each owns two, in a sum sends 32 to be added and 32 that it added; in a gather its own.
    // Layers 0, 3, 5 and 7 sum forward; backward 0, 1, 2 and 3 gather 4 elements, and all but the network's first layer sum; the loss gathers 64, twice.
    for (auto const& p : plans_on<mesh<replicas<2>, tensor_parallel<2>>>(2)) {
        CHECK(p.chunk[0].exchanges[0] == 4);
        CHECK(p.chunk[0].exchanged[0] == 4 * 64);
        CHECK(p.chunk[0].exchanges[1] == 3 + 6 + 2);
        CHECK(p.chunk[0].exchanged[1] == 3 * 64 + 6 * 4 + 2 * 64);
        CHECK(count(p, action_kind::exchange) == 2 * 2);
        CHECK(p.sent_elements == 2 * (4 * 64 + 3 * 64 + 6 * 4 + 2 * 64) + elements_sent_all_reduce(p.shared_elements, 2, p.rank, 1));
    }
    using halves = mesh<replicas<2>, pipeline<2, one_f_one_b, cut_at<5>>, tensor_parallel<2>>;
    for (auto const& p : plans_on<halves>(4)) {
        chunk_plan const& c = p.chunk[0];
        CHECK(c.exchanges[0] == 2);
        CHECK(c.exchanges[1] == (p.stage() == 0 ? 1 + 1 : 2 + 5 + 2));
        CHECK(c.exchanged[1] == (p.stage() == 0 ? 64 + 4 : 2 * 64 + 5 * 4 + 2 * 64));
    }
}

TEST_CASE("ranks of a tensor axis need not send equally much") {
    using odd = model<sequence<exchanging<48, 0>, uncut<linear<48, 1>>>, mean_squared_error, adamw>;
    using one = mesh<data_parallel<samples<1>>, tensor_parallel<4>>;
    std::int64_t sent[4];
    for (int t = 0; t < 4; ++t) {
        auto const p = one::plan<odd>(4, t);
        CHECK(p.chunk[0].exchanges[0] == 1);
        CHECK(p.chunk[0].exchanges[1] == 0);
        sent[t] = p.chunk[0].exchanged[0];
    }
    // Of three grains over four ranks one rank owns none, and sends all 48 elements; the others send 32, and their 16 to three ranks.
    std::sort(sent, sent + 4);
    CHECK((sent[0] == 48 && sent[1] == 80 && sent[2] == 80 && sent[3] == 80));
}

TEST_CASE("a rank alone exchanges nothing, however many slices it has") {
    auto const p = plans_on<mesh<replicas<2>, tensor_parallel<1, exact<4>>>>(1)[0];
    CHECK(p.slices == 4);
    CHECK(count(p, action_kind::exchange) == 0);
    CHECK(count(p, action_kind::share) == 0);
    CHECK(p.chunk[0].exchanges[0] + p.chunk[0].exchanges[1] == 0);
    CHECK(p.sent_elements == 0);
}

TEST_CASE("ranks that share layers share their sums before the update, which every one of them does") {
    for (auto const& p : plans_on<mesh<replicas<1>, tensor_parallel<2>>, exchanging_model<lamb>>(2)) {
        CHECK(p.item[p.count - 3].kind == action_kind::share);
        CHECK(p.item[p.count - 2].kind == action_kind::measure);
        CHECK(p.item[p.count - 1].kind == action_kind::update);
        CHECK(p.shared_elements > 3);
        CHECK(p.measured_elements == 2 * (p.shared_elements - 3));
    }
}

TEST_CASE("every world of a mesh with a tensor axis is proved: ranks, stages, schedules, replicas, ZeRO and buckets") {
    CHECK(every_world_is_proved<mesh<replicas<4>, tensor_parallel<2>>>() == 4);
    CHECK(every_world_is_proved<mesh<replicas<3, micro_batches<2>, prefetch<2>>, tensor_parallel<4>>>() == 3);
    CHECK(every_world_is_proved<mesh<replicas<3, zero<1>, buckets<3>>, tensor_parallel<2>>, exchanging_model<lamb>>() == 3);
    CHECK(every_world_is_proved<mesh<replicas<4, zero<2>, buckets<4>>, tensor_parallel<4, exact<8>>>>() == 4);
    CHECK(every_world_is_proved<mesh<replicas<3, zero<3>, buckets<3>>, tensor_parallel<2>>>() == 3);
    CHECK(every_world_is_proved<mesh<replicas<3, zero<3>>, tensor_parallel<1, exact<4>>>>() == 3);
    CHECK(every_world_is_proved<mesh<replicas<2, micro_batches<2>>, pipeline<2, gpipe>, tensor_parallel<2>>>() == 2);
    CHECK(every_world_is_proved<mesh<replicas<3, zero<1>>, pipeline<2, one_f_one_b>, tensor_parallel<4>>>() == 3);
    CHECK(every_world_is_proved<mesh<replicas<2, micro_batches<3>, zero<2>>, pipeline<2, interleaved<2>>, tensor_parallel<2>>, exchanging_model<lamb>>() == 2);
    CHECK(every_world_is_proved<mesh<replicas<4, zero<3>>, pipeline<2, zb_h1>, tensor_parallel<2, sequence_parallel>>>() == 4);
    CHECK(every_world_is_proved<mesh<replicas<2>, pipeline<4, one_f_one_b>, tensor_parallel<1, exact<2>>>>() == 2);
    CHECK(every_world_is_proved<mesh<replicas<4>, pipeline<4, zb_h1>, tensor_parallel<4>>>() == 4);
    CHECK(every_world_is_proved<mesh<replicas<2, zero<3>>, pipeline<4, interleaved<2>>, tensor_parallel<2>>>() == 2);
}

TEST_CASE("plans with a tensor axis are proved at compile time too") {
    STATIC_REQUIRE((proof<mesh<replicas<2>, tensor_parallel<2>>, 4>.holds() && proof<two_by_two, 4>.holds() && proof<two_by_two, 8>.holds()));
    STATIC_REQUIRE(proof<mesh<replicas<2, zero<3>, buckets<2>>, tensor_parallel<4>>, 8>.holds());
}

TEST_CASE("ranks that do not agree on the tensor axis are refused by name") {
    auto const broken = [](auto change) {
        auto plans = plans_on<two_by_two>(4);
        change(plans[2]);
        return prove(4, [&](int rank) -> auto const& { return plans[static_cast<std::size_t>(rank)]; }).what;
    };
    CHECK(broken([](auto&) {}) == flaw::none);
    CHECK(broken([](auto& p) { p.tensor_ranks = 1; }) == flaw::sizes_disagree);
    CHECK(broken([](auto& p) { p.slices = 4; }) == flaw::sizes_disagree);
    CHECK(broken([](auto& p) { ++p.chunk[0].exchanged[1]; }) == flaw::traffic_misstated);
    CHECK(broken([](auto& p) { ++p.chunk[0].exchanges[0]; }) == flaw::missing_exchange);
}

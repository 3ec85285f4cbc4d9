// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/plan_oracle.hpp"

#include <espalier/core/philox.hpp>

using namespace espalier;
using espalier_test::small_model;
using espalier_test::sums_what_it_should;

namespace {

template <class Partition>
std::vector<typename Partition::plan_type> plans_of(int ranks) {
    std::vector<typename Partition::plan_type> all;
    for (int r = 0; r < ranks; ++r) all.push_back(Partition::template plan<small_model>(ranks, r));
    return all;
}
template <class Plan>
verdict prove_all(std::vector<Plan> const& plans) {
    return prove(static_cast<int>(plans.size()), [&](int rank) -> Plan const& { return plans[static_cast<std::size_t>(rank)]; });
}

template <class Partition>
void every_number_of_ranks_is_proved() {
    for (int ranks = 1; ranks <= Partition::max_ranks; ++ranks) {
        auto const plans = plans_of<Partition>(ranks);
        auto const v     = prove_all(plans);
        INFO(ranks << " ranks: " << name_of(v.what) << " at rank " << v.rank << ", action " << v.action);
        CHECK(v.holds());
        CHECK(sums_what_it_should(plans));
    }
}

/// A small change to one rank's list of actions, chosen by three random words.
/// @param kinds   6, or 7 with changes of slots
template <class Plan>
void mutate(Plan& plan, random_block const& dice, std::uint32_t kinds) {
    auto const pick = [](std::uint32_t word, int n) { return static_cast<int>(word % static_cast<std::uint32_t>(n)); };
    int const i     = pick(dice.word[1], plan.count);
    switch (dice.word[0] % kinds) {
    case 0:  // drop
        for (int k = i; k + 1 < plan.count; ++k) plan.item[k] = plan.item[k + 1];
        --plan.count;
        break;
    case 1: {  // two change places
        std::swap(plan.item[i], plan.item[pick(dice.word[2], plan.count)]);
        break;
    }
    case 2: plan.item[i] = plan.item[pick(dice.word[2], plan.count)]; break;  // one stands in for another
    case 3: plan.item[i].buffer = pick(dice.word[2], plan.gradient_buffers + 1); break;
    case 4: plan.item[i].lane = pick(dice.word[2], plan.lanes); break;
    case 5: plan.item[i].micro_batch = pick(dice.word[2], plan.micro_batches + 1); break;
    case 6: plan.item[i].slot = pick(dice.word[2], plan.slots() + 1); break;
    }
}

/// Judges 6,000 mutants by the proof and by the oracle.
template <class Partition>
void refuses_what_computes_something_else(std::uint32_t kinds) {
    int refused = 0, accepted = 0;
    random_key const key{3, "mutants"};
    for (int ranks = 1; ranks <= 3; ++ranks)
        for (std::uint64_t n = 0; n < 2000; ++n) {
            auto plans           = plans_of<Partition>(ranks);
            auto const dice      = key.at(n, static_cast<std::uint64_t>(ranks));
            auto& victim         = plans[dice.word[3] % static_cast<std::uint32_t>(ranks)];
            auto const untouched = victim;
            mutate(victim, dice, kinds);
            bool const same = victim.count == untouched.count && std::equal(victim.item, victim.item + victim.count, untouched.item);
            bool const good = same || sums_what_it_should(plans);
            verdict const v = prove_all(plans);
            INFO(ranks << " ranks, mutant " << n << " of kind " << dice.word[0] % kinds << ": " << name_of(v.what) << " at action " << v.action);
            REQUIRE(v.holds() == good);
            ++(good ? accepted : refused);
        }
    CHECK(refused > 3000);
    CHECK(accepted > 100);
}

}  // namespace

TEST_CASE("every data-parallel plan is proved for every number of ranks, and sums the lanes along the tree") {
    every_number_of_ranks_is_proved<data_parallel<lanes<1>, samples<4>>>();
    every_number_of_ranks_is_proved<data_parallel<lanes<8>, micro_batches<2>, samples<4>>>();
    every_number_of_ranks_is_proved<data_parallel<lanes<6>, samples<4>>>();
    every_number_of_ranks_is_proved<data_parallel<lanes<13>, micro_batches<3>, samples<1>>>();
    every_number_of_ranks_is_proved<data_parallel<lanes<32>, samples<4>>>();
    every_number_of_ranks_is_proved<data_parallel<lanes<8>, micro_batches<2>, samples<4>, prefetch<1>>>();
    every_number_of_ranks_is_proved<data_parallel<lanes<7>, samples<4>, prefetch<3>>>();
    every_number_of_ranks_is_proved<data_parallel<lanes<5>, micro_batches<3>, samples<4>, prefetch<16>>>();
}

TEST_CASE("the proof refuses exactly the mutants that compute something else") {
    refuses_what_computes_something_else<data_parallel<lanes<5>, micro_batches<2>, samples<4>>>(6);
}

TEST_CASE("with slots that are filled ahead it refuses those too that use one too early, too late or out of turn, or never leave it") {
    refuses_what_computes_something_else<data_parallel<lanes<5>, micro_batches<2>, samples<4>, prefetch<1>>>(7);
    refuses_what_computes_something_else<data_parallel<lanes<5>, micro_batches<2>, samples<4>, prefetch<2>>>(7);
    refuses_what_computes_something_else<data_parallel<lanes<5>, micro_batches<2>, samples<4>, prefetch<3>>>(7);
}

TEST_CASE("what is wrong with slots has a name") {
    using partition = data_parallel<lanes<4>, samples<4>, prefetch<2>>;
    auto const broken = [](auto change) {
        auto plans = plans_of<partition>(1);  // clear, load 0 into slot 0, forward, backward, clear, load 1 into slot 1, …
        change(plans[0]);
        return prove_all(plans).what;
    };
    CHECK(broken([](auto&) {}) == flaw::none);
    CHECK(broken([](auto& p) { p.item[1].slot = 2; }) == flaw::slot_out_of_range);
    CHECK(broken([](auto& p) { p.item[1].slot = -1; }) == flaw::slot_out_of_range);
    CHECK(broken([](auto& p) { p.item[1].slot = 1; }) == flaw::slot_order);
    CHECK(broken([](auto& p) { p.item[2].slot = 1; }) == flaw::not_loaded);
    CHECK(broken([](auto& p) { p.item[3].slot = 1; }) == flaw::no_forward);
    CHECK(broken([](auto& p) { ++p.loads; }) == flaw::slot_order);
    CHECK(broken([](auto& p) { p.prefetched_slots = max_slots + 1; }) == flaw::slot_out_of_range);
    CHECK(broken([](auto& p) { p.memory.item[static_cast<int>(region_kind::input)].elements += 1; }) == flaw::memory_misstated);
    // Three loads in a row, of which the third would wait for ever: nothing is left before it.
    auto const three = [](auto& p) {
        for (int lane = 0; lane < 3; ++lane) p.item[lane] = {.kind = action_kind::load, .lane = lane, .micro_batch = 0, .slot = lane % 2};
    };
    CHECK(broken(three) == flaw::slot_in_use);
}

TEST_CASE("the oracle sees a slot that is written before its last use, and one that is read before it is written") {
    using partition = data_parallel<lanes<2>, samples<4>, prefetch<2>>;
    auto plans      = plans_of<partition>(1);
    CHECK(sums_what_it_should(plans));
    auto early = plans;
    std::swap(early[0].item[1], early[0].item[2]);  // forward before the load: right where the loader is quick
    CHECK(sums_what_it_should(early, true));
    CHECK(!sums_what_it_should(early, false));
    auto stale = plans;  // lane 1 is computed from the slot of lane 0, which the loader has left alone
    for (int i : {5, 6, 7}) stale[0].item[i].slot = 0;
    CHECK(!sums_what_it_should(stale, true));
}

TEST_CASE("a plan that misstates its memory, its traffic or its world is refused by name") {
    using partition = data_parallel<lanes<4>, samples<4>>;
    auto const broken = [](auto change) {
        auto plans = plans_of<partition>(2);
        change(plans[1]);
        return prove_all(plans).what;
    };
    CHECK(broken([](auto&) {}) == flaw::none);
    CHECK(broken([](auto& p) { ++p.sent_elements; }) == flaw::traffic_misstated);
    CHECK(broken([](auto& p) { ++p.gradient_buffers; }) == flaw::memory_misstated);
    CHECK(broken([](auto& p) { p.memory.item[static_cast<int>(region_kind::gradients)].elements -= 16; }) == flaw::memory_misstated);
    CHECK(broken([](auto& p) { p.samples = 5; }) == flaw::sizes_disagree);
    CHECK(broken([](auto& p) { p.partial[0].lanes.last = 3; }) == flaw::missing_partial);
    CHECK(broken([](auto& p) { p.count -= 2; p.item[p.count - 1] = {.kind = action_kind::update, .buffer = 0}; }) != flaw::none);
    auto plans = plans_of<partition>(3);
    plans.pop_back();
    CHECK(prove_all(plans).what == flaw::sizes_disagree);
}

TEST_CASE("the proof is a constant expression") {
    using partition = data_parallel<lanes<8>, micro_batches<4>, samples<4>>;
    constexpr verdict v = prove(3, [](int rank) { return partition::plan<small_model>(3, rank); });
    STATIC_REQUIRE(v.holds());
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/partition/plan/rank_group.hpp>

#include <algorithm>
#include <vector>

using namespace espalier;

namespace {
std::vector<int> ranks_of(rank_group const& g) {
    std::vector<int> out;
    for (int q = g.first; q < g.end; q += g.step) out.push_back(q);
    CHECK(static_cast<int>(out.size()) == g.size());
    return out;
}
plan_facts world(int ranks, int stages, int tensor_ranks) {
    plan_facts facts;
    facts.ranks = ranks, facts.stages = stages, facts.tensor_ranks = tensor_ranks;
    return facts;
}
}  // namespace

TEST_CASE("who takes part: all to share, the ranks of a stage to exchange, its replicas to reduce") {
    plan_facts const facts = world(8, 2, 2);  // two replicas of two stages of two ranks
    CHECK(ranks_of(group_of(facts, 5, action_kind::exchange)) == std::vector{4, 5});
    for (action_kind const kind : {action_kind::all_reduce, action_kind::post_reduce_scatter, action_kind::wait_reduce, action_kind::gather})
        CHECK(ranks_of(group_of(facts, 5, kind)) == std::vector{1, 5});
    for (action_kind const kind : {action_kind::share, action_kind::measure}) CHECK(ranks_of(group_of(facts, 5, kind)) == std::vector{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("every rank is in the group that its members name, and groups of a kind tile the world") {
    for (int stages : {1, 2, 3})
        for (int tensor_ranks : {1, 2, 4})
            for (int replicas : {1, 2, 3})
                for (action_kind const kind : {action_kind::exchange, action_kind::gather, action_kind::share}) {
                    plan_facts const facts = world(stages * tensor_ranks * replicas, stages, tensor_ranks);
                    std::vector<int> members(static_cast<std::size_t>(facts.ranks), 0);
                    for (int r = 0; r < facts.ranks; ++r) {
                        auto const mine = ranks_of(group_of(facts, r, kind));
                        CHECK(std::find(mine.begin(), mine.end(), r) != mine.end());
                        for (int const q : mine) CHECK(ranks_of(group_of(facts, q, kind)) == mine);
                        if (mine.front() == r)
                            for (int const q : mine) ++members[static_cast<std::size_t>(q)];
                    }
                    CHECK(std::all_of(members.begin(), members.end(), [](int n) { return n == 1; }));
                }
}

TEST_CASE("the place of a rank in a world with all axes") {
    for (int r = 0; r < 24; ++r) {
        plan_facts facts = world(24, 3, 2);  // four replicas
        facts.rank       = r;
        CHECK((facts.replica() * 3 + facts.stage()) * 2 + facts.tensor_rank() == r);
        CHECK(facts.replicas() == 4);
        CHECK(facts.rank_of_stage(0) == r);
        CHECK(facts.rank_of_stage(1) == (facts.stage() == 2 ? r - 4 : r + 2));
        CHECK(facts.rank_of_stage(-1) == (facts.stage() == 0 ? r + 4 : r - 2));
    }
}

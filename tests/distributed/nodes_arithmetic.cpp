// SPDX-License-Identifier: BSL-1.0
/// @file
/// Who deals for whom between nodes, and which sums a node can take alone: arithmetic, without a message.
#include "support/catch.hpp"

#include <espalier/comm/mpi/across/node_sums.hpp>
#include <espalier/comm/mpi/across/roster.hpp>

#include <set>
#include <tuple>
#include <vector>

using namespace espalier;
using mpi_detail::node_sums;
using mpi_detail::roster;

namespace {

/// The notes of ranks that bring one summand a lane.
std::vector<detail::note> notes_of(std::vector<std::vector<lane_range>> const& lanes, int all) {
    std::vector<detail::note> notes(lanes.size());
    for (std::size_t r = 0; r < lanes.size(); ++r) {
        notes[r].lanes  = all;
        notes[r].blocks = static_cast<int>(lanes[r].size());
        for (std::size_t k = 0; k < lanes[r].size(); ++k) notes[r].parts[k].lanes = lanes[r][k];
    }
    return notes;
}

using found = std::set<std::tuple<int, int, int>>;  // first lane, last, node

found sums_of(std::vector<std::vector<lane_range>> const& lanes, int all, std::vector<int> const& nodes) {
    node_sums sums;
    REQUIRE(sums.find(notes_of(lanes, all), roster{nodes, 0}, all, false));
    found f;
    for (auto const& s : sums.list) f.insert({s.lanes.first, s.lanes.last, s.node});
    CHECK(f.size() == sums.list.size());
    return f;
}

}  // namespace

TEST_CASE("a roster finds the members of a node, whatever the node is called") {
    roster const r{{7, 3, 7, 7, 3}, 3};
    CHECK(r.nodes() == 2);
    CHECK(r.own_node() == 0);
    CHECK(std::vector<int>(r.neighbours().begin(), r.neighbours().end()) == std::vector{0, 2, 3});
    CHECK(r.own_place() == 2);
    CHECK(r.place_of(4) == 1);
    CHECK(r.lines() == 2);
}

TEST_CASE("each rank has one partner on every node, itself on its own, and partners share the work") {
    for (auto const& nodes : std::vector<std::vector<int>>{{0}, {0, 0, 1, 1}, {0, 0, 0, 1}, {0, 1, 0, 1, 2}, {0, 0, 0, 0, 0, 1, 1}}) {
        int const size = static_cast<int>(nodes.size());
        for (int rank = 0; rank < size; ++rank) {
            roster const r{nodes, rank};
            int dealt = 0;
            for (int q = 0; q < size; ++q) {
                int const partner = r.partner(q, r.own_node());
                CHECK(r.node_of(partner) == r.own_node());
                if (r.node_of(q) == r.own_node()) CHECK(partner == q);
                CHECK(r.deals_for(q) == (partner == rank));
                dealt += r.deals_for(q);
            }
            CHECK(dealt >= 1);
            CHECK(dealt <= 1 + (size + static_cast<int>(r.neighbours().size()) - 1) / static_cast<int>(r.neighbours().size()));
        }
    }
}

TEST_CASE("a node sums as far up the tree as its own lanes reach") {
    // 8 lanes on two nodes of two ranks: one sum each.
    CHECK(sums_of({{{0, 1}, {1, 2}}, {{2, 4}}, {{4, 6}}, {{6, 7}, {7, 8}}}, 8, {0, 0, 1, 1}) == found{{0, 4, 0}, {4, 8, 1}});
    // 6 lanes, three a node: {0 1} {2} | {3} {4 5}.
    CHECK(sums_of({{{0, 1}}, {{1, 2}, {2, 3}}, {{3, 4}}, {{4, 5}, {5, 6}}}, 6, {0, 0, 1, 1}) == found{{0, 2, 0}, {2, 3, 0}, {3, 4, 1}, {4, 6, 1}});
    // Dealt in turn between the nodes nothing can be summed.
    CHECK(sums_of({{{0, 1}}, {{1, 2}}, {{2, 3}}, {{3, 4}}}, 4, {0, 1, 0, 1}) == found{{0, 1, 0}, {1, 2, 1}, {2, 3, 0}, {3, 4, 1}});
    // A rank that is alone brings what it has.
    CHECK(sums_of({{{0, 1}, {1, 2}}, {{2, 3}}, {{3, 4}}}, 4, {0, 1, 1}) == found{{0, 1, 0}, {1, 2, 0}, {2, 4, 1}});
    // One node has all.
    CHECK(sums_of({{{0, 1}}, {{1, 2}}, {}}, 2, {0, 0, 1}) == found{{0, 2, 0}});
}

TEST_CASE("summands that do not tile the tree are no sum") {
    node_sums sums;
    roster const ranks{{0, 1}, 0};
    CHECK_FALSE(sums.find(notes_of({{{0, 1}}, {}}, 2), ranks, 2, false));
    CHECK_FALSE(sums.find(notes_of({{{0, 1}}, {{0, 2}}}, 2), ranks, 2, false));
    CHECK_FALSE(sums.find(notes_of({{{0, 1}}, {{1, 3}}}, 3), ranks, 3, false));
    CHECK(sums.find(notes_of({{{0, 2}}, {{2, 3}}}, 3), ranks, 3, false));
}

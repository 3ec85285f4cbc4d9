// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/error.hpp>
#include <espalier/core/lane_tree.hpp>

#include <bit>
#include <string>
#include <vector>

using namespace espalier;

namespace {
/// The tree below a node in brackets: "((0 1)(2 3))".
std::string drawn(lane_range node) {
    if (node.size() == 1) return std::to_string(node.first);
    int const middle        = split_of(node);
    std::string const left  = drawn({node.first, middle}), right = drawn({middle, node.last});
    bool const is_separated = left.back() == ')' && right.front() == '(';
    return joined("(", left, is_separated ? "" : " ", right, ")");
}

/// All nodes of the tree whose parent does not lie inside an interval while they do, found from the rule alone.
void add_maximal(lane_range node, lane_range inside, bool parent_is_inside, std::vector<lane_range>& out) {
    bool const is_inside = node.first >= inside.first && node.last <= inside.last;
    if (is_inside && !parent_is_inside) out.push_back(node);
    if (node.size() == 1) return;
    int const middle = node.first + static_cast<int>(std::bit_floor(static_cast<unsigned>(node.size() - 1)));
    add_maximal({node.first, middle}, inside, is_inside, out);
    add_maximal({middle, node.last}, inside, is_inside, out);
}
}  // namespace

TEST_CASE("the tree splits as it is drawn for 8, 6 and 5 lanes") {
    CHECK(drawn({0, 8}) == "(((0 1)(2 3))((4 5)(6 7)))");
    CHECK(drawn({0, 6}) == "(((0 1)(2 3))(4 5))");
    CHECK(drawn({0, 5}) == "(((0 1)(2 3)) 4)");
    CHECK(drawn({0, 3}) == "((0 1) 2)");
    CHECK(drawn({10, 13}) == "((10 11) 12)");
}

TEST_CASE("a node splits at the largest power of two below its size") {
    for (int first : {0, 7})
        for (int size = 2; size <= 300; ++size) {
            int const left = split_of({first, first + size}) - first;
            REQUIRE(std::has_single_bit(static_cast<unsigned>(left)));
            REQUIRE(left < size);
            REQUIRE(2 * left >= size);
        }
}

TEST_CASE("ranks cover the lanes in order, each with as many as the others or one more") {
    for (int lanes = 1; lanes <= 33; ++lanes)
        for (int ranks = 1; ranks <= lanes; ++ranks) {
            int next = 0;
            for (int rank = 0; rank < ranks; ++rank) {
                auto const mine = lanes_of(lanes, ranks, rank);
                REQUIRE(mine.first == next);
                REQUIRE(mine.size() >= lanes / ranks);
                REQUIRE(mine.size() <= (lanes + ranks - 1) / ranks);
                next = mine.last;
            }
            REQUIRE(next == lanes);
        }
}

TEST_CASE("a rank's maximal subtrees tile its lanes, are nodes of the tree, and none has a parent that the rank holds too") {
    for (int lanes = 1; lanes <= 33; ++lanes)
        for (int ranks = 1; ranks <= lanes; ++ranks)
            for (int rank = 0; rank < ranks; ++rank) {
                auto const mine  = lanes_of(lanes, ranks, rank);
                auto const trees = maximal_subtrees(lanes, mine);
                std::vector<lane_range> expected;
                add_maximal({0, lanes}, mine, false, expected);
                std::vector<lane_range> const found(trees.node, trees.node + trees.count);
                INFO(lanes << " lanes, rank " << rank << " of " << ranks);
                REQUIRE(found == expected);
                int next = mine.first;
                for (auto const& node : found) {
                    REQUIRE(node.first == next);
                    next = node.last;
                }
                REQUIRE(next == mine.last);
            }
}

TEST_CASE("an interval without lanes has no subtrees, the whole has one, and the worst stays within the table") {
    STATIC_REQUIRE(maximal_subtrees(8, {3, 3}).count == 0);
    STATIC_REQUIRE(maximal_subtrees(8, {0, 8}).count == 1);
    STATIC_REQUIRE(maximal_subtrees(8, {1, 7}).count == 4);  // 1, (2 3), (4 5), 6
    int const many = (1 << 30) - 1;
    CHECK(maximal_subtrees(many, {1, many - 1}).count <= max_subtrees);
    CHECK(maximal_subtrees(many, {1, many - 1}).count >= 50);  // it is the worst: close to two a level
}

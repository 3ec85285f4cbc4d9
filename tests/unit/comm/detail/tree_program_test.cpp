// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/comm/detail/tree_program.hpp>
#include <espalier/comm/reductions.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace espalier;
using espalier::detail::tree_program;

namespace {

/// A "sum" that writes down how it was taken: an operand is a letter, a sum its parts in brackets. Texts are numbered.
struct scribe {
    std::vector<std::string>* texts;
    int operator()(int a, int b) const {
        texts->push_back("(" + (*texts)[static_cast<std::size_t>(a)] + (*texts)[static_cast<std::size_t>(b)] + ")");
        return static_cast<int>(texts->size()) - 1;
    }
};

/// How the program sums these nodes of the tree over `lanes` lanes: "((ab)c)".
std::string order_of(int lanes, std::vector<lane_range> const& nodes) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < nodes.size(); ++i) texts.emplace_back(1, static_cast<char>('a' + nodes[i].first));
    std::vector<int> operand(nodes.size());
    tree_program program;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        operand[i] = static_cast<int>(i);
        program.add(nodes[i], &operand[i]);
    }
    if (!program.finish(lanes, sizeof(int))) return "refused";
    int whole = 0;
    program.block(0, 1, &whole, scribe{&texts});
    return texts[static_cast<std::size_t>(whole)];
}

std::vector<lane_range> leaves(int lanes) {
    std::vector<lane_range> all;
    for (int i = 0; i < lanes; ++i) all.push_back({i, i + 1});
    return all;
}

}  // namespace

TEST_CASE("leaves are summed as the tree is drawn", "[comm]") {
    CHECK(order_of(1, leaves(1)) == "a");
    CHECK(order_of(2, leaves(2)) == "(ab)");
    CHECK(order_of(3, leaves(3)) == "((ab)c)");
    CHECK(order_of(5, leaves(5)) == "(((ab)(cd))e)");
    CHECK(order_of(6, leaves(6)) == "(((ab)(cd))(ef))");
    CHECK(order_of(8, leaves(8)) == "(((ab)(cd))((ef)(gh)))");
}

TEST_CASE("partial sums take their place in the tree, whatever order they are added in", "[comm]") {
    CHECK(order_of(8, {{0, 8}}) == "a");
    CHECK(order_of(8, {{4, 8}, {0, 2}, {2, 3}, {3, 4}}) == "((a(cd))e)");
    CHECK(order_of(6, {{5, 6}, {4, 5}, {0, 4}}) == "(a(ef))");
    CHECK(order_of(7, {{4, 6}, {6, 7}, {0, 4}}) == "(a(eg))");
}

TEST_CASE("what is no tiling of the tree by its nodes is refused", "[comm]") {
    CHECK(order_of(4, {{0, 2}}) == "refused");                          // half is missing
    CHECK(order_of(4, {{2, 4}}) == "refused");
    CHECK(order_of(4, {{0, 1}, {1, 3}, {3, 4}}) == "refused");          // no node
    CHECK(order_of(4, {{0, 2}, {2, 4}, {2, 3}}) == "refused");          // twice
    CHECK(order_of(4, {{0, 4}, {0, 4}}) == "refused");
    CHECK(order_of(4, {{0, 4}, {4, 5}}) == "refused");                  // beyond
    CHECK(order_of(0, {}) == "refused");
    CHECK(order_of(2, {}) == "refused");
}

TEST_CASE("a block begins anywhere and has any length up to its limit", "[comm]") {
    constexpr std::int64_t n = 5000;
    std::vector<std::vector<double>> x(7, std::vector<double>(n));
    std::vector<double> expected(n);
    for (std::size_t k = 0; k < x.size(); ++k)
        for (std::size_t i = 0; i < n; ++i) expected[i] += x[k][i] = static_cast<double>((k + 1) * (i + 3));  // exact
    tree_program program;
    for (int k = 0; k < 7; ++k) program.add({k, k + 1}, x[static_cast<std::size_t>(k)].data());
    REQUIRE(program.finish(7, sizeof(double)));
    for (std::int64_t first : {0, 1, 1000, 3976})
        for (std::int64_t count : {std::int64_t{1}, std::int64_t{17}, tree_program::block_elements}) {
            std::vector<double> block(static_cast<std::size_t>(count));
            program.block(first, count, block.data(), sum{});
            CHECK(block == std::vector<double>(expected.begin() + first, expected.begin() + first + count));
        }
}

TEST_CASE("a program is made again for other summands and another type", "[comm]") {
    float const a = 1, b = 2;
    double const c = 10, d = 20, e = 30;
    tree_program program;
    program.add({0, 1}, &a);
    program.add({1, 2}, &b);
    REQUIRE(program.finish(2, sizeof(float)));
    float small = 0;
    program.block(0, 1, &small, sum{});
    CHECK(small == 3);
    program.clear();
    program.add({2, 3}, &e);
    program.add({0, 1}, &c);
    program.add({1, 2}, &d);
    REQUIRE(program.finish(3, sizeof(double)));
    double large = 0;
    program.block(0, 1, &large, sum{});
    CHECK(large == 60);
}

TEST_CASE("the sum may be written over any one of its summands", "[comm]") {
    for (int lanes : {1, 2, 3, 4, 5, 6, 7, 8})
        for (int over = 0; over < lanes; ++over) {
            std::vector<std::vector<double>> x;
            for (int k = 0; k < lanes; ++k) x.emplace_back(100, k + 1.0);
            tree_program program;
            for (int k = 0; k < lanes; ++k) program.add({k, k + 1}, x[static_cast<std::size_t>(k)].data());
            REQUIRE(program.finish(lanes, sizeof(double)));
            program.block(3, 90, x[static_cast<std::size_t>(over)].data() + 3, sum{});
            std::vector<double> expected(100, over + 1.0);
            for (std::size_t i = 3; i < 93; ++i) expected[i] = lanes * (lanes + 1) / 2;
            CHECK(x[static_cast<std::size_t>(over)] == expected);
        }
}

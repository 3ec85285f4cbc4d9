// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/made_up_cut.hpp"

#include <espalier/nn/linear.hpp>
#include <espalier/nn/tensor_blocks.hpp>

#include <vector>

using namespace espalier;

namespace {
// As they lie: 0.weight (9,600: blocks at 0, 4096, 8192), 0.bias (50 at 9600, padded to 64), 1.weight (150 at 9664, to 160), 1.bias (3 at 9824, to 16).
using two_layers       = sequence<linear<192, 50>, linear<50, 3>>;
constexpr auto tensors = network<two_layers>::tensors;

std::vector<block_piece> pieces(flat_range held) {
    std::vector<block_piece> found;
    for_each_piece(tensors, held, [&](block_piece const& p) { found.push_back(p); });
    return found;
}
void is(block_piece const& p, int tensor, std::int64_t block, flat_range elements) {
    CHECK(p.tensor == tensor);
    CHECK(p.block == block);
    CHECK(p.elements == elements);
}
}  // namespace

TEST_CASE("blocks are listed tensor by tensor in the order of names") {
    constexpr block_list list{tensors};
    STATIC_REQUIRE(list.count == 6);
    // By name 0.bias, 0.weight, 1.bias, 1.weight; as they lie each weight comes before its bias.
    CHECK(list.tensor[1] == block_span{0, 1});
    CHECK(list.tensor[0] == block_span{1, 3});
    CHECK(list.tensor[3] == block_span{4, 1});
    CHECK(list.tensor[2] == block_span{5, 1});
}

TEST_CASE("a network's flat array falls into one piece a tensor, without padding") {
    auto const all = pieces({0, tensors.elements});
    REQUIRE(all.size() == 4);
    is(all[0], 0, 0, {0, 9600});
    is(all[1], 1, 0, {9600, 9650});
    is(all[2], 2, 0, {9664, 9814});
    is(all[3], 3, 0, {9824, 9827});
}

TEST_CASE("a range holds whole blocks of the tensors that it meets") {
    auto const middle = pieces({4096, 9664});
    REQUIRE(middle.size() == 2);
    is(middle[0], 0, 1, {4096, 9600});
    is(middle[1], 1, 0, {9600, 9650});
    CHECK(pieces({8192, 8192}).empty());
    CHECK(pieces({9650, 9664}).empty());  // padding
    auto const last = pieces({8192, 9655});  // cut in padding
    REQUIRE(last.size() == 2);
    is(last[0], 0, 2, {8192, 9600});
}

TEST_CASE("the border before a position is where its block begins") {
    for (auto const& [position, border] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {0, 0}, {4095, 0}, {4096, 4096}, {9599, 8192}, {9600, 9600}, {9650, 9600}, {9663, 9600}, {9664, 9664}, {9825, 9824}, {9839, 9824},
             {9840, 9840}, {20000, 9840}})
        CHECK(block_border(tensors, position) == border);
    STATIC_REQUIRE(block_border(tensors, 5000) == 4096);
}

TEST_CASE("any two borders cut the array into ranges whose pieces hold each block once") {
    for (std::int64_t first = 0; first <= tensors.elements; first += 61)
        for (std::int64_t second = first; second <= tensors.elements; second += 61) {
            std::int64_t const a = block_border(tensors, first), b = block_border(tensors, second);
            std::vector<int> times(6, 0);
            for (flat_range const held : {flat_range{0, a}, flat_range{a, b}, flat_range{b, tensors.elements}})
                for (block_piece const& p : pieces(held))
                    for (std::int64_t k = 0; k < math::blocks_of(p.elements.last - p.elements.first); ++k)
                        ++times[static_cast<std::size_t>(block_list{tensors}.tensor[p.tensor].first + p.block + k)];
            if (times != std::vector<int>(6, 1)) FAIL("borders " << a << " and " << b);
        }
    SUCCEED();
}

TEST_CASE("a range that is cut inside a block is refused by its tensor") {
    auto const words = [](flat_range held) -> std::string {
        try {
            pieces(held);
        } catch (invalid_setting const& e) {
            return e.what();
        }
        return "nothing";
    };
    CHECK(words({100, 4096}) == "espalier: tensor_blocks: requires ranges that are cut where blocks of 4096 elements begin; got the elements 100 to "
                                "4096, cut inside a block of \"0.weight\". Cut at block_border(tensors, position). See docs/policies/model.md.");
    CHECK(words({0, 9599}).find("cut inside a block of \"0.weight\"") != std::string::npos);
    CHECK(words({9610, 9840}).find("cut inside a block of \"0.bias\"") != std::string::npos);
}

TEST_CASE("slices of a tensor follow one another in the list, those of other ranks included") {
    using espalier_test::made_up_network;
    // In name order columns, gates, long, rows, shared, spread, words, of each layer. Slices of "long" have 15,000 elements: four blocks; "shared" has
    // 4,100: two. Every other slice is short: one block.
    STATIC_REQUIRE(block_list{network<made_up_network<4, 2>>::tensors}.count == 2 * (4 + 4 + 16 + 4 + 2 + 4 + 4));
    constexpr auto const& local = network<made_up_network<4, 2>>::tensors;
    constexpr block_list list{local};
    for (int i = 0; i < local.count; ++i) {
        auto const& t        = local.item[i];
        auto const name      = t.name.view();
        std::int64_t const base = name[0] == '0' ? 0 : 38;
        tensor_place const second{{2, 4}, 1};
        if (name.substr(2) == "columns") CHECK(list.part(local, i, second) == block_span{base + 2 + t.cut.slice, 1});
        if (name.substr(2) == "gates") CHECK(list.part(local, i, {{2, 4}, 0}) == block_span{base + 4 + t.cut.slice, 1});
        if (name.substr(2) == "long") {
            CHECK(list.tensor[i] == block_span{base + 8, 16});
            CHECK(list.part(local, i, second) == block_span{base + 8 + 8 + 4 * t.cut.slice, 4});
        }
        if (name.substr(2) == "shared") CHECK(list.part(local, i, second) == block_span{base + 28, 2});
        if (name.substr(2) == "words") CHECK(list.tensor[i] == block_span{base + 34, 4});
        CHECK(speaks_for(t, {{2, 4}, 0}));
        CHECK(speaks_for(t, second) == (name.substr(2) != "shared"));
    }
}

TEST_CASE("the list of blocks is the same however many ranks share the slices") {
    using espalier_test::made_up_network;
    constexpr block_list alone{network<made_up_network<4, 4>>::tensors};
    constexpr block_list of_four{network<made_up_network<4, 1>>::tensors};
    STATIC_REQUIRE(alone.count == of_four.count);
    auto const& all = network<made_up_network<4, 4>>::tensors;
    auto const& own = network<made_up_network<4, 1>>::tensors;
    int found = 0;
    for (int i = 0; i < all.count; ++i)
        for (int k = 0; k < own.count; ++k) {
            if (all.item[i].name != own.item[k].name) continue;
            ++found;
            CHECK(alone.part(all, i, {{1, 4}, 0}) == of_four.part(own, k, {{4, 4}, all.item[i].cut.slice}));
        }
    CHECK(found == all.count);
}

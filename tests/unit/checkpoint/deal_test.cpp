// SPDX-License-Identifier: BSL-1.0
/// @file
/// Dealing tensors to ranks: each element once, even bytes, few cuts, the same on every call.
#include "support/catch.hpp"

#include <espalier/checkpoint/deal.hpp>
#include <espalier/checkpoint/detail/tiling.hpp>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

using namespace espalier::checkpoint;
using Catch::Matchers::ContainsSubstring;

namespace {

/// An LSTM forecaster and a transformer block, and what is odd.
[[nodiscard]] std::vector<tensor_shape> tensors() {
    std::vector<tensor_shape> out;
    for (std::vector<std::int64_t> const& extents : std::vector<std::vector<std::int64_t>>{{},
                                                                                           {1},
                                                                                           {0},
                                                                                           {7, 0, 3},
                                                                                           {13},
                                                                                           {200, 2},
                                                                                           {200, 50},
                                                                                           {32, 50},
                                                                                           {1, 32},
                                                                                           {768, 768},
                                                                                           {3072, 768},
                                                                                           {768},
                                                                                           {30522, 97},
                                                                                           {2, 100'000},
                                                                                           {1, 1'000'000},
                                                                                           {3, 101, 1009},
                                                                                           {16'384},
                                                                                           {16'383}})
        out.push_back({extents, dtype::f32});
    out.push_back({{65'537}, dtype::u8});
    out.push_back({{65'535}, dtype::boolean});
    return out;
}

[[nodiscard]] std::int64_t bytes(tensor_shape const& t, box const& b) {
    std::int64_t n = t.type == dtype::f32 ? 4 : 1;
    for (std::int64_t const e : b.extents) n *= e;
    return n;
}

} // namespace

TEST_CASE("every element is dealt once, and no rank gets two boxes of a tensor") {
    auto const all = tensors();
    for (int const ranks : {1, 2, 3, 4, 5, 7, 8, 13, 64, 1000}) {
        auto const dealt = deal(all, ranks);
        REQUIRE(dealt.size() == static_cast<std::size_t>(ranks));
        CHECK(dealt == deal(all, ranks));
        for (std::size_t t = 0; t < all.size(); ++t) {
            std::vector<stored_box> boxes;
            bool is_named = false;
            for (auto const& rank : dealt) {
                int on_this_rank = 0;
                for (auto const& d : rank) {
                    if (d.tensor != t) continue;
                    ++on_this_rank;
                    is_named = true;
                    REQUIRE(is_within(d.where, all[t].extents));
                    if (elements(d.where) > 0) boxes.push_back({"", d.where});
                }
                REQUIRE(on_this_rank <= 1);
            }
            INFO("tensor " << t << " on " << ranks << " ranks");
            CHECK(is_named);
            CHECK(detail::do_tile(boxes, all[t].extents));
        }
    }
}

TEST_CASE("one rank's boxes may be looped over without keeping those of all") {
    auto const all = tensors();
    static_assert(std::is_same_v<decltype(deal(all, 3)[1]), std::vector<dealt_box>>); // not a reference into what is gone
    auto const kept = deal(all, 3);
    std::size_t i   = 0;
    for (auto const& box : deal(all, 3)[1]) CHECK(box == kept[1].at(i++));
    CHECK(i == kept[1].size());
}

TEST_CASE("tensors below 64 KiB and single values are not cut") {
    auto const all = tensors();
    for (auto const& rank : deal(all, 8))
        for (auto const& d : rank)
            if (bytes(all[d.tensor], whole(all[d.tensor].extents)) < 65'536) CHECK(d.where == whole(all[d.tensor].extents));
}

TEST_CASE("a large tensor is cut by rows into consecutive even runs") {
    std::vector<tensor_shape> const one{{{10, 10'000}, dtype::f32}};
    auto const dealt = deal(one, 4);
    CHECK(dealt[0] == std::vector<dealt_box>{{0, {{0, 0}, {2, 10'000}}}});
    CHECK(dealt[1] == std::vector<dealt_box>{{0, {{2, 0}, {3, 10'000}}}});
    CHECK(dealt[2] == std::vector<dealt_box>{{0, {{5, 0}, {2, 10'000}}}});
    CHECK(dealt[3] == std::vector<dealt_box>{{0, {{7, 0}, {3, 10'000}}}});
}

TEST_CASE("ranks get as many bytes each, but for a row or a small tensor") {
    std::vector<tensor_shape> all;
    for (int layer = 0; layer < 12; ++layer)
        for (std::vector<std::int64_t> const& extents :
             std::vector<std::vector<std::int64_t>>{{768, 768}, {768}, {3072, 768}, {3072}, {768, 3072}})
            all.push_back({extents, dtype::f32});
    for (int const ranks : {2, 3, 4, 8, 13}) {
        std::vector<std::int64_t> load;
        for (auto const& rank : deal(all, ranks)) {
            std::int64_t sum = 0;
            for (auto const& d : rank) sum += bytes(all[d.tensor], d.where);
            load.push_back(sum);
        }
        auto const [least, most] = std::minmax_element(load.begin(), load.end());
        INFO(ranks << " ranks: " << *least << " to " << *most << " bytes");
        CHECK(static_cast<double>(*most) < 1.02 * static_cast<double>(*least));
    }
}

TEST_CASE("a tensor of fewer rows than ranks goes to as many different ranks") {
    std::vector<tensor_shape> const two{{{1, 1'000'000}, dtype::f32}, {{2, 500'000}, dtype::f32}};
    auto const dealt = deal(two, 3);
    for (std::size_t r = 0; r < 3; ++r) CHECK(dealt[r].size() == 1); // the two rows go where the one is not
}

TEST_CASE("what cannot be dealt is refused") {
    std::vector<tensor_shape> const negative{{{3, -1}, dtype::f32}}, large{{{INT64_MAX, 2}, dtype::f32}};
    CHECK_THROWS_WITH(deal({}, 0),
                      "espalier: checkpoint::deal: requires at least 1 rank; got 0. Give the ranks of the world and the "
                      "tensors of the network. See docs/explanation/checkpoint-format.md.");
    CHECK_THROWS_AS(deal(negative, 1), espalier::invalid_setting);
    CHECK_THROWS_WITH(deal(negative, 1), ContainsSubstring("requires extents of a tensor that can be stored; got (3,-1)."));
    CHECK_THROWS_WITH(deal(large, 2), ContainsSubstring("got (9223372036854775807,2)."));
}

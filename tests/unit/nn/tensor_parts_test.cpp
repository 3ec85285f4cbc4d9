// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/made_up_cut.hpp"

#include <espalier/nn/tensor_parts.hpp>

#include <algorithm>
#include <vector>

using namespace espalier;
using espalier_test::made_up_network;
using espalier_test::positions_in_whole;

namespace {
std::vector<part_run> runs_of(tensor_part const& part) {
    std::vector<part_run> out;
    part.for_each_run([&](part_run const& run) { out.push_back(run); });
    return out;
}
tensor_part slice(shape extents, parameter_cut cut, int of_all) {
    cut.slice = of_all;
    return {extents, cut, {{.ranks = 1, .slices = cut.slices}, 0}};
}

/// Every element of every part against the count element by element, and each element of the whole exactly once.
template <int K, int T>
void covers() {
    using local = made_up_network<K, K / T>;
    using whole = made_up_network<1, 1>;
    std::vector<int> times(static_cast<std::size_t>(network<whole>::tensors.elements), 0);
    for (int t = 0; t < T; ++t) {
        auto const expected = positions_in_whole<local, whole>(t);
        std::vector<std::int64_t> found(expected.size(), -1);
        for (auto const& entry : network<local>::tensors.item)
            for (auto const& run : runs_of(entry.part({{T, K}, t})))
                for (std::int64_t i = 0; i < run.count; ++i) {
                    auto const& all = network<whole>::tensors.item;
                    auto const w    = std::find_if(std::begin(all), std::end(all), [&](auto const& e) { return e.name == entry.name; });
                    auto const at   = w->offset + run.whole + i;
                    found[static_cast<std::size_t>(entry.offset + run.part + i)] = at;
                    if (entry.cut.slices > 1 || t == 0) ++times[static_cast<std::size_t>(at)];
                }
        INFO(K << " slices over " << T << " ranks, rank " << t);
        CHECK(found == expected);
    }
    std::vector<int> once(times.size(), 0);
    for (auto const& w : network<whole>::tensors.item) std::fill_n(once.begin() + w.offset, w.extents.elements(), 1);
    CHECK(times == once);
}
}  // namespace

TEST_CASE("rows are one run, columns one a row") {
    CHECK(runs_of(slice(dims(2, 5), {.slices = 4, .whole = dims(8, 5)}, 3)) == std::vector<part_run>{{0, 30, 10}});
    CHECK(runs_of(slice(dims(2, 4), {.slices = 2, .along = 1, .whole = dims(2, 8)}, 1)) == std::vector<part_run>{{0, 4, 4}, {4, 12, 4}});
}

TEST_CASE("a slice of four gates is its units of every gate") {
    auto const part = slice(dims(8, 3), {.slices = 3, .groups = 4, .whole = dims(24, 3)}, 1);
    CHECK(runs_of(part) == std::vector<part_run>{{0, 6, 6}, {6, 24, 6}, {12, 42, 6}, {18, 60, 6}});
    CHECK(part.range(2) == part_run{4, 14, 2});
    CHECK(part.is_dense(part.range(2)));
}

TEST_CASE("what a slice has beyond its group's end is in no run, and a slice may be empty") {
    parameter_cut const words{.slices = 4, .whole = dims(9, 2)};  // 3 rows a slice: the last has none
    CHECK(runs_of(slice(dims(3, 2), words, 2)) == std::vector<part_run>{{0, 12, 6}});
    CHECK(runs_of(slice(dims(3, 2), words, 3)).empty());
    CHECK(slice(dims(3, 2), words, 3).range(0) == part_run{0, 9, 0});
    parameter_cut const scores{.slices = 2, .along = 1, .whole = dims(2, 5)};
    auto const last = slice(dims(2, 3), scores, 1);
    CHECK(runs_of(last) == std::vector<part_run>{{0, 3, 2}, {3, 8, 2}});
    CHECK(!last.is_dense(last.range(0)));
    CHECK(slice(dims(2, 3), scores, 0).is_dense(part_run{0, 0, 3}));
}

TEST_CASE("a tensor that is not cut is its own part, whatever the rank") {
    for (int rank : {0, 3}) {
        tensor_part const part{dims(4, 5), {}, {{4, 4}, rank}};
        CHECK(runs_of(part) == std::vector<part_run>{{0, 0, 20}});
        CHECK(part.whole == dims(4, 5));
    }
    CHECK(runs_of(tensor_part{shape{}, {}, {}}) == std::vector<part_run>{{0, 0, 1}});
    CHECK(runs_of(tensor_part{dims(0, 3), {}, {}}).empty());
}

TEST_CASE("slices count over all ranks of the axis") {
    STATIC_REQUIRE(slice_in_all({.slices = 8, .slice = 1}, {{4, 8}, 3}) == 7);
    STATIC_REQUIRE(slice_in_all({.slices = 8, .slice = 1}, {{1, 8}, 0}) == 1);
    STATIC_REQUIRE(slice_in_all({}, {{4, 8}, 3}) == 0);
}

TEST_CASE("the parts of all ranks hold every element of the tensors once, where counting element by element finds it") {
    covers<1, 1>();
    covers<2, 1>();
    covers<2, 2>();
    covers<4, 1>();
    covers<4, 2>();
    covers<4, 4>();
    covers<8, 2>();
    covers<8, 8>();
}

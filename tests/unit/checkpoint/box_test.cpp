// SPDX-License-Identifier: BSL-1.0
/// @file
/// Boxes: what lies in them, in two of them, and whether many of them tile a tensor. The expected values count elements one by
/// one.
#include "support/catch.hpp"

#include <espalier/checkpoint/box.hpp>
#include <espalier/checkpoint/detail/tiling.hpp>
#include <espalier/core/philox.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

using namespace espalier::checkpoint;

namespace {

/// How often each element of a tensor lies in the boxes.
[[nodiscard]] std::vector<int> counted(std::vector<std::int64_t> const& extents, std::vector<box> const& boxes) {
    std::int64_t n = 1;
    for (std::int64_t const e : extents) n *= e;
    std::vector<int> times(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i)
        for (box const& b : boxes) {
            bool is_in        = true;
            std::int64_t rest = i;
            for (std::size_t k = extents.size(); k-- > 0; rest /= extents[k])
                is_in = is_in && rest % extents[k] >= b.first[k] && rest % extents[k] < b.first[k] + b.extents[k];
            times[static_cast<std::size_t>(i)] += is_in;
        }
    return times;
}

[[nodiscard]] bool do_tile(std::vector<std::int64_t> const& extents, std::vector<box> const& boxes) {
    std::vector<stored_box> stored;
    for (box const& b : boxes) stored.push_back({"", b});
    return detail::do_tile(stored, extents);
}

/// A random box, not empty, of a tensor whose extents are not 0.
[[nodiscard]] box random_box(std::vector<std::int64_t> const& extents, espalier::random_key const& key, std::uint64_t& draws) {
    box b;
    for (std::int64_t const e : extents) {
        auto const random = key.at(0, draws++);
        b.first.push_back(static_cast<std::int64_t>(random.word[0]) % e);
        b.extents.push_back(1 + static_cast<std::int64_t>(random.word[1]) % (e - b.first.back()));
    }
    return b;
}

} // namespace

TEST_CASE("a box knows its elements and its text") {
    CHECK(whole(std::vector<std::int64_t>{4, 6}) == box{{0, 0}, {4, 6}});
    CHECK(elements(box{{1, 2}, {2, 3}}) == 6);
    CHECK(elements(box{}) == 1);
    CHECK(elements(box{{0, 5}, {7, 0}}) == 0);
    CHECK(to_string(box{{0, 2}, {100, 2}}) == "[0,100)x[2,4)");
    CHECK(to_string(box{}) == "[]");
    CHECK(box{{0}, {1}} != box{{1}, {1}});
}

TEST_CASE("a box lies within a tensor, or does not") {
    std::vector<std::int64_t> const extents{4, 6};
    CHECK(is_within({{0, 0}, {4, 6}}, extents));
    CHECK(is_within({{3, 5}, {1, 1}}, extents));
    CHECK(is_within({{4, 0}, {0, 6}}, extents));
    CHECK_FALSE(is_within({{3, 5}, {2, 1}}, extents));
    CHECK_FALSE(is_within({{-1, 0}, {2, 1}}, extents));
    CHECK_FALSE(is_within({{1, 0}, {-1, 1}}, extents));
    CHECK_FALSE(is_within({{0}, {4}}, extents));
    CHECK_FALSE(is_within({{0, 0}, {4}}, extents));
    CHECK_FALSE(is_within({{0, 0}, {INT64_MAX, 1}}, extents));
    CHECK_FALSE(is_within({{INT64_MAX, 0}, {1, 1}}, extents));
    CHECK(is_within({}, {}));
}

TEST_CASE("the intersection of two boxes holds the elements that lie in both") {
    espalier::random_key const key{1, "intersections"};
    std::uint64_t draws = 0;
    for (auto const& extents : std::vector<std::vector<std::int64_t>>{{}, {1}, {7}, {5, 3}, {2, 1, 5}, {3, 2, 2, 3}})
        for (int trial = 0; trial < 100; ++trial) {
            box const a = random_box(extents, key, draws), b = random_box(extents, key, draws);
            auto const in_a = counted(extents, {a}), in_b = counted(extents, {b});
            auto const common = intersection(a, b);
            CHECK(common == intersection(b, a));
            auto const in_both = common ? counted(extents, {*common}) : std::vector<int>(in_a.size());
            bool is_right      = true;
            for (std::size_t i = 0; i < in_a.size(); ++i) is_right = is_right && in_both[i] == in_a[i] * in_b[i];
            CHECK(is_right);
        }
    CHECK_FALSE(intersection({{0}, {2}}, {{2}, {2}}));
    CHECK_FALSE(intersection({{0}, {0}}, {{0}, {2}}));
}

TEST_CASE("boxes tile a tensor when each element is in one of them, whichever they are") {
    espalier::random_key const key{2, "tilings"};
    std::uint64_t draws = 0;
    int tilings = 0, others = 0;
    for (auto const& extents :
         std::vector<std::vector<std::int64_t>>{{}, {1}, {2}, {3}, {2, 2}, {3, 2}, {1, 3}, {2, 2, 2}, {1, 2, 1, 2}})
        for (int trial = 0; trial < 2'000; ++trial) {
            std::vector<box> boxes;
            for (std::uint32_t many = key.at(1, draws++).word[0] % 5; many > 0; --many)
                boxes.push_back(random_box(extents, key, draws));
            auto const times    = counted(extents, boxes);
            bool const expected = std::all_of(times.begin(), times.end(), [](int t) { return t == 1; });
            (expected ? tilings : others) += 1;
            if (do_tile(extents, boxes) != expected) {
                CAPTURE(extents, boxes.size(), trial);
                FAIL_CHECK("expected " << expected);
            }
        }
    CHECK(tilings > 1'000);
    CHECK(others > 1'000);
}

TEST_CASE("boxes that are cut again and again tile; not after one is moved, dropped or doubled") {
    espalier::random_key const key{3, "cuts"};
    std::uint64_t draws = 0;
    std::vector<std::int64_t> const extents{11, 7, 5};
    for (int trial = 0; trial < 50; ++trial) {
        std::vector<box> boxes{whole(extents)};
        while (boxes.size() < 20) {
            auto const random   = key.at(0, draws++);
            box& b              = boxes[random.word[0] % boxes.size()];
            std::size_t const k = random.word[1] % 3;
            if (b.extents[k] < 2) continue;
            auto const cut = 1 + static_cast<std::int64_t>(random.word[2]) % (b.extents[k] - 1);
            box rest       = b;
            rest.first[k] += cut;
            rest.extents[k] -= cut;
            b.extents[k] = cut;
            boxes.push_back(rest);
        }
        CHECK(do_tile(extents, boxes));
        auto moved = boxes;
        std::swap(moved[3].extents, moved[4].extents);
        auto const times = counted(extents, moved);
        CHECK(do_tile(extents, moved) == std::all_of(times.begin(), times.end(), [](int t) { return t == 1; }));
        auto doubled = boxes;
        doubled.push_back(boxes[7]);
        CHECK_FALSE(do_tile(extents, doubled));
        boxes.pop_back();
        CHECK_FALSE(do_tile(extents, boxes));
    }
}

TEST_CASE("a tensor without elements is tiled by no box") {
    CHECK(do_tile({0}, {}));
    CHECK(do_tile({3, 0, 2}, {}));
    CHECK_FALSE(do_tile({}, {}));
    CHECK_FALSE(do_tile({1}, {}));
}

TEST_CASE("many boxes are checked without comparing each with each") {
    std::vector<box> boxes; // half of them long strips, half cut across: every sweep along the first dim meets all strips
    constexpr std::int64_t n = 100'000;
    for (std::int64_t i = 0; i < n; ++i) {
        boxes.push_back({{0, i}, {n, 1}});
        boxes.push_back({{i, n}, {1, n}});
    }
    CHECK(do_tile({n, 2 * n}, boxes)); // 10^10 comparisons otherwise
    boxes[n].first[1] += 1;
    CHECK_FALSE(do_tile({n, 2 * n}, boxes));
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/partition/plan/buckets.hpp>

#include <initializer_list>

using namespace espalier;

namespace {
rank_plan<1, 6> chunks_of(std::initializer_list<std::int64_t> gradients) {
    rank_plan<1, 6> p;
    p.chunks = 0;
    for (std::int64_t const n : gradients) p.chunk[p.chunks++].gradients = n;
    return p;
}
/// Whether no two neighbours share a place, and every place lies within the room.
bool neighbours_are_apart(rank_plan<1, 6> const& p) {
    std::int64_t const room = bucket_elements(p);
    for (int c = 0; c < p.chunks; ++c) {
        std::int64_t const first = bucket_first(p, room, c), last = first + p.chunk[c].gradients;
        if (first < 0 || last > room) return false;
        if (c + 1 == p.chunks) continue;
        std::int64_t const next = bucket_first(p, room, c + 1), end = next + p.chunk[c + 1].gradients;
        for (std::int64_t i = first; i < last; ++i)
            if (i >= next && i < end) return false;
    }
    return true;
}
}  // namespace

TEST_CASE("the room for whole gradients holds the largest two neighbours, one from the front and one from the back") {
    auto const three = chunks_of({30, 50, 20});
    CHECK(bucket_elements(three) == 80);
    CHECK(bucket_first(three, 80, 0) == 0);
    CHECK(bucket_first(three, 80, 1) == 30);
    CHECK(bucket_first(three, 80, 2) == 0);
    CHECK(bucket_elements(chunks_of({10, 1, 1, 10})) == 11);
    CHECK(bucket_elements(chunks_of({7})) == 7);
}

TEST_CASE("neighbours never overlap, whatever their sizes; others may") {
    for (auto const& p : {chunks_of({30, 50, 20}), chunks_of({10, 1, 1, 10}), chunks_of({5, 0, 5}), chunks_of({1, 2, 3, 4, 5, 6}), chunks_of({6, 1, 5, 2, 4, 3}), chunks_of({7})})
        CHECK(neighbours_are_apart(p));
    auto const p = chunks_of({10, 1, 1, 10});  // a room of 11: 0 in [0, 10), 3 in [1, 11)
    CHECK(detail::share_room(p, 11, 0, 3));
    CHECK(detail::share_room(p, 11, 0, 2));
    CHECK(!detail::share_room(p, 11, 0, 1));
    CHECK(!detail::share_room(p, 11, 1, 2));
}

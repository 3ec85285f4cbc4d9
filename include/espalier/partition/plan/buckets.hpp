// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where the whole gradients of a chunk lie while they are computed and reduced, on a rank that keeps shards of them only: two chunks at a
/// time, so that one is reduced while backward fills the other. When each is cleared is the maker's business (data/make_plan.hpp).
#pragma once

#include <espalier/partition/plan/plan.hpp>

namespace espalier {

/// Elements of the room: the most that two neighbouring chunks take together.
template <class Plan>
[[nodiscard]] constexpr std::int64_t bucket_elements(Plan const& plan) noexcept {
    std::int64_t most = 0;
    for (int c = 0; c < plan.chunks; ++c) {
        std::int64_t const both = plan.chunk[c].gradients + (c + 1 < plan.chunks ? plan.chunk[c + 1].gradients : 0);
        most                    = both > most ? both : most;
    }
    return most;
}

/// Where a chunk's gradients begin in a room of `room` elements: of even chunks at its front, of odd ones at its back.
/// ```
///   chunks of 30, 50 and 20 elements, a room of 80      chunk 0 [ 30 |         ]   chunk 1 [    |    50    ]   chunk 2 [ 20 |          ]
/// ```
template <class Plan>
[[nodiscard]] constexpr std::int64_t bucket_first(Plan const& plan, std::int64_t room, int chunk) noexcept {
    return chunk % 2 == 0 ? 0 : room - plan.chunk[chunk].gradients;
}

namespace detail {
/// Whether the gradients of two chunks overlap in such a room.
template <class Plan>
[[nodiscard]] constexpr bool share_room(Plan const& plan, std::int64_t room, int a, int b) noexcept {
    std::int64_t const first_a = bucket_first(plan, room, a), first_b = bucket_first(plan, room, b);
    return first_a < first_b + plan.chunk[b].gradients && first_b < first_a + plan.chunk[a].gradients;
}
}  // namespace detail

}  // namespace espalier

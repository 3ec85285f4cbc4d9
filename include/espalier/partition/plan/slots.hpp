// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where the slots of a pipeline stage lie: for activations of micro-batches in flight, and boxes for what other stages send. Which
/// action uses which slot is the maker's business (pipeline/make_plan.hpp).
#pragma once

#include <espalier/partition/plan/plan.hpp>

namespace espalier {

/// Slots one after the other, each as large as the largest of what goes into it.
/// ```
///   chunks of 30 and 80 elements, slots 0 and 1 used by the first alone      [ 30 | 30 | 80 | 80 ]   first = {0, 30, 60, 140, 220}
/// ```
template <int Most>
struct slot_places {
    std::int64_t first[Most + 1] = {};  ///< of each slot; behind the last: of all together
    int count                    = 0;

    [[nodiscard]] constexpr std::int64_t elements() const noexcept { return first[count]; }
};

namespace detail {

template <int Capacity>
inline constexpr int most_stage_slots = Capacity / 12 + max_slots;

/// @param size_of (action) the slot that an action fills, or −1, and with how many elements
/// @param uniform the size of every slot where a rank has one chunk
template <int Capacity, int Chunks, class SizeOf>
[[nodiscard]] constexpr slot_places<most_stage_slots<Capacity>> places_of_slots(rank_plan<Capacity, Chunks> const& plan, int count, std::int64_t uniform, SizeOf size_of) {
    slot_places<most_stage_slots<Capacity>> places;
    places.count               = count;
    std::int64_t* const behind = places.first + 1;
    for (int i = 0; i < count && plan.chunks == 1; ++i) behind[i] = uniform;
    for (int i = 0; i < plan.count && plan.chunks > 1; ++i) {
        auto const fills = size_of(plan.item[i]);
        if (fills.slot >= 0 && behind[fills.slot] < fills.elements) behind[fills.slot] = fills.elements;
    }
    for (int i = 0; i < count; ++i) behind[i] += places.first[i];
    return places;
}

struct filled_slot {
    int slot              = -1;
    std::int64_t elements = 0;
};

}  // namespace detail

/// The slots for activations of a stage, which all of its chunks take from one pool.
template <int Capacity, int Chunks>
[[nodiscard]] constexpr auto activation_places(rank_plan<Capacity, Chunks> const& plan) {
    return detail::places_of_slots(plan, plan.activation_slots, plan.chunk[0].activations, [&](action const& a) {
        return a.kind == action_kind::forward ? detail::filled_slot{a.activations, plan.chunk[a.chunk].activations} : detail::filled_slot{};
    });
}

/// The boxes of a stage, for inputs of its chunks.
template <int Capacity, int Chunks>
[[nodiscard]] constexpr auto box_places(rank_plan<Capacity, Chunks> const& plan) {
    return detail::places_of_slots(plan, plan.received_boxes, aligned_elements(plan.chunk[0].takes), [&](action const& a) {
        return a.kind == action_kind::post_recv && a.direction == way::forward ? detail::filled_slot{a.box, aligned_elements(plan.chunk[a.chunk].takes)}
                                                                               : detail::filled_slot{};
    });
}

}  // namespace espalier

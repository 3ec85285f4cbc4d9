// SPDX-License-Identifier: BSL-1.0
/// @file
/// Whether boxes tile a tensor: hold each of its elements exactly once. Decided from the boxes' borders alone, without a look
/// at single elements and without comparing every box with every other.
#pragma once

#include <espalier/checkpoint/manifest_entries.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace espalier::checkpoint::detail {

/// A face of a box in the dim at hand: where it lies, which box, and +1 where the box begins there, −1 where it ends.
struct box_face {
    std::int64_t at;
    std::int32_t box;
    std::int32_t sign;
};

/// Whether the signed boxes of `items` add up to zero everywhere, seen in the dims from `dim` on.
/// Along a dim the sum only changes where a box begins or ends; so at each such place the changes, which are functions of the
/// dims behind it, have to add up to zero themselves.
[[nodiscard]] inline bool cancel(std::span<box_face const> items, std::span<stored_box const> boxes,
                                 std::span<std::int64_t const> extents, std::span<std::size_t const> dims) {
    if (dims.empty()) {
        std::int64_t sum = 0;
        for (box_face const& item : items) sum += item.sign;
        return sum == 0;
    }
    std::size_t const dim = dims.front();
    std::vector<box_face> faces;
    faces.reserve(2 * items.size());
    for (box_face const& item : items) { // box −1 is the whole tensor
        auto const first = item.box < 0 ? 0 : boxes[static_cast<std::size_t>(item.box)].where.first[dim];
        auto const size  = item.box < 0 ? extents[dim] : boxes[static_cast<std::size_t>(item.box)].where.extents[dim];
        faces.push_back({first, item.box, item.sign});
        faces.push_back({first + size, item.box, -item.sign});
    }
    std::sort(faces.begin(), faces.end(), [](box_face const& a, box_face const& b) { return a.at < b.at; });
    for (std::size_t from = 0, to = 0; from < faces.size(); from = to) {
        while (to < faces.size() && faces[to].at == faces[from].at) ++to;
        if (!cancel(std::span{faces}.subspan(from, to - from), boxes, extents, dims.subspan(1))) return false;
    }
    return true;
}

/// Whether the boxes, none empty and all within the tensor, hold each element once.
/// @par Cost      boxes · 2^dims · log boxes at worst, where dims counts those that some box cuts; 32 bytes a box and dim
[[nodiscard]] inline bool do_tile(std::span<stored_box const> boxes, std::span<std::int64_t const> extents) {
    if (boxes.empty()) return elements(whole(extents)) == 0;
    std::vector<std::size_t> cut;
    for (std::size_t k = 0; k < extents.size(); ++k)
        if (std::any_of(boxes.begin(), boxes.end(), [&](stored_box const& b) { return b.where.extents[k] != extents[k]; }))
            cut.push_back(k);
    std::vector<box_face> items{{0, -1, -1}};
    items.reserve(boxes.size() + 1);
    for (std::size_t i = 0; i < boxes.size(); ++i) items.push_back({0, static_cast<std::int32_t>(i), 1});
    return cancel(items, boxes, extents, cut);
}

} // namespace espalier::checkpoint::detail

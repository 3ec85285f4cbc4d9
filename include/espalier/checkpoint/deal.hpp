// SPDX-License-Identifier: BSL-1.0
/// @file
/// Who writes what when all ranks hold everything: a pure function from tensors and the number of ranks to boxes.
/// It writes nothing; save_state.hpp does.
#pragma once

#include <espalier/checkpoint/box.hpp>
#include <espalier/checkpoint/tensor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace espalier::checkpoint {

/// A tensor as far as dealing it needs to know.
struct tensor_shape {
    std::vector<std::int64_t> extents;
    dtype type = dtype::f32;
};

/// A box of the tensor number `tensor`.
struct dealt_box {
    std::size_t tensor = 0;
    box where;

    friend bool operator==(dealt_box const&, dealt_box const&) = default;
};

/// The boxes of each rank. One rank's are taken out of a temporary, so that a loop over `deal(tensors, ranks)[rank]` is sound.
struct dealt_boxes : std::vector<std::vector<dealt_box>> {
    using vector::vector;

    [[nodiscard]] std::vector<dealt_box>& operator[](std::size_t rank) & { return vector::operator[](rank); }
    [[nodiscard]] std::vector<dealt_box> const& operator[](std::size_t rank) const& { return vector::operator[](rank); }
    [[nodiscard]] std::vector<dealt_box> operator[](std::size_t rank) && { return std::move(vector::operator[](rank)); }
};

/// Tensors below this size are not cut: one contiguous write is cheaper than several.
inline constexpr std::size_t smallest_cut_bytes = 64 * 1024;

/// Deals tensors that every rank holds, so that each element is written once and ranks write about as many bytes each.
/// A tensor of 64 KiB and more is cut by rows (dim 0) into consecutive even runs, rank r of R writing
/// rows·r/R … rows·(r+1)/R − 1 (rounded down). Whatever has fewer rows than ranks goes row by row, and smaller tensors and
/// single values whole, to the ranks with the fewest bytes so far, the largest first. No rank gets two boxes of a tensor.
/// @par Ranks     local; every rank computes the same
/// @par Cost      tensors · R log R
/// @return the boxes of each rank, in the tensors' order; a tensor without elements goes whole to one rank
/// @throws invalid_setting for less than one rank, and for extents that are negative or whose product leaves 63 bits
[[nodiscard]] inline dealt_boxes deal(std::span<tensor_shape const> tensors, int ranks) {
    auto const require = [](bool holds, std::string required, std::string got) {
        if (!holds)
            throw invalid_setting{{.entity   = "checkpoint::deal",
                                   .required = std::move(required),
                                   .got      = std::move(got),
                                   .fix      = "Give the ranks of the world and the tensors of the network",
                                   .page     = "explanation/checkpoint-format.md"}};
    };
    require(ranks >= 1, "at least 1 rank", std::to_string(ranks));
    auto const count = static_cast<std::size_t>(ranks);
    dealt_boxes out(count);
    std::vector<std::size_t> bytes(tensors.size()), load(count);
    auto const give = [&](std::size_t rank, std::size_t tensor, std::int64_t row, std::int64_t rows) {
        box part = whole(tensors[tensor].extents);
        if (!part.first.empty()) {
            part.first[0]   = row;
            part.extents[0] = rows;
        }
        load[rank] += static_cast<std::size_t>(elements(part)) * bytes_of(tensors[tensor].type);
        out[rank].push_back({tensor, std::move(part)});
    };

    std::vector<std::size_t> others; // what is not cut into even runs
    for (std::size_t t = 0; t < tensors.size(); ++t) {
        auto const& extents = tensors[t].extents;
        auto const taken    = bytes_of(extents, tensors[t].type);
        require(taken.has_value(), "extents of a tensor that can be stored", to_string(extents));
        bytes[t] = *taken;
        if (*taken < smallest_cut_bytes || extents.empty() || extents[0] < ranks) {
            others.push_back(t);
            continue;
        }
        std::int64_t const each = extents[0] / ranks, over = extents[0] % ranks; // rows·r/R without its product
        for (std::int64_t r = 0; r < ranks; ++r) {
            std::int64_t const from = each * r + over * r / ranks, to = each * (r + 1) + over * (r + 1) / ranks;
            give(static_cast<std::size_t>(r), t, from, to - from);
        }
    }

    std::stable_sort(others.begin(), others.end(), [&](std::size_t a, std::size_t b) { return bytes[a] > bytes[b]; });
    std::vector<std::size_t> lightest(count);
    for (std::size_t const t : others) {
        auto const& extents      = tensors[t].extents;
        bool const is_cut        = bytes[t] >= smallest_cut_bytes && !extents.empty();
        std::int64_t const parts = is_cut ? extents[0] : 1; // below the number of ranks
        std::iota(lightest.begin(), lightest.end(), std::size_t{0});
        std::stable_sort(lightest.begin(), lightest.end(), [&](std::size_t a, std::size_t b) { return load[a] < load[b]; });
        std::int64_t const rows = is_cut ? 1 : extents.empty() ? 0 : extents[0];
        for (std::int64_t p = 0; p < parts; ++p) give(lightest[static_cast<std::size_t>(p)], t, p, rows);
    }
    for (auto& boxes : out)
        std::sort(boxes.begin(), boxes.end(), [](dealt_box const& a, dealt_box const& b) { return a.tensor < b.tensor; });
    return out;
}

} // namespace espalier::checkpoint

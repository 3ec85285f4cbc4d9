// SPDX-License-Identifier: BSL-1.0
/// @file
/// The blocks of 4,096 elements of a network's tensors: where each stands in one list of all, and which of them lie in a range of the
/// flat parameters. Pure arithmetic; what is summed in blocks is the caller's.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/math/block_sum.hpp>
#include <espalier/nn/network.hpp>

#include <cstdint>

namespace espalier {

/// Consecutive entries of a list of blocks.
struct block_span {
    std::int64_t first = 0;
    std::int64_t count = 0;

    friend constexpr bool operator==(block_span, block_span) noexcept = default;
};

/// A list with one entry for each block of a network: tensors in name order, the blocks of a tensor from its start.
/// ```
///   tensors as they lie   0.weight (5000)   0.bias (50)        by name   0.bias  0.weight
///   the list              [ 0.bias block 0 | 0.weight block 0 | 0.weight block 1 ]      first = {1, 0}, count = 3
/// ```
/// Of a tensor that is cut along a tensor axis the blocks are those of its slices, each counted from the slice's start: of all slices, on
/// whichever rank they are. So the list is the same on every rank, and however many ranks share the slices.
/// ```
///   0.weight in 4 slices of 5000, of which a rank has 2      [ slice 0 block 0 | slice 0 block 1 | slice 1 block 0 | … | slice 3 block 1 ]
/// ```
template <int N>
struct block_list {
    block_span tensor[N > 0 ? N : 1] = {};  ///< of each parameter, in the order in which they lie: the entries of its tensor
    std::int64_t count               = 0;

    explicit constexpr block_list(tensor_table<N> const& tensors) {
        for (int k = 0; k < N; ++k) {
            int const i      = tensors.by_name[k];
            auto const& item = tensors.item[i];
            bool const is_next = item.cut.slices > 1 && item.cut.slice > 0;  // of a tensor whose entries are there
            if (is_next) tensor[i] = tensor[tensors.by_name[k - 1]];
            else tensor[i] = {count, item.cut.slices * math::blocks_of(item.extents.elements())};
            if (!is_next) count += tensor[i].count;
        }
    }

    /// The entries of a parameter on the rank at a place.
    [[nodiscard]] constexpr block_span part(tensor_table<N> const& tensors, int i, tensor_place const& at) const noexcept {
        std::int64_t const blocks = tensor[i].count / tensors.item[i].cut.slices;
        return {tensor[i].first + slice_in_all(tensors.item[i].cut, at) * blocks, blocks};
    }
};

/// Whether the rank at a place speaks for a tensor: for slices each rank that has them, for a tensor that all ranks of the axis have the first.
[[nodiscard]] constexpr bool speaks_for(tensor_entry const& t, tensor_place const& at) noexcept { return t.cut.slices > 1 || at.rank == 0; }

/// Consecutive whole blocks of one tensor.
struct block_piece {
    int tensor;             ///< its position among the tensors as they lie
    std::int64_t block;     ///< its first block, counted from the tensor's start
    flat_range elements;    ///< where it lies, padding not included
};

/// The last position up to `position` where a block begins: a range may be cut there.
template <int N>
[[nodiscard]] constexpr std::int64_t block_border(tensor_table<N> const& tensors, std::int64_t position) noexcept {
    if (position >= tensors.elements) return tensors.elements;
    std::int64_t border = 0;
    for (tensor_entry const& t : tensors.item) {
        std::int64_t const n = t.extents.elements();
        if (n == 0 || t.offset > position) continue;
        std::int64_t const inside = position - t.offset < n ? position - t.offset : n - 1;
        border                    = t.offset + inside / math::block_elements * math::block_elements;
    }
    return border;
}

namespace detail {
[[noreturn]] inline void throw_cut_inside_a_block(tensor_entry const& t, flat_range held) {
    throw invalid_setting{
        complaint{.entity   = "tensor_blocks",
                  .required = joined("ranges that are cut where blocks of ", math::block_elements, " elements begin"),
                  .got      = joined("the elements ", held.first, " to ", held.last, ", cut inside a block of \"", t.name.view(), "\""),
                  .fix      = "Cut at block_border(tensors, position)",
                  .page     = "policies/model.md"}};
}
}  // namespace detail

/// Calls f(block_piece) for each tensor of which `held` has a part, in the order in which they lie.
/// @throws invalid_setting where `held` begins or ends inside a block
template <int N, class F>
constexpr void for_each_piece(tensor_table<N> const& tensors, flat_range held, F&& f) {
    for (int i = 0; i < N; ++i) {
        tensor_entry const& t    = tensors.item[i];
        std::int64_t const n     = t.extents.elements();
        std::int64_t const first = held.first > t.offset ? held.first - t.offset : 0;
        std::int64_t const last  = held.last - t.offset < n ? held.last - t.offset : n;
        if (first >= last) continue;
        if (first % math::block_elements != 0 || (last != n && last % math::block_elements != 0)) detail::throw_cut_inside_a_block(t, held);
        f(block_piece{i, first / math::block_elements, {t.offset + first, t.offset + last}});
    }
}

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which elements of a tensor a parameter holds that is a part of it: pure arithmetic on extents and cuts.
/// It touches no values; what is initialised, summed or stored by parts is the caller's.
#pragma once

#include <espalier/nn/layer.hpp>

#include <cstdint>

namespace espalier {

/// Where a rank stands on the tensor axis.
struct tensor_place {
    tensor_cut cut = {};
    int rank       = 0;  ///< of the axis
};

/// Which of a tensor's slices, counted over all ranks, a parameter is; 0 for a whole tensor.
[[nodiscard]] constexpr int slice_in_all(parameter_cut const& cut, tensor_place const& at) noexcept {
    return cut.slices == 1 ? 0 : at.rank * at.cut.own_slices() + cut.slice;
}

/// `count` consecutive elements, or positions along a dim: where they begin in a part and in its tensor.
struct part_run {
    std::int64_t part  = 0;
    std::int64_t whole = 0;
    std::int64_t count = 0;

    friend constexpr bool operator==(part_run const&, part_run const&) noexcept = default;
};

/// A parameter as a part of its tensor: one range of the dim that is cut for each group, other dims whole. A whole tensor is its own part.
/// ```
///   tensor (2,12) cut along dim 1 in 2 groups, 3 slices       slice 1, a parameter (2,4):      runs (part, whole, count)
///      · · a b · ·  · · c d · ·                                  a b c d                         (0,2,2) (2,8,2)
///      · · e f · ·  · · g h · ·                                  e f g h                         (4,14,2) (6,20,2)
/// ```
/// What a last slice has beyond its group's end belongs to no element of the tensor, and is in no run.
struct tensor_part {
    shape whole           = {};  ///< extents of the tensor
    int along             = 0;   ///< the dim that is cut
    int groups            = 1;
    int slice             = 0;   ///< counted over all ranks
    std::int64_t before   = 1;   ///< product of the extents of the dims before the cut one
    std::int64_t after    = 1;   ///< and of those after it
    std::int64_t extent   = 1;   ///< of the dim in the tensor
    std::int64_t width    = 1;   ///< of a group in the part

    constexpr tensor_part(shape const& extents, parameter_cut const& cut, tensor_place const& at) noexcept
        : whole{cut.slices == 1 ? extents : cut.whole}, along{cut.slices == 1 ? 0 : cut.along}, groups{cut.slices == 1 ? 1 : cut.groups},
          slice{slice_in_all(cut, at)} {
        for (int k = 0; k < whole.rank; ++k) {
            if (k < along) before *= whole.extent[k];
            if (k > along) after *= whole.extent[k];
        }
        if (whole.rank > 0) extent = whole.extent[along], width = extents.extent[along] / groups;
    }

    /// The range of a group along the dim; its count is 0 where the slice lies beyond the group's end.
    [[nodiscard]] constexpr part_run range(int group) const noexcept {
        std::int64_t const run = extent / groups, first = slice * width < run ? slice * width : run;
        return {group * width, group * run + first, run - first < width ? run - first : width};
    }
    /// Whether the elements of a range lie in the part without gaps.
    [[nodiscard]] constexpr bool is_dense(part_run const& range) const noexcept { return before == 1 || range.count == groups * width; }

    /// Calls f(part_run) for each run of elements, in rising order in the part and in the tensor.
    template <class F>
    constexpr void for_each_run(F&& f) const {
        for (std::int64_t row = 0; row < before; ++row)
            for (int g = 0; g < groups; ++g)
                if (part_run const r = range(g); r.count * after > 0)
                    f(part_run{(row * groups * width + r.part) * after, (row * extent + r.whole) * after, r.count * after});
    }
};

}  // namespace espalier

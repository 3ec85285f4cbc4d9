// SPDX-License-Identifier: BSL-1.0
/// @file
/// Arithmetic of slices and of blocks of steps: sums along the lane tree, shapes with and without a slice's dim, features of slices put
/// side by side. Which layer is cut how is not known here.
#pragma once

#include <espalier/core/lane_tree.hpp>
#include <espalier/core/shape.hpp>
#include <espalier/math/elementwise.hpp>
#include <espalier/nn/layer.hpp>
#include <espalier/nn/layer_place.hpp>

#include <algorithm>
#include <cstdint>

namespace espalier::detail {

/// The arrays of a node of the lane tree become their sum, in the first of them.
/// @param array (int i) the i-th, of n elements
template <class Array>
void sum_along_tree(lane_range node, std::int64_t n, Array array) {
    if (node.size() <= 1) return;
    int const middle = split_of(node);
    sum_along_tree({node.first, middle}, n, array);
    sum_along_tree({middle, node.last}, n, array);
    math::add_to(n, array(middle), array(node.first));
}

/// How many arrays beside the sum `sum_of_slices` needs: as many as the tree over the slices is deep.
[[nodiscard]] constexpr int spare_arrays_of(int slices) noexcept {
    int depth = 0;
    while ((1 << depth) < slices) ++depth;
    return depth;
}

/// `into` becomes the same sum of what slices compute one after the other, with fewer arrays.
/// @param spare   as many arrays of n elements as the tree is deep
/// @param compute (int slice, T* into) writes that slice's summand
template <class T, class Compute>
void sum_of_slices(lane_range slices, std::int64_t n, T* into, T* spare, Compute const& compute) {
    if (slices.size() == 1) return compute(slices.first, into);
    int const middle = split_of(slices);
    sum_of_slices({slices.first, middle}, n, into, spare, compute);
    sum_of_slices({middle, slices.last}, n, spare, spare + n, compute);
    math::add_to(n, static_cast<T const*>(spare), into);
}

/// The shape of slices, one after the other, and of one of them.
[[nodiscard]] constexpr shape with_slices(shape const& of_slice, int slices) noexcept {
    shape s{of_slice.rank + 1, {slices}};
    for (int i = 0; i < of_slice.rank && i < 3; ++i) s.extent[i + 1] = of_slice.extent[i];
    return s;
}
[[nodiscard]] constexpr shape without_slices(shape const& in) noexcept {
    shape s{in.rank - 1, {}};
    for (int i = 1; i < in.rank; ++i) s.extent[i - 1] = in.extent[i];
    return s;
}
[[nodiscard]] constexpr shape with_steps(shape in, std::int64_t steps) noexcept {
    in.extent[0] = steps;
    return in;
}

/// Consecutive steps of a sequence in about equal blocks; a vector is one block.
struct step_blocks {
    std::int64_t steps = 1;
    int count          = 1;

    constexpr step_blocks(shape const& in, int wanted) noexcept
        : steps{in.rank >= 2 ? in.extent[0] : 1}, count{in.rank < 2 ? 1 : steps < wanted ? static_cast<int>(steps) : wanted} {}
    [[nodiscard]] constexpr std::int64_t first(int b) const noexcept { return steps * b / count; }
    [[nodiscard]] constexpr shape of(shape const& in, int b) const noexcept { return in.rank >= 2 ? with_steps(in, first(b + 1) - first(b)) : in; }
    /// Elements of a batch before block b.
    [[nodiscard]] constexpr std::int64_t elements_before(shape const& in, std::int64_t batch, int b) const noexcept {
        return in.rank < 2 ? 0 : first(b) * (in.elements() / steps) * batch;
    }
};

/// Elements of the parameters first … last − 1 of a list, padded as they lie.
template <int N>
[[nodiscard]] constexpr std::int64_t padded_elements(parameter_list<N> const& list, int first, int last) noexcept {
    std::int64_t n = 0;
    for (int i = first; i < last; ++i) n += aligned_elements(list.item[i].extents.elements());
    return n;
}

/// Slices (slices,rows,f), put side by side as (rows,slices·f), and the columns of some slices taken out again.
template <class T>
void join_features(std::int64_t rows, std::int64_t f, int slices, T const* from, T* to) {
    for (int k = 0; k < slices; ++k)
        for (std::int64_t r = 0; r < rows; ++r) std::copy_n(from + (k * rows + r) * f, f, to + r * slices * f + k * f);
}
template <class T>
void take_features(std::int64_t rows, std::int64_t f, int slices, int first, int last, T const* from, T* to) {
    for (int k = first; k < last; ++k)
        for (std::int64_t r = 0; r < rows; ++r) std::copy_n(from + r * slices * f + k * f, f, to + ((k - first) * rows + r) * f);
}

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The concept of a data set: samples with an index, that are gathered into a batch.
/// It says nothing of order, epochs or ranks: which samples make a batch is the step plan's affair.
#pragma once

#include <espalier/core/shape.hpp>

#include <concepts>
#include <cstdint>
#include <span>

namespace espalier {

/// `size()`, and the shapes of one sample's input and target.
template <class D>
concept HasSampleShapes = requires(D const& d) {
    { d.size() } -> std::same_as<std::int64_t>;
    { d.input() } -> std::same_as<shape>;
    { d.target() } -> std::same_as<shape>;
};

/// `gather(samples, x, y)` writes the samples with these indices, as a batch, into scalars of type T.
template <class D, class T>
concept GathersInto = requires(D const& d, std::span<std::int64_t const> samples, T* x, T* y) {
    { d.gather(samples, x, y) } -> std::same_as<void>;
};

/// A finite set of samples (input, target), each a pure function of its index; any rank may gather any sample, from any thread.
///
/// @par Shapes    input dims(T,F): x (T,B,F), step by step; input dims(F): x (B,F); target dims(K): y (B,K), with
///                B = samples.size() and indices in 0 … size() − 1
/// @par Ranks     local; `gather` is const and may run on several threads at once
template <class D>
concept Dataset = HasSampleShapes<D> && GathersInto<D, float> && GathersInto<D, double>;

} // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What an optimizer is: how many arrays of state it keeps, and how it changes a piece of the flat parameters, element by element or
/// with the norms of whole tensors. It sums and exchanges nothing; train/weight_update.hpp does.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

namespace espalier {

/// What an update is handed. All arrays are views of the same piece of the flat layout; padding is zero and stays zero.
template <class T>
struct update_pass {
    std::int64_t elements;
    T* weights;
    T const* gradients;       ///< sums over the step; `scale` turns them into the mean, clipping included
    T* state;                 ///< state array i starts at state + i·stride
    std::int64_t stride;
    std::int64_t step;        ///< from 1
    double rate;              ///< learning rate of this step
    double scale;
};

/// Where the sums of squares of a piece's blocks go: one number a block of 4,096 elements (math/block_sum.hpp).
struct block_sums {
    double* weights;
    double* update;
};

/// Euclidean norms of one whole tensor: of its weights, and of the update that the optimizer would make of them.
struct tensor_norms {
    double weights;
    double update;
};

/// An optimizer names its settings, itself and its `states` arrays of the parameters' size, which start at zero.
template <class O>
concept NamesItsState = requires {
    typename O::settings;
    { O::states } -> std::convertible_to<int>;
    { O::state_name(0) } -> std::convertible_to<std::string_view>;
    { O::name } -> std::convertible_to<std::string_view>;
};

/// An optimizer that changes each element by what is known of that element: any piece, cut anywhere.
template <class O>
concept UpdatesElements = requires(typename O::settings s, update_pass<float> const& f, update_pass<double> const& d) {
    O::update(s, f);
    O::update(s, d);
};

/// An optimizer that needs norms of whole tensors. A piece is then a part of *one* tensor and consists of whole blocks of 4,096 elements
/// counted from that tensor's start (its last block may be short), because a rank may hold some blocks of a tensor and not others.
/// ```
///   measure(settings, piece, block_sums)     for each piece: states, and the sums of squares of its blocks
///   ── the caller exchanges sums between ranks and combines those of a tensor: math::tree_sum ──
///   trust_ratio(norms) → double              for each tensor
///   apply(settings, piece, ratio)            for each piece: the weights
/// ```
template <class O>
concept UsesTensorNorms = requires(typename O::settings s, update_pass<float> const& f, update_pass<double> const& d, block_sums out,
                                   tensor_norms norms, double ratio) {
    O::measure(s, f, out);
    O::measure(s, d, out);
    { O::trust_ratio(norms) } -> std::same_as<double>;
    O::apply(s, f, ratio);
    O::apply(s, d, ratio);
};

/// An optimizer: what it keeps, and one of the two ways to change weights.
template <class O>
concept Optimizer = NamesItsState<O> && (UpdatesElements<O> || UsesTensorNorms<O>);

}  // namespace espalier

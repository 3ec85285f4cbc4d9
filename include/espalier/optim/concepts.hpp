// SPDX-License-Identifier: BSL-1.0
/// @file
/// What an optimizer is: how many arrays of state it keeps and one pass over a piece of the flat parameters.
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

/// An optimizer: `states` arrays of the parameters' size, their names, its settings, and the update.
/// Arrays of state start at zero.
template <class O>
concept Optimizer = requires(typename O::settings s, update_pass<float> const& f, update_pass<double> const& d) {
    { O::states } -> std::convertible_to<int>;
    { O::state_name(0) } -> std::convertible_to<std::string_view>;
    { O::name } -> std::convertible_to<std::string_view>;
    O::update(s, f);
    O::update(s, d);
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// In which order a reduction combines its operands: one that is fixed, or whichever is fastest.
/// An argument of the communicators' reductions; what each communicator makes of `fastest` it says itself.
#pragma once

#include <concepts>

namespace espalier {

/// Along the lane tree over the ranks: the same bits in every run and on every communicator.
struct ordered_t {
    static constexpr bool is_fixed = true;
};
/// In any order, which may differ from element to element and from run to run: `op` must be associative and commutative as far
/// as its user cares.
struct fastest_t {
    static constexpr bool is_fixed = false;
};
/// What may stand at the end of a reduction's arguments.
template <class Order>
concept ReductionOrder = std::same_as<Order, ordered_t> || std::same_as<Order, fastest_t>;

/// The argument that asks for a fixed order.
inline constexpr ordered_t ordered{};
/// The argument that leaves the order to the communicator.
inline constexpr fastest_t fastest{};

}  // namespace espalier

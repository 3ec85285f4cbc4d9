// SPDX-License-Identifier: BSL-1.0
/// @file
/// Why a network cannot be cut across ranks: a template for each reason, whose assertion says it. Which one speaks is found in rewrite.hpp;
/// the trainer lets it speak.
#pragma once

#include <espalier/core/placement.hpp>
#include <espalier/core/shape.hpp>
#include <espalier/nn/exchange.hpp>

#include <type_traits>

namespace espalier {

namespace detail {

template <class L, int Units, int Slices>
struct units_divide {
    static_assert(Units % Slices == 0,
                  "espalier: tensor_parallel: requires that its slices divide the heads, units or features between two products of a layer; got the layer, their "
                  "number and the slices named here. Use fewer slices, or keep the layer whole with uncut<>. See docs/explanation/tensor-axis.md.");
};
template <class Network, int Steps, int Slices>
struct steps_divide {
    static_assert(Steps % Slices == 0,
                  "espalier: sequence_parallel: requires that the slices of the tensor axis divide the steps of a sequence; got the numbers named here. Use fewer "
                  "slices, or leave sequence_parallel away. See docs/explanation/tensor-axis.md.");
};
template <class L, class Gives, class Needed>
struct exchange_is_there {
    static_assert(std::is_same_v<Gives, Needed>,
                  "espalier: tensor_parallel: requires that a layer which exchanges by itself gives a value that every rank has; got the layer and the placement "
                  "named here. Sum a partial value with p.exchange->sum before it is given. See docs/explanation/tensor-axis.md.");
};
template <class L, class Slice>
struct slice_says_placements {
    static_assert(sizeof(L*) == 0,
                  "espalier: tensor_parallel: requires that a layer's slice takes replicated values and gives those sharded by features or partial, or as "
                  "sharded_inputs takes sharded and gives partial ones; got the layer and the slice named here. Say so by takes_placement and gives_placement. "
                  "See docs/explanation/tensor-axis.md.");
};

/// The first that is not void, or void.
template <class... Ts>
struct first_misfit_of {
    using type = void;
};
template <class T, class... Ts>
struct first_misfit_of<T, Ts...> {
    using type = std::conditional_t<std::is_void_v<T>, typename first_misfit_of<Ts...>::type, T>;
};
template <class... Ts>
using first_of = typename first_misfit_of<Ts...>::type;

/// The shape that a network's first layer reads.
template <class First>
struct first_shape {
    static constexpr shape value = First::input();
};

/// Where ranks have their own steps of `In`: whether they divide. `In` may be void.
template <class Cut, class In>
[[nodiscard]] constexpr auto steps_misfit() {
    if constexpr (!Cut::value.cuts_steps || std::is_void_v<In>) return static_cast<void*>(nullptr);
    else if constexpr (In::value.extent[0] % Cut::value.slices == 0) return static_cast<void*>(nullptr);
    else return static_cast<steps_divide<In, static_cast<int>(In::value.extent[0]), Cut::value.slices>*>(nullptr);
}
template <class Cut, class In>
using misfit_of_steps = std::remove_pointer_t<decltype(steps_misfit<Cut, In>())>;

template <class Cut, class L>
[[nodiscard]] constexpr auto units_misfit() {
    if constexpr (requires { L::units_to_cut; }) {
        if constexpr (L::units_to_cut % Cut::value.slices != 0) return static_cast<units_divide<L, L::units_to_cut, Cut::value.slices>*>(nullptr);
        else return static_cast<void*>(nullptr);
    } else {
        return static_cast<void*>(nullptr);
    }
}
template <class Cut, class L, class StepsOf, bool MayBeUneven>
using misfit_of_slices = first_of<std::conditional_t<MayBeUneven, void, std::remove_pointer_t<decltype(units_misfit<Cut, L>())>>, misfit_of_steps<Cut, StepsOf>>;

template <class L>
struct placement_given {
    using type = replicated;
};
template <class L>
    requires requires { typename L::gives_placement; }
struct placement_given<L> {
    using type = typename L::gives_placement;
};
template <class Cut, class L>
[[nodiscard]] constexpr auto exchanging_misfit() {
    using units = std::remove_pointer_t<decltype(units_misfit<Cut, L>())>;
    if constexpr (!std::is_void_v<units>) return static_cast<units*>(nullptr);
    else {
        using gives = typename placement_given<typename L::template sharded_over<Cut>>::type;
        if constexpr (std::is_same_v<gives, replicated>) return static_cast<void*>(nullptr);
        else return static_cast<exchange_is_there<L, gives, replicated>*>(nullptr);
    }
}
template <class Cut, class L, class Itself>
using misfit_of_exchanging = std::remove_pointer_t<decltype(exchanging_misfit<Cut, L>())>;

}  // namespace detail
}  // namespace espalier

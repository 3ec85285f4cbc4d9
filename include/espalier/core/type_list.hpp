// SPDX-License-Identifier: BSL-1.0
/// @file
/// A list of types with the few operations that networks need: size, element, concatenation, repetition.
/// It is no metaprogramming library; anything cleverer is a constexpr function over values.
#pragma once

#include <cstddef>
#include <tuple>

namespace espalier {

/// A list of types; never instantiated with objects.
template <class... Ts>
struct type_list {
    static constexpr std::size_t size = sizeof...(Ts);
};

namespace detail {

template <class... Lists>
struct concat {
    using type = type_list<>;
};
template <class... As>
struct concat<type_list<As...>> {
    using type = type_list<As...>;
};
template <class... As, class... Bs, class... Rest>
struct concat<type_list<As...>, type_list<Bs...>, Rest...> {
    using type = typename concat<type_list<As..., Bs...>, Rest...>::type;
};

template <int N, class List>
struct repeated {
    using type = typename concat<List, typename repeated<N - 1, List>::type>::type;
};
template <class List>
struct repeated<0, List> {
    using type = type_list<>;
};

template <std::size_t I, class List>
struct element;
template <std::size_t I, class... Ts>
struct element<I, type_list<Ts...>> {
    using type = std::tuple_element_t<I, std::tuple<Ts...>>;
};

}  // namespace detail

/// The lists, one after the other.
template <class... Lists>
using concat_t = typename detail::concat<Lists...>::type;

/// `List`, N times one after the other.
template <int N, class List>
using repeated_t = typename detail::repeated<N, List>::type;

/// The type at position I.
template <std::size_t I, class List>
using element_t = typename detail::element<I, List>::type;

}  // namespace espalier

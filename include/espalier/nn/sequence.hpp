// SPDX-License-Identifier: BSL-1.0
/// @file
/// How layers are composed into a network: one after the other, repeated, under a name. These types are inert descriptions;
/// nothing is checked or computed until a trainer, a predictor or a residual looks at their flattened list of layers.
#pragma once

#include <espalier/core/text.hpp>
#include <espalier/core/type_list.hpp>

namespace espalier {

/// Layers one after the other. Parameters are named as in PyTorch's `Sequential`: "0.weight", "2.bias"; see `named`.
template <class... Layers>
struct sequence {};

/// `Layer` N times one after the other, each with parameters of its own: "0.…", "1.…".
template <int N, class Layer>
struct repeat {};

/// A layer under a name of its own instead of its position: `named<text{"head"}, linear<50, 1>>` gives "head.weight". The empty name adds
/// nothing to the path: what is inside is named as if it stood outside.
template <text Name, class Layer>
struct named {};

/// Where a layer of the flattened list stands: the path of names to it, and its ordinal in a group that shares one path.
struct layer_name {
    text path;
    int ordinal;
};

namespace detail {

[[nodiscard]] constexpr text joined_path(text const& path, text const& tail) {
    if (tail.view().empty()) return path;
    return path.view().empty() ? tail : appended(appended(path, "."), tail.view());
}

/// The flattened form of a description: its layers as a list of types, their names as values. A type that is no composition is
/// a layer of its own; a group such as `lstm` says what it flattens to by `elements` and shares one path.
template <class L>
struct flattened {
    using type = type_list<L>;
    static constexpr void name(layer_name*& out, text const& path) { *out++ = {path, 0}; }
};

template <class L>
    requires requires { typename L::elements; }
struct flattened<L> {
    using type = typename L::elements;
    static constexpr void name(layer_name*& out, text const& path) {
        for (int i = 0; i < static_cast<int>(type::size); ++i) *out++ = {path, i};
    }
};

template <class L>
struct own_name {
    static constexpr bool given = false;
    static constexpr text value = {};
};
template <text Name, class L>
struct own_name<named<Name, L>> {
    static constexpr bool given = true;
    static constexpr text value = Name;
};

template <text Name, class L>
struct flattened<named<Name, L>> : flattened<L> {};

template <class... Ls>
struct flattened<sequence<Ls...>> {
    using type = concat_t<typename flattened<Ls>::type...>;
    static constexpr void name(layer_name*& out, text const& path) {
        int position = 0;
        ((flattened<Ls>::name(out, joined_path(path, own_name<Ls>::given ? own_name<Ls>::value : appended(text{}, position))),
          ++position),
         ...);
    }
};

template <int N, class L>
struct flattened<repeat<N, L>> {
    using type = repeated_t<N, typename flattened<L>::type>;
    static constexpr void name(layer_name*& out, text const& path) {
        for (int i = 0; i < N; ++i) flattened<L>::name(out, joined_path(path, appended(text{}, i)));
    }
};

}  // namespace detail

/// A parameter's whole name: path, dot, the parameter's own name with '#' replaced by the ordinal.
[[nodiscard]] constexpr text full_name(layer_name const& of, text const& parameter) {
    text out              = of.path.view().empty() ? text{} : appended(of.path, ".");
    std::string_view rest = parameter.view();
    for (auto at = rest.find('#'); at != rest.npos; at = rest.find('#')) {  // piece by piece: a compiler counts each step
        out = appended(appended(out, rest.substr(0, at)), of.ordinal);
        rest.remove_prefix(at + 1);
    }
    return appended(out, rest);
}

/// The layers of a network, compositions dissolved.
template <class Network>
using layers_of = typename detail::flattened<Network>::type;

/// The names of `layers_of<Network>`, in order.
template <class Network>
struct layer_names {
    layer_name item[layers_of<Network>::size > 0 ? layers_of<Network>::size : 1] = {};

    constexpr layer_names() {
        layer_name* out = item;
        detail::flattened<Network>::name(out, text{});
    }
};

}  // namespace espalier

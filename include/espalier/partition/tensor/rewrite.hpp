// SPDX-License-Identifier: BSL-1.0
/// @file
/// From the layers of a network to those of one rank of a tensor axis, one for one: each that offers a cut in its place, with the exchanges that
/// its neighbours make necessary. Types alone; what the layers compute is nn/'s.
#pragma once

#include <espalier/nn/cut_layer.hpp>
#include <espalier/nn/network.hpp>
#include <espalier/nn/recompute.hpp>
#include <espalier/nn/residual.hpp>
#include <espalier/nn/row_blocks.hpp>
#include <espalier/nn/uncut.hpp>
#include <espalier/nn/whole_steps.hpp>
#include <espalier/partition/tensor/misfit.hpp>

#include <type_traits>

namespace espalier {

/// Layers in the place of others, one for one, and with their names.
template <class Original, class Layers>
struct rewritten {};

namespace detail {

template <class Original, class Layers>
struct flattened<rewritten<Original, Layers>> {
    using type = Layers;
    static constexpr void name(layer_name*& out, text const& path) { flattened<Original>::name(out, path); }
};

/// How a value stands between two layers. Between cut layers of a sequence the steps may be cut; where they are not, row-wise layers there work
/// in blocks all the same, so that the bits do not depend on it.
enum class stands : unsigned char { whole, steps, sliced };
/// In what a list of layers is: only the network's end must be whole, and a residual's end is as its beginning.
enum class within_what : unsigned char { network, composition, residual };

template <class L>
concept OffersSlices = !is_uncut<L> && requires { typename L::template sharded<1>; };
template <class L>
concept OffersSlicesOfInputs = !is_uncut<L> && requires { typename L::template sharded_inputs<1>; };
/// A slice whose placements the rewriting can meet.
template <class Slice, class Takes, class... Gives>
concept PlacedSlice = requires {
    typename Slice::takes_placement;
    typename Slice::gives_placement;
} && std::is_same_v<typename Slice::takes_placement, Takes> && (std::is_same_v<typename Slice::gives_placement, Gives> || ...);
template <class L, class Cut>
concept ExchangesByItself = !is_uncut<L> && requires { typename L::template sharded_over<Cut>; };
template <class L>
inline constexpr bool is_elementwise = false;
template <class L>
    requires requires { L::is_elementwise; }
inline constexpr bool is_elementwise<L> = L::is_elementwise;

template <class L>
inline constexpr bool is_residual = false;
template <class... Ls>
inline constexpr bool is_residual<residual<Ls...>> = true;
template <class L>
inline constexpr bool is_recompute = false;
template <class... Ls>
inline constexpr bool is_recompute<recompute<Ls...>> = true;

/// The layers inside a composition that is one layer, and the composition of others in their place.
template <class L>
struct inside;
template <class... Ls>
struct inside<residual<Ls...>> {
    using layers = layers_of<sequence<Ls...>>;
    template <class Others>
    using with = residual<named<text{""}, rewritten<sequence<Ls...>, Others>>>;
};
template <class... Ls>
struct inside<recompute<Ls...>> {
    using layers = layers_of<sequence<Ls...>>;
    template <class Others>
    using with = recompute<named<text{""}, rewritten<sequence<Ls...>, Others>>>;
};

/// Whether a value that is cut by features finds a layer that takes it so, behind element-wise ones.
[[nodiscard]] constexpr bool is_taken_sliced(type_list<>) { return false; }
template <class L, class... Rest>
[[nodiscard]] constexpr bool is_taken_sliced(type_list<L, Rest...>) {
    if constexpr (OffersSlicesOfInputs<L>) return true;
    else if constexpr (is_elementwise<L>) return is_taken_sliced(type_list<Rest...>{});
    else return false;
}

/// Whether a layer gains by finding each rank's own steps.
[[nodiscard]] constexpr bool likes_steps(type_list<>) { return false; }
template <class L, class... Rest>
[[nodiscard]] constexpr bool likes_steps(type_list<L, Rest...>) {
    if constexpr (is_recompute<L>) return likes_steps(typename inside<L>::layers{});
    else return is_rowwise<L> || is_residual<L>;
}

/// A layer in the place of another, how the value behind it stands, and what does not fit, or void.
template <class L, stands After, class Misfit = void>
struct emitted {
    using type                    = L;
    static constexpr stands after = After;
    using misfit                  = Misfit;
};

/// The shape that the whole network has between two layers, as a type.
template <class Before, class L>
struct shape_behind {
    static constexpr shape value = L::gives(Before::value);
};

template <class Cut, class List, class In, stands Now, within_what Where, bool LossIsCut, class... Done>
struct rewrite_list;

/// @tparam In the whole shape before the layer; @tparam Ends how a residual ends, where L is in one
template <class Cut, class L, class Rest, class In, stands Now, within_what Where, stands Ends, bool LossIsCut>
class rewrite_layer {
    static constexpr int k         = Cut::value.slices;
    static constexpr bool by_steps = Cut::value.cuts_steps;
    static constexpr shape in = In::value, out = L::gives(In::value);
    static constexpr bool is_first = requires { L::input(); } && Where == within_what::network && std::is_same_v<In, first_shape<L>>;

    /// How the value stands behind a sum.
    static constexpr stands after_sum = Where == within_what::residual              ? Ends
                                        : out.rank == 2 && likes_steps(Rest{}) ? stands::steps
                                                                               : stands::whole;
    static constexpr exit_of_slices sums  = by_steps && after_sum == stands::steps ? exit_of_slices::sum_to_steps : exit_of_slices::sum;
    static constexpr entry comes          = Now == stands::sliced ? entry::sliced : by_steps && Now == stands::steps ? entry::steps : entry::whole;
    /// Scores that are cut go to the loss where they are no fewer than the features that they are made of.
    static constexpr bool goes_to_loss = Where == within_what::network && LossIsCut && Rest::size == 0 && out.features() >= in.features();
    static constexpr bool is_taken     = goes_to_loss || is_taken_sliced(Rest{});

    /// A layer that is computed whole on every rank.
    [[nodiscard]] static constexpr auto whole() {
        if constexpr (Now == stands::steps && by_steps) return emitted<over_all_steps<L, Cut::value.ranks>, stands::whole, misfit_of_steps<Cut, In>>{};
        else return emitted<L, stands::whole>{};
    }
    template <class Slice, exit_of_slices Out, stands After, bool MayBeUneven>
    [[nodiscard]] static constexpr auto cut() {
        using steps = std::conditional_t<comes == entry::steps, In, std::conditional_t<Out == exit_of_slices::sum_to_steps, shape_behind<In, L>, void>>;
        return emitted<cut_layer<Slice, Cut, comes, Out>, After, misfit_of_slices<Cut, L, steps, MayBeUneven>>{};
    }
    [[nodiscard]] static constexpr auto sliced() {
        using slice = typename L::template sharded<1>;
        if constexpr (!PlacedSlice<slice, replicated, sharded<dim::features>, partial>) return emitted<L, stands::whole, slice_says_placements<L, slice>>{};
        else if constexpr (std::is_same_v<typename slice::gives_placement, partial>)
            return cut<typename L::template sharded<k>, sums, after_sum, false>();
        else if constexpr (is_taken) return cut<typename L::template sharded<k>, exit_of_slices::sliced, stands::sliced, goes_to_loss>();
        else if constexpr (OffersSlicesOfInputs<L>) return whole();  // one of a pair that is none
        else return cut<typename L::template sharded<k>, exit_of_slices::joined, stands::whole, false>();
    }
    /// Slices of inputs; whether they divide, who cut its input was asked.
    [[nodiscard]] static constexpr auto rows() {
        using slice = typename L::template sharded_inputs<1>;
        if constexpr (!PlacedSlice<slice, sharded<dim::features>, partial>) return emitted<L, stands::whole, slice_says_placements<L, slice>>{};
        else return cut<typename L::template sharded_inputs<k>, sums, after_sum, true>();
    }
    /// A composition that is one layer: where its end stands otherwise than it must, it is computed whole.
    [[nodiscard]] static constexpr auto composed() {
        constexpr within_what where = is_residual<L> ? within_what::residual : within_what::composition;
        using inner = rewrite_list<Cut, typename inside<L>::layers, In, Now, where, false>;
        if constexpr (is_residual<L> && inner::after != Now) return whole();
        else return emitted<typename inside<L>::template with<typename inner::type>, inner::after, typename inner::misfit>{};
    }
    [[nodiscard]] static constexpr auto chosen() {
        if constexpr (Now == stands::sliced) {
            if constexpr (OffersSlicesOfInputs<L>) return rows();
            else return emitted<L, stands::sliced>{};
        } else if constexpr (ExchangesByItself<L, Cut>) {
            using itself = typename L::template sharded_over<Cut>;
            using misfit = misfit_of_exchanging<Cut, L, itself>;
            if constexpr (Now == stands::steps && by_steps) return emitted<over_all_steps<itself, Cut::value.ranks>, stands::whole, misfit>{};
            else return emitted<itself, stands::whole, misfit>{};
        } else if constexpr (OffersSlices<L>) return sliced();
        else if constexpr (is_residual<L> || is_recompute<L>) return composed();
        else if constexpr (Now == stands::steps && is_rowwise<L>) return emitted<row_blocks<L, Cut>, stands::steps>{};
        else if constexpr (Now == stands::steps && is_elementwise<L>) return emitted<L, stands::steps>{};
        else if constexpr (is_rowwise<L> && is_first && in.rank == 2 && likes_steps(Rest{}))
            return emitted<row_blocks<L, Cut, true>, stands::steps, misfit_of_steps<Cut, In>>{};
        else return whole();
    }
    /// The network ends whole.
    [[nodiscard]] static constexpr auto ended() {
        using one = decltype(chosen());
        if constexpr (one::after == stands::steps && by_steps && Where == within_what::network && Rest::size == 0)
            return emitted<then_all_steps<typename one::type, Cut::value.ranks>, stands::whole, typename one::misfit>{};
        else return one{};
    }

public:
    using result = decltype(ended());
};

template <class Cut, class In, stands Now, within_what Where, bool LossIsCut, class... Done>
struct rewrite_list<Cut, type_list<>, In, Now, Where, LossIsCut, Done...> {
    using type                    = type_list<typename Done::type...>;
    using misfit                  = first_of<typename Done::misfit...>;
    static constexpr stands after = Now;
};

/// Where a list of a residual begins is where it ends.
template <stands Begins, class Cut, class List, class In, stands Now, within_what Where, bool LossIsCut, class... Done>
struct rewrite_from {
    using type = rewrite_list<Cut, type_list<>, In, Now, Where, LossIsCut, Done...>;
};
template <stands Begins, class Cut, class L, class... Rest, class In, stands Now, within_what Where, bool LossIsCut, class... Done>
struct rewrite_from<Begins, Cut, type_list<L, Rest...>, In, Now, Where, LossIsCut, Done...> {
    using one  = typename rewrite_layer<Cut, L, type_list<Rest...>, In, Now, Where, Begins, LossIsCut>::result;
    using type = typename rewrite_from<Begins, Cut, type_list<Rest...>, shape_behind<In, L>, one::after, Where, LossIsCut, Done..., one>::type;
};

template <class Cut, class L, class... Rest, class In, stands Now, within_what Where, bool LossIsCut, class... Done>
struct rewrite_list<Cut, type_list<L, Rest...>, In, Now, Where, LossIsCut, Done...>
    : rewrite_from<Now, Cut, type_list<L, Rest...>, In, Now, Where, LossIsCut, Done...>::type {};

}  // namespace detail
}  // namespace espalier

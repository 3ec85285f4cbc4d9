// SPDX-License-Identifier: BSL-1.0
/// @file
/// The tensor axis of a mesh: how many ranks compute a layer together, and into how many slices it is cut.
/// What a cut layer is, is nn/'s; the network of one rank is cut_network.hpp.
#pragma once

#include <espalier/nn/exchange.hpp>

namespace espalier {

/// Cuts every layer that offers it into K slices, whatever the number of ranks: worlds of all T that divide K have the same bits.
template <int K>
struct exact {};

/// Between cut layers each rank keeps its steps of a sequence alone, so that values there take a T-th of the memory.
/// @par Source    Korthikanti et al. 2022, Reducing activation recomputation, section 4.2.2
struct sequence_parallel {};

namespace detail {

struct tensor_options {
    int slices      = 0;  ///< 0: as many as ranks
    bool cuts_steps = false;
    int unknown     = 0;
};
template <class Option>
constexpr void read_option(tensor_options& o, Option const*) { ++o.unknown; }
template <int K>
constexpr void read_option(tensor_options& o, exact<K> const*) { o.slices = K > 0 ? K : -1; }
constexpr void read_option(tensor_options& o, sequence_parallel const*) { o.cuts_steps = true; }

template <class... Options>
[[nodiscard]] constexpr tensor_options tensor_options_of() {
    tensor_options o;
    (read_option(o, static_cast<Options const*>(nullptr)), ...);
    return o;
}

/// Whether T ranks can share K slices evenly, as subtrees of the lane tree over all of them.
[[nodiscard]] constexpr bool shares_slices(int ranks, int slices) noexcept {
    return slices >= 1 && (slices & (slices - 1)) == 0 && slices % ranks == 0;
}

/// The most slices of a layer that one rank computes: each has its parameters in the layer's table of places (nn/layer_place.hpp).
inline constexpr int most_own_slices = 8;

/// What partitions read of a tensor axis. Where its arguments are refused, nothing is cut, so that compilers say why and nothing after it.
template <int T, class... Options>
struct tensor_axis {
    static constexpr auto options = tensor_options_of<Options...>();
    static constexpr int slices   = options.slices == 0 ? T : options.slices;
    static constexpr bool is_sound = T >= 1 && shares_slices(T >= 1 ? T : 1, slices) && slices <= T * most_own_slices && options.unknown == 0;
    using cut = cut_over<is_sound ? T : 1, is_sound ? slices : 1, is_sound && (slices > 1) && options.cuts_steps>;
};

}  // namespace detail

/// T ranks compute every layer together that offers a cut: each has its part of the layer's parameters, and they exchange what the others need.
/// Use it where a layer does not fit a rank, within a machine whose ranks exchange quickly; it changes bits as `exact` says.
/// ```
///   tensor_parallel<2>                      2 slices, one a rank
///   tensor_parallel<2, exact<8>>            8 slices, four a rank: the bits of exact<8> for every T
///   tensor_parallel<4, sequence_parallel>   and between cut layers each rank has its steps alone
/// ```
/// Goes into a mesh: `mesh<data_parallel<lanes<8>, samples<32>>, tensor_parallel<2>>`. One rank without `exact` is no axis at all.
/// @tparam Options `exact<K>`, K = T where it is left away, and `sequence_parallel`, in any order
/// @par Source    Shoeybi et al. 2019, Megatron-LM, section 3
template <int T, class... Options>
struct tensor_parallel : detail::tensor_axis<T, Options...> {
private:
    using axis = detail::tensor_axis<T, Options...>;
    static_assert(T >= 1, "espalier: tensor_parallel: requires at least one rank. Write tensor_parallel<2>. See docs/policies/partition.md.");
    static_assert(T < 1 || axis::options.unknown == 0,
                  "espalier: tensor_parallel: requires exact<K> and sequence_parallel only. Remove other arguments. See docs/policies/partition.md.");
    static_assert(T < 1 || axis::slices <= T * detail::most_own_slices,
                  "espalier: tensor_parallel: requires at most eight slices a rank. Use more ranks, or fewer slices. See docs/policies/partition.md.");
    static_assert(T < 1 || axis::options.unknown > 0 || axis::slices > T * detail::most_own_slices || axis::is_sound,
                  "espalier: tensor_parallel: requires a number of slices that is a power of two and a multiple of the ranks; it is K of exact<K>, else the "
                  "number of ranks. Write tensor_parallel<2, exact<4>>. See docs/policies/partition.md.");
};

}  // namespace espalier

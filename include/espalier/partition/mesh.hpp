// SPDX-License-Identifier: BSL-1.0
/// @file
/// Axes composed: replicas of pipelines of ranks that share layers. Each axis is described in its own header; here they become one partition.
#pragma once

#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/partition/pipeline/pipeline.hpp>
#include <espalier/partition/tensor/tensor_parallel.hpp>

#include <type_traits>

namespace espalier {

namespace detail {

enum class axis_kind : unsigned char { none, data, pipeline, tensor };

template <class Axis>
inline constexpr axis_kind kind_of_axis = axis_kind::none;
template <class... Options>
inline constexpr axis_kind kind_of_axis<data_parallel<Options...>> = axis_kind::data;
template <int P, class S, class Cut>
inline constexpr axis_kind kind_of_axis<pipeline<P, S, Cut>> = axis_kind::pipeline;
template <int T, class... Options>
inline constexpr axis_kind kind_of_axis<tensor_parallel<T, Options...>> = axis_kind::tensor;

/// The axis of a kind; `Otherwise` where there is none.
template <axis_kind Kind, class Otherwise, class... Axes>
struct axis_among : std::type_identity<Otherwise> {};
template <axis_kind Kind, class Otherwise, class First, class... Rest>
struct axis_among<Kind, Otherwise, First, Rest...>
    : std::conditional_t<kind_of_axis<First> == Kind, std::type_identity<First>, axis_among<Kind, Otherwise, Rest...>> {};

template <axis_kind Kind, class... Axes>
inline constexpr int axes_of_kind = (0 + ... + (kind_of_axis<Axes> == Kind ? 1 : 0));
template <class... Axes>
concept AxesOfAMesh = axes_of_kind<axis_kind::none, Axes...> == 0 && axes_of_kind<axis_kind::data, Axes...> == 1 &&
                      axes_of_kind<axis_kind::pipeline, Axes...> <= 1 && axes_of_kind<axis_kind::tensor, Axes...> <= 1;

/// From the axes' arguments alone: the axes themselves say what is wrong with them, and once.
template <class Data, class Pipeline, class Tensor>
struct partition_along;
template <class... Options, int P, class S, class StageCut, int T, class... How>
struct partition_along<data_parallel<Options...>, pipeline<P, S, StageCut>, tensor_parallel<T, How...>> {
    using cut  = typename tensor_axis<T, How...>::cut;
    using type = std::conditional_t<P == 1 && cut::value.slices == 1, data_parallel<Options...>,
                                    chunked_partition<sizes_of<Options...>(), pipeline_axis<P, S, StageCut>, cut>>;
};

template <class... Axes>
struct mesh_of {
    struct type {
        static_assert(sizeof...(Axes) > 1000,
                      "espalier: mesh: requires data_parallel and at most one pipeline and one tensor_parallel beside it; got the axes named here. Write "
                      "mesh<data_parallel<lanes<8>, samples<32>>, pipeline<4>, tensor_parallel<2>>. See docs/policies/partition.md.");
    };
};
template <class... Axes>
    requires AxesOfAMesh<Axes...>
struct mesh_of<Axes...> : partition_along<typename axis_among<axis_kind::data, void, Axes...>::type, typename axis_among<axis_kind::pipeline, pipeline<1>, Axes...>::type,
                                          typename axis_among<axis_kind::tensor, tensor_parallel<1>, Axes...>::type> {};

}  // namespace detail

/// A partition along several axes, in any order: `mesh<data_parallel<lanes<8>, samples<32>>, pipeline<4, one_f_one_b>>` runs on 4 ranks as one
/// pipeline, on 8 as two replicas of it that share the lanes, up to 32; with `tensor_parallel<2>` beside it, two ranks stand where one stood.
/// The number of replicas comes from the size of the world. The same bits as one rank, whatever data_parallel and pipeline say; which bits a
/// tensor axis gives is its number of slices' business (tensor_parallel.hpp).
/// @par Ranks     rank = (replica · stages + stage) · T + tensor rank: neighbouring ranks share layers, then come stages of one pipeline
template <class... Axes>
struct mesh : detail::mesh_of<Axes...>::type {
    static_assert((... && (sizeof(Axes) > 0)));  // each axis checks its own arguments
};

}  // namespace espalier

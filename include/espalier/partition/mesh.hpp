// SPDX-License-Identifier: BSL-1.0
/// @file
/// Axes composed: replicas of pipelines. Each axis is described in its own header; here they become one partition.
#pragma once

#include <espalier/partition/data/data_parallel.hpp>
#include <espalier/partition/pipeline/pipeline.hpp>

namespace espalier {

namespace detail {

template <class... Axes>
struct axes_of;
template <class... Options>
struct axes_of<data_parallel<Options...>> {
    using type = data_parallel<Options...>;
};
template <class... Options, int P, class S, class Cut>
struct axes_of<data_parallel<Options...>, pipeline<P, S, Cut>> {
    using type = std::conditional_t<P == 1, data_parallel<Options...>, chunked_partition<sizes_of<Options...>(), pipeline_axis<P, S, Cut>>>;
};
template <int P, class S, class Cut, class... Options>
struct axes_of<pipeline<P, S, Cut>, data_parallel<Options...>> : axes_of<data_parallel<Options...>, pipeline<P, S, Cut>> {};

template <class... Axes>
concept AxesOfAMesh = requires { typename axes_of<Axes...>::type; };

template <class... Axes>
struct mesh_of {
    struct type {
        static_assert(sizeof...(Axes) > 1000,
                      "espalier: mesh: requires data_parallel and at most one pipeline beside it; got the axes named here. Write "
                      "mesh<data_parallel<lanes<8>, samples<32>>, pipeline<4>>. See docs/policies/partition.md.");
    };
};
template <class... Axes>
    requires AxesOfAMesh<Axes...>
struct mesh_of<Axes...> : axes_of<Axes...> {};

}  // namespace detail

/// A partition along several axes: `mesh<data_parallel<lanes<8>, samples<32>>, pipeline<4, one_f_one_b>>` runs on 4 ranks as one pipeline,
/// on 8 as two replicas of it that share the lanes, up to 32. The number of replicas comes from the size of the world.
/// The same bits as one rank, whatever the axes.
/// @par Ranks     rank = replica · stages + stage: neighbouring ranks are stages of one pipeline
template <class... Axes>
struct mesh : detail::mesh_of<Axes...>::type {
    static_assert((... && (sizeof(Axes) > 0)));  // each axis checks its own arguments
};

}  // namespace espalier

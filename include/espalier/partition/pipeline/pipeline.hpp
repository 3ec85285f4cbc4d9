// SPDX-License-Identifier: BSL-1.0
/// @file
/// The pipeline axis of a mesh: how many stages, in which order they compute, and where the network is cut.
#pragma once

#include <espalier/nn/chunk_sizes.hpp>
#include <espalier/partition/pipeline/cut.hpp>
#include <espalier/partition/pipeline/schedule.hpp>
#include <espalier/partition/pipeline/schedules/gpipe.hpp>
#include <espalier/partition/pipeline/schedules/interleaved.hpp>
#include <espalier/partition/pipeline/schedules/one_f_one_b.hpp>
#include <espalier/partition/pipeline/schedules/zb_h1.hpp>

#include <type_traits>

namespace espalier {

/// Cuts where the most expensive chunk is as cheap as it can be, by the layers' cost (`cost_of`).
struct balanced {};

/// Cuts before these layers of the flattened sequence, counted from 0: `cut_at<3, 7, 11>` makes four chunks.
template <int... Layers>
struct cut_at {};

namespace detail {

/// What partitions read of a pipeline. Where its arguments are refused, one stage or a shipped schedule stands in their place, so that
/// compilers say why and nothing after it.
template <int P, class OrderOfWork, class Cut>
struct pipeline_axis {
    static constexpr int stages = P >= 1 ? P : 1;
    using schedule              = std::conditional_t<Schedule<OrderOfWork>, OrderOfWork, one_f_one_b>;
    using cut                   = Cut;
};

}  // namespace detail

/// P stages of consecutive layers, which pass activations on and gradients back. `Schedule` says in which order a stage computes;
/// a schedule with v chunks a stage cuts the network into P·v chunks, of which stage s holds s, s + P, s + 2P, …
/// Goes into a mesh: `mesh<data_parallel<lanes<8>, samples<32>>, pipeline<4, one_f_one_b>>`.
/// @par Source    Huang et al. 2019 (GPipe); Narayanan et al. 2019, 2021 (1F1B, interleaved); Qi et al. 2023 (ZB-H1)
template <int P, class OrderOfWork = one_f_one_b, class Cut = balanced>
struct pipeline : detail::pipeline_axis<P, OrderOfWork, Cut> {
    static_assert(P >= 1, "espalier: pipeline: requires at least one stage. Write pipeline<4>. See docs/policies/partition.md.");
    static_assert(Schedule<OrderOfWork>,
                  "espalier: pipeline: requires a Schedule as its second argument. Use gpipe, one_f_one_b, interleaved<v> or zb_h1, or write chunks, "
                  "splits_backward, name and order. See docs/explanation/pipelines.md.");
};

namespace detail {

/// In the place of a pipeline, where there is none.
using one_stage = pipeline_axis<1, one_f_one_b, balanced>;

/// Where chunks begin: by the costs of layers, by the elements of their parameters, or as the user says.
enum class balance { cost, parameters };

template <class Network, int Chunks>
struct chunks_have_layers {
    using type = void;
    static_assert(Chunks <= static_cast<int>(layers_of<Network>::size),
                  "espalier: mesh: requires a layer for each chunk, of which there are stages times chunks a stage, or buckets; got more, see the numbers here. "
                  "Use fewer. See docs/policies/partition.md.");
};

template <class Cut>
struct borders_of {
    template <class Network, int Chunks>
    [[nodiscard]] static constexpr stage_borders<Chunks> value(balance by) {
        constexpr int layers      = static_cast<int>(layers_of<Network>::size);
        std::int64_t cost[layers] = {};
        if (by == balance::cost) {
            costs(layers_of<Network>{}, network<Network>::input, cost);
        } else {
            auto const places = network<Network>::chain::places(network<Network>::input, 1);
            for (int i = 0; i < layers; ++i)
                cost[i] = (i + 1 < layers ? places.item[i + 1].offset[0] : places.parameter_elements) - places.item[i].offset[0];
        }
        return balanced_cut<Chunks>(cost);
    }
};
template <int... Layers>
struct borders_of<cut_at<Layers...>> {
    template <class Network, int Chunks>
    [[nodiscard]] static constexpr stage_borders<Chunks> value(balance) {
        constexpr int layers = static_cast<int>(layers_of<Network>::size);
        static_assert(sizeof...(Layers) + 1 == Chunks,
                      "espalier: cut_at: requires one layer fewer than there are chunks, which are stages times chunks a stage. Name where each chunk but the "
                      "first begins. See docs/policies/partition.md.");
        static_assert(
            [] {
                int before = 0;
                bool rises = true;
                ((rises = rises && Layers > before && Layers < layers, before = Layers), ...);
                return rises;
            }(),
            "espalier: cut_at: requires layers that rise from 1 to the last one. Count the layers of the flattened sequence from 0. See "
            "docs/policies/partition.md.");
        stage_borders<Chunks> out{{0, Layers..., layers}, 0};
        return out;
    }
};

}  // namespace detail
}  // namespace espalier

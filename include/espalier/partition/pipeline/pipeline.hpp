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
    static_assert(Chunks <= static_cast<int>(layers_of<Network>::size),
                  "espalier: mesh: requires a layer for each chunk, of which there are stages times chunks a stage, or buckets; got more, see the numbers here. "
                  "Use fewer. See docs/policies/partition.md.");
};
template <class Cut, int Chunks>
struct cut_names_each_chunk;
template <int... Layers, int Chunks>
struct cut_names_each_chunk<cut_at<Layers...>, Chunks> {
    static_assert(sizeof...(Layers) + 1 == Chunks,
                  "espalier: cut_at: requires one layer fewer than there are chunks, which are stages times chunks a stage. Name where each chunk but the "
                  "first begins. See docs/policies/partition.md.");
};
/// Whether layers rise within 1 … all − 1.
template <int... Layers>
[[nodiscard]] constexpr bool rises(cut_at<Layers...>, int all) {
    int before = 0;
    bool rises = true;
    ((rises = rises && Layers > before && Layers < all, before = Layers), ...);
    return rises;
}
template <class Cut, int AllLayers>
struct cut_rises {
    static_assert(rises(Cut{}, AllLayers), "espalier: cut_at: requires layers that rise from 1 to the last one. Count the layers of the flattened sequence from 0. See "
                                           "docs/policies/partition.md.");
};

/// Lets a misfit speak, where there is one.
template <class Misfit>
inline constexpr bool fits_or_says = sizeof(Misfit) > 0;
template <>
inline constexpr bool fits_or_says<void> = true;

/// How a network is cut into chunks: `borders`, and `misfit`, the template whose assertion says why it is not, or void.
template <class Cut, class Network, int Chunks>
struct cut_of {
    static constexpr int layers = static_cast<int>(layers_of<Network>::size);
    using misfit                = std::conditional_t<Chunks <= layers, void, chunks_have_layers<Network, Chunks>>;

    [[nodiscard]] static constexpr stage_borders<Chunks> borders(balance by) {
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
template <int... Layers, class Network, int Chunks>
struct cut_of<cut_at<Layers...>, Network, Chunks> {
    static constexpr int layers = static_cast<int>(layers_of<Network>::size);
    using misfit                = std::conditional_t<(Chunks > layers), chunks_have_layers<Network, Chunks>,
                                      std::conditional_t<sizeof...(Layers) + 1 != Chunks, cut_names_each_chunk<cut_at<Layers...>, Chunks>,
                                                         std::conditional_t<rises(cut_at<Layers...>{}, layers), void, cut_rises<cut_at<Layers...>, layers>>>>;

    [[nodiscard]] static constexpr stage_borders<Chunks> borders(balance) { return {{0, Layers..., layers}, 0}; }
};

}  // namespace detail
}  // namespace espalier

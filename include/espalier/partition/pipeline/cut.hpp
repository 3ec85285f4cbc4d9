// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where a network is cut into stages: a balance of compile-time costs over its flattened sequence. It makes no schedule.
#pragma once

#include <espalier/nn/network.hpp>

#include <cstdint>

namespace espalier {

/// Borders of stages in the flattened sequence: stage s holds the layers first[s] … first[s + 1] − 1.
template <int Stages>
struct stage_borders {
    int first[Stages + 1] = {};
    std::int64_t largest  = 0;  ///< cost of the most expensive stage
};

namespace detail {

template <class Network, int Stages>
struct has_a_layer_for_each_stage {
    using type = void;
    static_assert(Stages >= 1 && Stages <= static_cast<int>(layers_of<Network>::size),
                  "espalier: pipeline: requires at most as many stages as the network has layers; got more, see the numbers here. Use fewer "
                  "stages. See docs/policies/partition.md.");
};

template <class... Ls>
constexpr void costs(type_list<Ls...>, shape in, std::int64_t* out) {
    ((*out++ = cost_of<Ls>(in), in = Ls::gives(in)), ...);
}

/// Cuts n layers into stages, none of them empty, so that the largest sum of costs is as small as it can be.
template <int Stages, int n>
[[nodiscard]] constexpr stage_borders<Stages> balanced_cut(std::int64_t const (&cost)[n]) {
    std::int64_t best[Stages + 1][n + 1] = {};
    int cut[Stages + 1][n + 1]           = {};
    for (int s = 1; s <= Stages; ++s)
        for (int end = s; end <= n; ++end) {
            std::int64_t last = 0;
            best[s][end]      = -1;
            for (int begin = end - 1; begin >= s - 1; --begin) {
                last += cost[begin];
                if (s == 1 && begin > 0) continue;
                std::int64_t const before  = s == 1 ? 0 : best[s - 1][begin];
                std::int64_t const largest = before > last ? before : last;
                if (best[s][end] < 0 || largest < best[s][end]) best[s][end] = largest, cut[s][end] = begin;
            }
        }
    stage_borders<Stages> out;
    out.largest       = best[Stages][n];
    out.first[Stages] = n;
    for (int s = Stages, end = n; s >= 1; --s) out.first[s - 1] = end = cut[s][end];
    return out;
}

}  // namespace detail

/// The cut of a network into `Stages` stages whose most expensive stage is as cheap as it can be (exact, by dynamic programming).
/// A value of this type is the cut: `constexpr stage_cut<network, 4> cut;`. More stages than layers do not compile.
template <class Network, int Stages, class Checked = typename detail::has_a_layer_for_each_stage<Network, Stages>::type>
struct stage_cut : stage_borders<Stages> {
    constexpr stage_cut() : stage_borders<Stages>{computed()} {}

private:
    [[nodiscard]] static constexpr stage_borders<Stages> computed() {
        constexpr int layers = static_cast<int>(layers_of<Network>::size);
        if constexpr (Stages >= 1 && Stages <= layers) {
            std::int64_t cost[layers] = {};
            detail::costs(layers_of<Network>{}, network<Network>::input, cost);
            return detail::balanced_cut<Stages>(cost);
        } else {
            return {};
        }
    }
};

}  // namespace espalier

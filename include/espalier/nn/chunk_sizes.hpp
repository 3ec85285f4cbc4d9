// SPDX-License-Identifier: BSL-1.0
/// @file
/// How much of everything a chunk of a network needs, that is, some consecutive layers of it: pure arithmetic over the places of the
/// whole. What runs a chunk is model_chunk.hpp.
#pragma once

#include <espalier/nn/chain.hpp>

namespace espalier {

/// Elements that layers first_layer … last_layer − 1 need for one micro-batch.
struct chunk_sizes {
    std::int64_t first_parameter = 0;  ///< in the network's flat array
    std::int64_t parameters      = 0;  ///< padding included
    std::int64_t takes           = 0;
    std::int64_t gives           = 0;
    std::int64_t activations     = 0;  ///< outputs and kept values, and every layer's signal where backward comes in two parts
    std::int64_t outputs         = 0;  ///< of which outputs and kept values; retained signals lie behind them
    std::int64_t signals[2]      = {}; ///< gradients of outputs on the way back, in turn; none where they are retained
    std::int64_t scratch         = 0;
    bool reads_input             = false;
};

namespace detail {
template <class... Ls>
constexpr void mark_readers(type_list<Ls...>, bool* out) {
    ((*out++ = reads_network_input<Ls>), ...);
}
}  // namespace detail

/// @param whole the places of all layers, for the micro-batch's size
/// @param retains_signals whether backward comes in two parts
template <class Layers, int N>
[[nodiscard]] constexpr chunk_sizes sizes_of_chunk(chain_places<N> const& whole, std::int64_t batch, int first_layer, int last_layer,
                                                   bool retains_signals) {
    bool reads[N] = {};
    detail::mark_readers(Layers{}, reads);
    chunk_sizes s;
    auto const begin = [&](int i) { return i < N ? whole.item[i].offset[0] : whole.parameter_elements; };
    s.first_parameter = begin(first_layer);
    s.parameters      = begin(last_layer) - s.first_parameter;
    s.takes           = whole.item[first_layer].in.elements() * batch;
    s.gives           = whole.item[last_layer - 1].out.elements() * batch;
    s.activations     = (last_layer < N ? whole.item[last_layer].output : whole.activation_elements) - whole.item[first_layer].output;
    s.outputs         = s.activations;
    for (int i = first_layer; i < last_layer; ++i) {
        std::int64_t const signal = aligned_elements(whole.item[i].out.elements() * batch);
        std::int64_t& largest     = s.signals[(last_layer - 1 - i) % 2];
        if (retains_signals) s.activations += signal;
        else if (signal > largest && (i < last_layer - 1 || last_layer == N)) largest = signal;  // a chunk's last dy comes from elsewhere
        if (whole.item[i].scratch > s.scratch) s.scratch = whole.item[i].scratch;
        s.reads_input = s.reads_input || reads[i];
    }
    return s;
}

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The chunks of a network by number, as compile-time tables: where each begins, what it needs, and how often its layers exchange with the other
/// ranks of a tensor axis. Plans take their sizes from them (chunked_partition.hpp).
#pragma once

#include <espalier/nn/chunk_sizes.hpp>
#include <espalier/nn/network.hpp>
#include <espalier/partition/pipeline/pipeline.hpp>

#include <cstdint>

namespace espalier::detail {

/// The chunks of a network, by number.
template <int Chunks>
struct chunk_table {
    int first_layer[Chunks + 1] = {};
    chunk_sizes item[Chunks]    = {};
};

template <class Network, int Chunks, class Pipeline>
[[nodiscard]] constexpr chunk_table<Chunks> make_chunk_table(std::int64_t batch, balance by) {
    chunk_table<Chunks> t;
    using cut = cut_of<typename Pipeline::cut, Network, Chunks>;
    static_assert(fits_or_says<typename cut::misfit>);
    auto const borders = cut::borders(by);
    auto const places  = network<Network>::chain::places(network<Network>::input, batch);
    for (int c = 0; c <= Chunks; ++c) t.first_layer[c] = borders.first[c];
    for (int c = 0; c < Chunks; ++c)
        t.item[c] = sizes_of_chunk<layers_of<Network>>(places, batch, t.first_layer[c], t.first_layer[c + 1], Pipeline::schedule::splits_backward && Pipeline::stages > 1);
    return t;
}

/// What one rank of a tensor axis exchanges with the others, by chunk and direction.
template <int Chunks>
struct chunk_exchanges {
    exchange_tally of[Chunks][2] = {};
};

/// Adds the exchanges of a pass to the chunks that its layers are in. Only the network's first layer is not asked for the gradient of its input.
template <int Chunks, class... Ls>
constexpr void tally_exchanges(type_list<Ls...>, shape in, std::int64_t batch, pass_way direction, chunk_table<Chunks> const& table, chunk_exchanges<Chunks>& out) {
    int layer = 0, chunk = 0;
    (
        [&] {
            if (layer == table.first_layer[chunk + 1]) ++chunk;
            count_exchanges<Ls>(in, batch, direction, layer > 0, out.of[chunk][static_cast<int>(direction)]);
            in = Ls::gives(in);
            ++layer;
        }(),
        ...);
}

/// The exchanges of a model's chunks, for one of `ranks` ranks. A loss over scores that are cut exchanges once, before the last chunk's backward.
template <class M, int Chunks>
[[nodiscard]] constexpr chunk_exchanges<Chunks> exchanges_of_chunks(chunk_table<Chunks> const& table, std::int64_t batch, int ranks, int rank) {
    using net = network<typename M::network_type>;
    chunk_exchanges<Chunks> out;
    for (auto& chunk : out.of)
        for (exchange_tally& tally : chunk) tally.ranks = ranks, tally.rank = rank;
    for (pass_way const direction : {pass_way::forward, pass_way::backward}) tally_exchanges(typename net::layers{}, net::input, batch, direction, table, out);
    [[maybe_unused]] exchange_tally& home = out.of[Chunks - 1][static_cast<int>(pass_way::backward)];
    if constexpr (requires { M::loss_type::exchanges(net::output, batch, home); }) M::loss_type::exchanges(net::output, batch, home);
    return out;
}

}  // namespace espalier::detail

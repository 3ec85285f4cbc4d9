// SPDX-License-Identifier: BSL-1.0
/// @file
/// Broadcast between nodes: the ranks of the root's node hand on a chunk each by MPI's own broadcast, and those of every other node copy the chunks from each other.
#pragma once

#include <espalier/core/chunks.hpp>
#include <espalier/comm/collective/all_gather.hpp>
#include <espalier/comm/collective/broadcast.hpp>
#include <espalier/comm/mpi/across/group.hpp>

#include <cstddef>
#include <cstdint>

namespace espalier::mpi_detail {

template <class T>
void across(across_group::step const& s, collective::broadcast<T> const& op) {
    roster const& ranks = s.ranks();
    int const root_node = ranks.node_of(op.root);
    auto const cut      = chunk_borders(op.n, ranks.lines());
    bool const is_here  = ranks.own_node() == root_node;
    if (is_here) s.on_node(collective::broadcast<T>{op.data, op.n, ranks.place_of(op.root), ranks.own_place()});
    if (s.line() != MPI_COMM_NULL)
        in_pieces(op.data + cut[ranks.own_place()], cut.elements(ranks.own_place()) * static_cast<std::int64_t>(sizeof(T)), [&](void* piece, int n) {
            s.post().post([&](MPI_Request* r) { MPI_Ibcast(piece, n, MPI_BYTE, root_node, s.line(), r); });
        });
    s.finish();
    if (is_here) return;
    auto const chunks = chunks_of_lines(ranks, cut);
    s.on_node(collective::all_gather<T>{op.data + chunks[static_cast<std::size_t>(ranks.own_place())], op.data, chunks, ranks.own_place()});
}

}  // namespace espalier::mpi_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Scatter from one rank over nodes: a message for each part, since each is needed by one rank alone.
#pragma once

#include <espalier/comm/collective/scatter.hpp>
#include <espalier/comm/mpi/across/group.hpp>

#include <cstdint>

namespace espalier::mpi_detail {

template <class T>
void across(across_group::step const& s, collective::scatter<T> const& op) {
    auto const border = border_of(op.borders);
    auto const bytes  = [&](int r) { return (border(r + 1) - border(r)) * static_cast<std::int64_t>(sizeof(T)); };
    if (op.rank != op.root) {
        s.post().receive(op.root, op.out, bytes(op.rank));
        return s.finish();
    }
    for (int r = 0; r < s.ranks().size(); ++r)
        if (r != op.root) s.post().send(r, op.in + border(r), bytes(r));
    s.finish();  // before the own part is written, which may lie where others' were
    detail::copy_elements(op.out, op.in + border(op.root), border(op.root + 1) - border(op.root));
}

}  // namespace espalier::mpi_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Gather to one rank over nodes: a message for each part, since each is needed by one rank alone.
#pragma once

#include <espalier/comm/collective/gather.hpp>
#include <espalier/comm/mpi/across/group.hpp>

#include <cstdint>

namespace espalier::mpi_detail {

template <class T>
void across(across_group::step const& s, collective::gather<T> const& op) {
    auto const border = border_of(op.borders);
    auto const bytes  = [&](int r) { return (border(r + 1) - border(r)) * static_cast<std::int64_t>(sizeof(T)); };
    if (op.rank != op.root) {
        s.post().send(op.root, op.in, bytes(op.rank));
    } else {
        for (int r = 0; r < s.ranks().size(); ++r)
            if (r != op.root) s.post().receive(r, op.out + border(r), bytes(r));
        detail::copy_elements(op.out + border(op.root), op.in, border(op.root + 1) - border(op.root));
    }
    s.finish();
}

}  // namespace espalier::mpi_detail

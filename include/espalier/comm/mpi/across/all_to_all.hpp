// SPDX-License-Identifier: BSL-1.0
/// @file
/// All-to-all over nodes: a message for each block, since each is needed by one rank alone.
#pragma once

#include <espalier/comm/collective/all_to_all.hpp>
#include <espalier/comm/mpi/across/group.hpp>

#include <cstdint>

namespace espalier::mpi_detail {

template <class T>
void across(across_group::step const& s, collective::all_to_all<T> const& op) {
    int const own    = s.ranks().rank();
    auto const bytes = op.n * static_cast<std::int64_t>(sizeof(T));
    T const* in      = op.in;
    if (op.in == op.out) {  // what is received would overwrite what is yet to be sent
        T* const copy = s.kept().template of<T>(op.n * op.size);
        detail::copy_elements(copy, op.in, op.n * op.size);
        in = copy;
    }
    for (int i = 1; i < op.size; ++i) {
        int const from = (own + op.size - i) % op.size;
        s.post().receive(from, op.out + from * op.n, bytes);
    }
    for (int i = 1; i < op.size; ++i) {
        int const to = (own + i) % op.size;
        s.post().send(to, in + to * op.n, bytes);
    }
    detail::copy_elements(op.out + own * op.n, in + own * op.n, op.n);
    s.finish();
}

}  // namespace espalier::mpi_detail

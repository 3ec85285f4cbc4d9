// SPDX-License-Identifier: BSL-1.0
/// @file
/// All-gather between nodes, with parts of any sizes: each part travels once to every other node.
#pragma once

#include <espalier/comm/collective/all_gather.hpp>
#include <espalier/comm/mpi/across/share_parts.hpp>

namespace espalier::mpi_detail {

template <class T>
void across(across_group::step const& s, collective::all_gather<T> const& op) {
    auto const border = border_of(op.borders);
    detail::copy_elements(op.out + border(op.rank), op.in, border(op.rank + 1) - border(op.rank));
    share_parts(s, op.out, op.borders.back(), border);
}

}  // namespace espalier::mpi_detail

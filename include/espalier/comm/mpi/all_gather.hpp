// SPDX-License-Identifier: BSL-1.0
/// @file
/// All-gather over processes, in place: each rank sends its part to all others.
#pragma once

#include <espalier/comm/mpi.hpp>
#include <espalier/comm/detail/borders.hpp>
#include <espalier/comm/mpi/detail/reduction.hpp>

namespace espalier {

template <class T>
void mpi::all_gather(T* data, std::span<std::int64_t const> borders, call_site at) {
    detail::require_borders("mpi", borders, size());
    mpi_detail::world::activity const busy{group_->the_world(), "all_gather", at};
    auto mine           = mpi_detail::notice_of<T>("all_gather", borders.back(), at);
    mine.parameter_name = {"digest of borders"};
    mine.parameter      = detail::digest_of(borders);
    group_->meet(mine);
    mpi_detail::gather_parts(*group_, mine, data, [&](int r) { return borders[static_cast<std::size_t>(r)]; });
}

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Broadcast over processes: MPI's own.
#pragma once

#include <espalier/comm/mpi.hpp>

namespace espalier {

template <class T>
void mpi::broadcast(T* data, std::int64_t n, int root, call_site at) {
    if (root < 0 || root >= size())
        throw invalid_setting{{"mpi", joined("a root in 0 … ", size() - 1), joined(root), "Name a rank of the group",
                               "policies/communicator.md"}};
    mpi_detail::world::activity const busy{group_->the_world(), "broadcast", at};
    auto mine           = mpi_detail::notice_of<T>("broadcast", n, at);
    mine.parameter_name = {"root"};
    mine.parameter      = root;
    group_->meet(mine);
    group_->broadcast(root, data, n * static_cast<std::int64_t>(sizeof(T)));
    group_->finish(mine);
}

}  // namespace espalier

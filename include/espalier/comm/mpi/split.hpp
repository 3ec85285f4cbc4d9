// SPDX-License-Identifier: BSL-1.0
/// @file
/// Barrier and split of groups of processes.
#pragma once

#include <espalier/comm/mpi.hpp>

#include <memory>

namespace espalier {

inline void mpi::barrier(call_site at) {
    mpi_detail::world::activity const busy{group_->the_world(), "barrier", at};
    group_->meet(mpi_detail::notice_of("barrier", at));
}

inline mpi mpi::split(int color, int key, call_site at) {
    if (color < 0)
        throw invalid_setting{{"mpi", "a colour from 0", joined(color), "Number the parts from 0", "policies/communicator.md"}};
    mpi_detail::world::activity const busy{group_->the_world(), "split", at};
    group_->meet(mpi_detail::notice_of("split", at));  // MPI's own split blocks: nobody begins it before all have come
    return mpi{std::make_shared<mpi_detail::group>(group_->shared_world(), group_->meetings().split(color, key))};
}

}  // namespace espalier

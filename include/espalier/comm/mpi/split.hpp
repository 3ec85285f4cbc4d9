// SPDX-License-Identifier: BSL-1.0
/// @file
/// Split of groups of processes.
#pragma once

#include <espalier/comm/mpi.hpp>

#include <mutex>

namespace espalier {

namespace mpi_detail {
struct start_of_split : collective::barrier {
    static constexpr detail::operation_record record{"split"};
};
}  // namespace mpi_detail

inline mpi mpi::split(int color, int key, call_site at) {
    if (color < 0)
        throw invalid_setting{{"mpi", "a colour from 0", joined(color), "Number the parts from 0", "policies/communicator.md"}};
    perform(mpi_detail::start_of_split{}, at);  // MPI's own split blocks: nobody begins it before all have come
    std::lock_guard const guard{group_->the_world().mpi_lock()};  // see group::make
    return mpi{mpi_detail::group::make(group_->shared_world(), group_->ranks().split(color, key))};
}

}  // namespace espalier

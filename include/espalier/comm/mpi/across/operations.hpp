// SPDX-License-Identifier: BSL-1.0
/// @file
/// All operations of a group that spans nodes, each a function `across(step, operation)` in a file of its own; a barrier is the meeting alone.
/// What they share is in group.hpp, reduce_parts.hpp and share_parts.hpp.
#pragma once

#include <espalier/comm/collective/barrier.hpp>
#include <espalier/comm/mpi/across/all_gather.hpp>
#include <espalier/comm/mpi/across/all_reduce.hpp>
#include <espalier/comm/mpi/across/all_to_all.hpp>
#include <espalier/comm/mpi/across/broadcast.hpp>
#include <espalier/comm/mpi/across/gather.hpp>
#include <espalier/comm/mpi/across/reduce.hpp>
#include <espalier/comm/mpi/across/reduce_scatter.hpp>
#include <espalier/comm/mpi/across/scatter.hpp>

namespace espalier::mpi_detail {

inline void across(across_group::step const&, collective::barrier const&) noexcept {}

}  // namespace espalier::mpi_detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which numbers of ranks a mesh can be started on, and what it says of others. Plans are not made here.
#pragma once

#include <espalier/core/error.hpp>

#include <string>

namespace espalier::detail {

/// What decides how many ranks a partition takes.
struct world_sizes {
    int lanes = 1, stages = 1, tensor_ranks = 1;

    /// Of one replica.
    [[nodiscard]] constexpr int multiple() const noexcept { return stages * tensor_ranks; }
    [[nodiscard]] constexpr int most() const noexcept { return lanes * multiple(); }
};

/// "one for each stage of the pipeline", "2 for each of 4 stages of the pipeline", "which share layers": what the ranks of a replica are.
[[nodiscard]] inline std::string ranks_of_replica(world_sizes const& sizes) {
    if (sizes.tensor_ranks == 1) return "one for each stage of the pipeline";
    if (sizes.stages == 1) return "which share layers";
    return joined(sizes.tensor_ranks, " that share layers for each of ", sizes.stages, " stages of the pipeline");
}

/// @throws invalid_setting where a world of `ranks` does not fit
inline void check_ranks(int ranks, world_sizes const& sizes) {
    int const most = sizes.most(), multiple = sizes.multiple();
    if (ranks >= 1 && ranks <= most && ranks % multiple == 0) return;
    if (multiple == 1)
        throw invalid_setting{{.entity   = "data_parallel",
                               .required = joined("1 to ", most, " ranks, one lane a rank at least"),
                               .got      = joined("a world of ", ranks),
                               .fix      = joined("Start at most ", most, " ranks or raise lanes<", sizes.lanes, ">"),
                               .page     = "policies/partition.md"}};
    throw invalid_setting{{.entity   = "mesh",
                           .required = joined("a multiple of ", multiple, " ranks, ", ranks_of_replica(sizes), ", up to ", most, ", one lane a replica at least"),
                           .got      = joined("a world of ", ranks),
                           .fix      = joined("Start ", multiple, " ranks, or a multiple of it up to ", most),
                           .page     = "policies/partition.md"}};
}

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The plan of a trainer, for those who want to look at it without running anything.
#pragma once

namespace espalier {

/// The plan of rank `rank` of `ranks` for a trainer type; usable at compile time.
/// @par Ranks     local
template <class Trainer>
[[nodiscard]] constexpr auto plan_for(int ranks, int rank) {
    return Trainer::partition_type::template plan<typename Trainer::model_type>(ranks, rank);
}

}  // namespace espalier

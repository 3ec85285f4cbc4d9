// SPDX-License-Identifier: BSL-1.0
/// @file
/// The last operations of a run that failed as a timeline: a row a rank, boxes for operations, waiting shown apart.
/// What went wrong is flight_report.hpp's to say; how a timeline is drawn is draw_timeline.hpp's.
#pragma once

#include <espalier/comm/flight_report.hpp>
#include <espalier/partition/plan/timeline.hpp>

namespace espalier {

/// What the ranks did in the time of the last operations.
/// ```
///   rank 0  │ all_reduce │····· barrier │           ····  waits for ranks that come later
///   posted    │··· all_reduce  │                    operations that were posted, below the rank that posted them
///   rank 1        │ all_reduce │    │ barrier │     a line through the rows where the last one has come
/// ```
/// @param last  how many collective operations are shown, with all other operations that began since the first of them; of a run without
///              any, everything is
/// @par Units     nanoseconds; the axis in the largest unit of which ten are shown
[[nodiscard]] timeline timeline_of(flight_report const& report, int last = 50);

}  // namespace espalier

#include <espalier/observe/detail/flight_timeline.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A schedule as a picture: a row a stage, a box a computation, and what each stage holds. Loads, messages and bytes are a plan's business
/// (plan/draw.hpp); how the picture looks is draw_timeline.hpp's.
#pragma once

#include <espalier/partition/pipeline/simulate.hpp>
#include <espalier/partition/plan/draw_timeline.hpp>

#include <string>

namespace espalier {

/// The timeline of a schedule: stages, their tasks by kind and chunk with the number of the micro-batch, and what each stage
/// holds.
/// @throws invalid_setting where the schedule does not finish, and as `simulate` does
template <Schedule S>
[[nodiscard]] timeline timeline_of(int stages, int micro_batches, work_cost cost = {});

/// Draws a schedule: `std::ofstream{"1f1b.svg"} << draw_schedule<one_f_one_b>(4, 8)`.
/// @param cost  of a whole stage for one micro-batch; as they are, forward takes 1 and backward 2
template <Schedule S>
[[nodiscard]] std::string draw_schedule(int stages, int micro_batches, work_cost cost = {}) {
    return draw(timeline_of<S>(stages, micro_batches, cost));
}

} // namespace espalier

#include <espalier/partition/pipeline/detail/schedule_timeline.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A schedule on a clock: when each stage computes what, how long it is idle, how many micro-batches it holds.
/// Transfers take no time here, and every stage is equally quick; what a plan sends and stores is not known.
#pragma once

#include <espalier/partition/pipeline/schedule.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace espalier {

/// What a micro-batch costs a whole stage, in any unit. `backward` costs both of its parts.
struct work_cost {
    std::int64_t forward          = 1;
    std::int64_t backward_input   = 1;
    std::int64_t backward_weights = 1;
};

/// A task and when it runs. Both times are −1 for a task that never can.
struct timed_task {
    task what;
    std::int64_t begins = -1;
    std::int64_t ends   = -1;
};

/// One stage in a simulated step.
struct stage_run {
    std::vector<timed_task> tasks; ///< all of its order
    int ran           = 0;         ///< how many of them can run; where that is not all, the stage stands at tasks[ran] for ever
    std::int64_t busy = 0;
    std::int64_t idle = 0; ///< of the makespan

    /// The most micro-batches whose forward has begun and whose last part of backward has not ended. Where a stage has v chunks,
    /// each chunk of a micro-batch counts.
    int held = 0;
    /// The same with the input that the next forward will read: its receive is posted at the start of the step for the first, and
    /// right after the forward that used the receive before it for each of the others. So many activations a plan makes room for.
    int held_with_receive = 0;
};

/// A simulated step.
struct simulation {
    std::vector<stage_run> stage;
    bool finishes         = false; ///< every stage does all that a step consists of
    std::int64_t makespan = 0;
    int units             = 1; ///< all times are in this part of the costs' unit: v, because a chunk costs a v-th of a stage

    /// The share of idle time in the time of all stages; 0 where nothing ran.
    [[nodiscard]] constexpr double idle_share() const noexcept {
        std::int64_t idle = 0;
        for (stage_run const& s : stage) idle += s.idle;
        return makespan > 0 ? static_cast<double>(idle) / static_cast<double>(makespan) / static_cast<double>(stage.size()) : 0.0;
    }
    /// The first stage that stands before the end of its order, −1 where none does.
    [[nodiscard]] constexpr int standing_stage() const noexcept {
        for (std::size_t s = 0; s < stage.size(); ++s)
            if (stage[s].ran < static_cast<int>(stage[s].tasks.size())) return static_cast<int>(s);
        return -1;
    }
};

/// Runs a schedule, at compile time (`static_assert(simulate<gpipe>(4, 8).makespan == 33)`) or at run time.
///
/// A task begins when its stage has done the one before it and what it needs is there: forward needs the chunk before it in the
/// network, backward the chunk behind it and its own forward, `backward_weights` its own `backward_input`. An order that can
/// never end, one that repeats or forgets a task or names one that does not exist, gives a simulation with `finishes` false.
/// @par Cost      linear in the number of tasks for the shipped schedules; about 200 constexpr steps of clang a task, which is
///                16 stages of 1F1B and 128 micro-batches at compile time
/// @throws invalid_setting without stages or micro-batches, above 4,096 tasks a stage, and for a cost below 0
template <Schedule S>
[[nodiscard]] constexpr simulation simulate(int stages, int micro_batches, work_cost cost = {});

/// Where a step that does not finish stands: "stage 2 at its task 5, forward of micro-batch 3 through chunk 1".
[[nodiscard]] inline std::string standstill_in_words(simulation const& s) {
    int const stage = s.standing_stage();
    if (stage < 0) return s.finishes ? "no stage that stands" : "an order that forgets tasks";
    stage_run const& run = s.stage[static_cast<std::size_t>(stage)];
    task const& t        = run.tasks[static_cast<std::size_t>(run.ran)].what;
    return joined("stage ", stage, " at its task ", run.ran, ", ", name_of(t.kind), " of micro-batch ", t.micro_batch,
                  " through chunk ", t.chunk);
}

} // namespace espalier

#include <espalier/partition/pipeline/detail/simulate.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of simulate.hpp: orders of any length, what a task waits for, the clock of each stage.
#pragma once

#include <espalier/partition/pipeline/simulate.hpp>

#include <algorithm>

namespace espalier {
namespace detail {

[[noreturn]] inline void refuse_simulation(std::string_view required, std::string const& got, std::string_view fix) {
    throw invalid_setting{{"simulate", std::string{required}, got, std::string{fix}, "explanation/pipelines.md"}};
}

template <Schedule S, int Capacity>
constexpr void append_order(stage_run& to, int stages, int stage, int micro_batches) {
    stage_order<Capacity> const order = S::template order<Capacity>(stages, stage, micro_batches);
    to.tasks.resize(static_cast<std::size_t>(order.count));
    for (int i = 0; i < order.count; ++i) to.tasks[static_cast<std::size_t>(i)].what = order.item[i];
}

/// A stage with its order, made with a capacity that is large enough and not much larger.
template <Schedule S>
[[nodiscard]] constexpr stage_run stage_with_order(int stages, int stage, int micro_batches) {
    stage_run out;
    int const count = tasks_of<S>(micro_batches);
    if (count <= 64)
        append_order<S, 64>(out, stages, stage, micro_batches);
    else if (count <= 512)
        append_order<S, 512>(out, stages, stage, micro_batches);
    else if (count <= 4096)
        append_order<S, 4096>(out, stages, stage, micro_batches);
    else
        refuse_simulation("at most 4096 tasks a stage", joined(count),
                          "Simulate fewer micro-batches: idle time does not grow with them");
    return out;
}

/// When what ended, of everything that a step consists of.
struct ended_work {
    int stages, micro_batches, chunks;
    bool splits_backward;
    std::vector<std::int64_t> ends; ///< [part of the work][chunk of the network][micro-batch]; −1: not yet

    constexpr ended_work(int p, int m, int v, bool splits)
        : stages{p}, micro_batches{m}, chunks{v}, splits_backward{splits},
          ends(static_cast<std::size_t>(3) * static_cast<std::size_t>(v * p) * static_cast<std::size_t>(m), std::int64_t{-1}) {}

    /// @param part  0 forward, 1 backward or the input's gradient, 2 the gradients of the weights
    constexpr std::int64_t& at(int part, int network_chunk, int micro_batch) {
        return ends[static_cast<std::size_t>((part * chunks * stages + network_chunk) * micro_batches + micro_batch)];
    }
    constexpr std::int64_t& at(task const& t, int stage) {
        return at(t.kind == work::forward            ? 0
                  : t.kind == work::backward_weights ? 2
                                                     : 1,
                  t.chunk * stages + stage, t.micro_batch);
    }
    /// Whether a step contains this task at all.
    [[nodiscard]] constexpr bool contains(task const& t) const {
        bool const split = t.kind == work::backward_input || t.kind == work::backward_weights;
        return t.micro_batch >= 0 && t.micro_batch < micro_batches && t.chunk >= 0 && t.chunk < chunks &&
               (t.kind == work::forward || split == splits_backward);
    }
    /// When all that a task needs is there, −1: not yet, or never.
    [[nodiscard]] constexpr std::int64_t ready(task const& t, int stage) {
        if (!contains(t) || at(t, stage) >= 0) return -1;
        int const chunk = t.chunk * stages + stage, m = t.micro_batch;
        if (t.kind == work::forward) return chunk == 0 ? 0 : at(0, chunk - 1, m);
        if (t.kind == work::backward_weights) return at(1, chunk, m);
        std::int64_t const own = at(0, chunk, m);
        if (own < 0 || chunk == chunks * stages - 1) return own;
        std::int64_t const behind = at(1, chunk + 1, m);
        return behind < 0 ? -1 : std::max(own, behind);
    }
};

[[nodiscard]] constexpr std::int64_t time_of(work kind, work_cost const& cost) noexcept {
    switch (kind) {
    case work::forward:
        return cost.forward;
    case work::backward_input:
        return cost.backward_input;
    case work::backward_weights:
        return cost.backward_weights;
    default:
        return cost.backward_input + cost.backward_weights;
    }
}

/// Lets a stage compute as far as it gets; whether it computed anything.
constexpr bool run_on(stage_run& run, int stage, ended_work& done, work_cost const& cost) {
    int const before = run.ran, count = static_cast<int>(run.tasks.size());
    timed_task* const item = run.tasks.data();
    for (; run.ran < count; ++run.ran) {
        timed_task& t            = item[run.ran];
        std::int64_t const ready = done.ready(t.what, stage);
        if (ready < 0) break;
        t.begins = run.ran == 0 ? ready : std::max(ready, item[run.ran - 1].ends);
        t.ends = done.at(t.what, stage) = t.begins + time_of(t.what.kind, cost);
        run.busy += t.ends - t.begins;
    }
    return run.ran > before;
}

/// Counts what a stage holds. Its own order decides that, not the clock.
constexpr void count_held(stage_run& run, int stages, int stage) {
    auto const receives = [&](task const& t) { return t.kind == work::forward && stages > 1 && (stage > 0 || t.chunk > 0); };
    int to_receive = 0, held = 0;
    for (timed_task const& t : run.tasks) to_receive += receives(t.what) ? 1 : 0;
    run.held_with_receive = to_receive > 0 ? 1 : 0;
    for (timed_task const& t : run.tasks) {
        if (t.what.kind == work::forward)
            ++held;
        else if (t.what.kind != work::backward_input)
            --held;
        if (receives(t.what)) --to_receive;
        run.held              = std::max(run.held, held);
        run.held_with_receive = std::max(run.held_with_receive, held + (to_receive > 0 ? 1 : 0));
    }
}

} // namespace detail

template <Schedule S>
constexpr simulation simulate(int stages, int micro_batches, work_cost cost) {
    check_stage(stages, 0, micro_batches);
    if (std::min({cost.forward, cost.backward_input, cost.backward_weights}) < 0)
        detail::refuse_simulation("costs of 0 or more", "one below 0", "Give times or counts of operations");
    simulation out;
    out.units = S::chunks;
    detail::ended_work done{stages, micro_batches, S::chunks, S::splits_backward};
    for (int s = 0; s < stages; ++s) out.stage.push_back(detail::stage_with_order<S>(stages, s, micro_batches));

    for (bool goes_on = true; goes_on;) {
        goes_on = false;
        for (int s = 0; s < stages; ++s) goes_on |= detail::run_on(out.stage[static_cast<std::size_t>(s)], s, done, cost);
    }
    out.finishes = true;
    for (int s = 0; s < stages; ++s) {
        stage_run& run = out.stage[static_cast<std::size_t>(s)];
        detail::count_held(run, stages, s);
        out.finishes = out.finishes && run.ran == tasks_of<S>(micro_batches);
        if (run.ran > 0) out.makespan = std::max(out.makespan, run.tasks[static_cast<std::size_t>(run.ran - 1)].ends);
    }
    for (stage_run& run : out.stage) run.idle = out.makespan - run.busy;
    return out;
}

} // namespace espalier

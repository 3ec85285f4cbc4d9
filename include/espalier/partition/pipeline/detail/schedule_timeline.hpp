// SPDX-License-Identifier: BSL-1.0
/// @file
/// From a simulated schedule to the timeline that is drawn. How it looks is not known here.
#pragma once

#include <espalier/partition/pipeline/draw.hpp>
#include <espalier/partition/plan/detail/words.hpp>

#include <utility>

namespace espalier {
namespace detail {

/// What a stage holds over time: one more from the begin of each forward, one less from the end of each last part of backward.
[[nodiscard]] inline std::vector<timeline_level> held_over_time(stage_run const& run) {
    std::vector<timeline_level> out;
    std::int64_t held = 0;
    for (timed_task const& t : run.tasks) {
        if (t.what.kind == work::backward_input) continue;
        bool const more = t.what.kind == work::forward;
        held += more ? 1 : -1;
        std::int64_t const at = more ? t.begins : t.ends;
        if (!out.empty() && out.back().at == at)
            out.back().value = held;
        else
            out.push_back({at, held});
    }
    return out;
}

[[nodiscard]] inline timeline_box box_of(timed_task const& t, int chunks) {
    std::string const number = std::to_string(t.what.micro_batch);
    std::string words{name_of(t.what.kind)};
    words += joined(" of micro-batch ", number);
    if (chunks > 1) words += joined(" through chunk ", grouped(t.what.chunk));
    int const kind = t.what.kind == work::forward ? 0 : t.what.kind == work::backward_weights ? 2 : 1;
    return {t.begins, t.ends, kind, t.what.chunk, number, words};
}

/// "1F1B: 4 stages, 8 micro-batches, 27.27 % idle"
template <Schedule S>
[[nodiscard]] std::string title_of(int stages, int micro_batches, double idle_share) {
    return joined(std::string{S::name}, S::chunks > 1 ? joined(", ", grouped(S::chunks), " chunks a stage: ") : ": ",
                  grouped(stages), stages == 1 ? " stage, " : " stages, ", grouped(micro_batches),
                  micro_batches == 1 ? " micro-batch, " : " micro-batches, ", in_percent(idle_share), " idle");
}

template <Schedule S>
[[nodiscard]] std::string description_of(work_cost const& cost) {
    std::string const backward =
        S::splits_backward ? joined("backward ", grouped(cost.backward_input), " for the gradients of its input and ",
                                    grouped(cost.backward_weights), " for those of its weights")
                           : joined("backward ", grouped(cost.backward_input + cost.backward_weights));
    return joined("A row a stage, a box a micro-batch. Forward through a stage takes ", grouped(cost.forward), ", ", backward,
                  ".");
}

} // namespace detail

template <Schedule S>
timeline timeline_of(int stages, int micro_batches, work_cost cost) {
    simulation const s = simulate<S>(stages, micro_batches, cost);
    if (!s.finishes)
        throw invalid_setting{
            {"draw_schedule", "a schedule that finishes", standstill_in_words(s), "Mend its order", "explanation/pipelines.md"}};
    timeline out{.id          = "schedule",
                 .title       = detail::title_of<S>(stages, micro_batches, s.idle_share()),
                 .description = detail::description_of<S>(cost),
                 .units       = s.units,
                 .kinds       = {"forward", S::splits_backward ? "gradients of the input" : "backward"},
                 .part_name   = "chunk",
                 .level_name  = S::chunks > 1 ? "chunks of micro-batches held" : "micro-batches held",
                 .rows        = {}};
    if (S::splits_backward) out.kinds.emplace_back("gradients of the weights");
    for (stage_run const& run : s.stage) {
        timeline_row row{
            joined("stage ", detail::grouped(static_cast<std::int64_t>(out.rows.size()))), {}, detail::held_over_time(run)};
        for (timed_task const& t : run.tasks) row.boxes.push_back(detail::box_of(t, S::chunks));
        out.rows.push_back(std::move(row));
    }
    return out;
}

} // namespace espalier

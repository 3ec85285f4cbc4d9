// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of draw.hpp: from the plans of a step, on a clock, to the timeline that is drawn. How it looks is not known here.
#pragma once

#include <espalier/partition/plan/clock.hpp>
#include <espalier/partition/plan/detail/action_words.hpp>
#include <espalier/partition/plan/detail/memory_use.hpp>
#include <espalier/partition/plan/draw.hpp>

#include <array>
#include <utility>

namespace espalier {
namespace detail {

/// Time in a picture: what is no computation takes 1, a part of a computation 4 times as much; in a pipeline, where a little delay
/// adds up from stage to stage, 10 times.
[[nodiscard]] constexpr action_costs drawn_costs(bool is_pipeline) noexcept {
    std::int64_t const part = is_pipeline ? 10 : 4;
    return {.forward = part, .backward_input = part, .backward_weights = part, .other = 1};
}

/// The colour of an action: an index of timeline::kinds; −1: none, it is no box.
[[nodiscard]] constexpr int box_kind(action_kind kind) noexcept {
    switch (kind) {
    case action_kind::forward: return 0;
    case action_kind::backward:
    case action_kind::backward_input: return 1;
    case action_kind::backward_weights: return 2;
    case action_kind::fold: return 3;
    case action_kind::load: return 4;
    case action_kind::update: return 5;
    case action_kind::clear: return 6;
    case action_kind::all_reduce:
    case action_kind::reduce_scatter:
    case action_kind::post_all_reduce:
    case action_kind::post_reduce_scatter: return 7;
    case action_kind::gather: return 8;
    case action_kind::share: return 9;
    case action_kind::measure: return 10;
    case action_kind::exchange: return 11;
    default: return -1;
    }
}

/// Names of colours, by the actions that occur.
[[nodiscard]] inline std::vector<std::string> box_names(std::span<plan_view const> plans) {
    std::vector<std::string> names(12, "");
    for (auto const& plan : plans)
        for (int i = 0; i < plan.count; ++i)
            if (int const kind = box_kind(plan.item[i].kind); kind >= 0) names[static_cast<std::size_t>(kind)] = name_of(plan.item[i].kind);
    return names;
}

/// Regions from the bottom up: what a rank always holds, then what comes and goes.
inline constexpr std::array<region_kind, memory_plan::regions> stacked_regions{
    region_kind::parameters, region_kind::optimizer_state, region_kind::gradients,   region_kind::gathered, region_kind::bucket, region_kind::input,
    region_kind::target,     region_kind::received,        region_kind::activations, region_kind::signals,  region_kind::scratch};

/// Bytes in use over time, a layer a region.
[[nodiscard]] inline std::vector<timeline_level> levels_of(plan_view const& plan, timed_rank const& run) {
    memory_use const use{plan};
    std::array<std::int64_t, memory_plan::regions> held{}, shown{};
    std::vector<timeline_level> out;
    auto const apply = [&](std::vector<memory_change> const& changes) {
        for (memory_change const& c : changes) held[static_cast<std::size_t>(c.region)] += c.elements * plan.memory.element_bytes;
    };
    auto const show_at = [&](std::int64_t at) {
        for (std::size_t layer = 0; layer < stacked_regions.size(); ++layer) {
            auto const region = static_cast<std::size_t>(stacked_regions[layer]);
            if (held[region] == shown[region]) continue;
            shown[region] = held[region];
            out.push_back({at, held[region], static_cast<int>(layer)});
        }
    };
    for (std::size_t i = 0; i < run.actions.size(); ++i) {
        apply(use.begins[i]);
        bool const lasts = run.actions[i].ends > run.actions[i].begins;
        if (lasts) show_at(run.actions[i].begins);
        apply(use.ends[i]);
        if (i + 1 == run.actions.size() || run.actions[i + 1].begins > run.actions[i].ends) show_at(run.actions[i].ends);
    }
    return out;
}

/// What stands within a box: the lane, and the micro-batch where a lane has several.
[[nodiscard]] inline std::string box_label(action const& a, int micro_batches) {
    if (a.lane < 0) return "";
    return micro_batches > 1 ? joined(std::to_string(a.lane), '.', std::to_string(a.micro_batch)) : std::to_string(a.lane);
}

/// "stage 1, tensor rank 0, lanes 2-3": where a rank stands, and which lanes are its replica's.
[[nodiscard]] inline std::string row_note(plan_view const& plan) {
    std::string out = plan.stages > 1 ? joined("stage ", std::to_string(plan.stage())) : "";
    if (plan.tensor_ranks > 1) out += joined(out.empty() ? "" : ", ", "tensor rank ", std::to_string(plan.tensor_rank()));
    if (out.empty() || plan.replicas() > 1) out += joined(out.empty() ? "" : ", ", "lanes ", to_text(plan.mine));
    return out;
}

[[nodiscard]] inline timeline_row row_of(plan_view const& plan, timed_rank const& run) {
    timeline_row row{.name   = joined("rank ", std::to_string(plan.rank)),
                     .boxes  = {},
                     .levels = levels_of(plan, run),
                     .note   = row_note(plan),
                     .room   = plan.memory.bytes()};
    for (std::size_t i = 0; i < run.actions.size(); ++i) {
        action const& a = plan.item[i];
        if (int const kind = box_kind(a.kind); kind >= 0)
            row.boxes.push_back({run.actions[i].begins, run.actions[i].ends, kind, computes(a.kind) ? a.chunk : 0, box_label(a, plan.micro_batches), in_words(plan, a)});
    }
    return row;
}

/// "A step on 4 ranks: 4 stages, 27.27 % idle"; a step that stands says where.
[[nodiscard]] inline std::string title_of(std::span<plan_view const> plans, timed_step const& run) {
    std::string out = joined("A step on ", counted(static_cast<std::int64_t>(plans.size()), "rank"));
    for (std::size_t r = 0; r < plans.size(); ++r)
        if (std::size_t const ran = run.rank[r].actions.size(); static_cast<int>(ran) < plans[r].count)
            return joined(out, ": rank ", std::to_string(r), " waits for ever at action ", std::to_string(ran), ", ", in_words(plans[r], plans[r].item[ran]));
    if (plans.empty() || plans[0].stages * plans[0].tensor_ranks == 1) return out;
    std::string const stages = plans[0].stages > 1 ? joined(counted(plans[0].stages, "stage"), ", ") : "";
    std::string const tensor = plans[0].tensor_ranks > 1 ? joined(counted(plans[0].tensor_ranks, "tensor rank"), ", ") : "";
    return joined(out, ": ", stages, tensor, counted(plans[0].replicas(), "replica"), ", ", in_percent(on_clock(plans).idle_share()), " idle");
}

} // namespace detail

inline timeline timeline_of(std::span<plan_view const> plans) {
    bool const pipelined = !plans.empty() && plans[0].stages > 1;
    auto const costs     = detail::drawn_costs(pipelined);
    timed_step const run = on_clock(plans, costs);
    int const chunks     = plans.empty() ? 1 : plans[0].chunks;
    timeline out{.id          = "plan",
                 .title       = detail::title_of(plans, run),
                 .description = joined("Forward through ", pipelined ? "a stage" : "all layers", " takes 1, each of the two parts of backward as much; what else is done is drawn thin."),
                 .units       = costs.forward * chunks,
                 .kinds       = detail::box_names(plans),
                 .part_name   = "chunk",
                 .level_name  = "bytes in use, and the room that the plan makes",
                 .rows        = {}};
    for (region_kind const region : detail::stacked_regions) out.layers.emplace_back(name_of(region));
    for (std::size_t r = 0; r < plans.size(); ++r) out.rows.push_back(detail::row_of(plans[r], run.rank[r]));
    for (timed_message const& m : run.messages)
        out.messages.push_back({m.from, m.to, m.leaves, m.comes, joined(m.direction == way::forward ? "forward" : "backward", " from rank ", std::to_string(m.from), " to rank ", std::to_string(m.to))});
    for (timed_meeting const& m : run.meetings)
        if (m.ranks.size() > 1) out.meetings.push_back({m.at, m.ranks});
    return out;
}

} // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The table of all ranks of a step. That of one rank is explain.hpp.
#pragma once

#include <espalier/partition/plan/clock.hpp>
#include <espalier/partition/plan/detail/action_words.hpp>
#include <espalier/partition/plan/explain.hpp>

#include <algorithm>
#include <array>
#include <tuple>

namespace espalier {
namespace detail {

using rank_cells = std::array<std::string, 9>;
inline constexpr std::size_t tensor_cell = 3;  ///< shown where there is such an axis

/// "0", "0, 4": the numbers of a rank's chunks in the network.
[[nodiscard]] inline std::string chunk_numbers(plan_view const& plan) {
    if (plan.stages == 1) return to_text(0, plan.chunks);
    std::string out;
    for (int i = 0; i < plan.chunks; ++i) out += joined(i > 0 ? ", " : "", plan.chunk[i].number);
    return out;
}

[[nodiscard]] inline rank_cells cells_of(plan_view const& plan, timed_step const& run, std::size_t r) {
    auto const ran         = static_cast<int>(run.rank[r].actions.size());
    std::string const idle = ran == plan.count ? in_percent(run.idle_share(r)) : joined("waits for ever at action ", ran, ", ", in_words(plan, plan.item[ran]));
    return {joined(plan.rank), joined(plan.stage()), joined(plan.replica()), joined(plan.tensor_rank()), to_text(plan.mine), chunk_numbers(plan), grouped(plan.memory.bytes()),
            grouped(plan.sent_elements), idle};
}

}  // namespace detail

inline std::string explain_all(std::span<plan_view const> plans) {
    timed_step const run = on_clock(plans);
    std::vector<detail::rank_cells> lines{{"rank", "stage", "replica", "tensor", "lanes", "chunks", "bytes", "sent", "idle"}};
    for (std::size_t r = 0; r < plans.size(); ++r) lines.push_back(detail::cells_of(plans[r], run, r));
    bool const has_tensor_ranks = !plans.empty() && plans[0].tensor_ranks > 1;
    std::array<std::size_t, std::tuple_size_v<detail::rank_cells>> width{};
    for (auto const& cells : lines)
        for (std::size_t i = 0; i < cells.size(); ++i)
            if (run.finishes || i + 1 < cells.size()) width[i] = std::max(width[i], cells[i].size());
    std::string out;
    for (auto const& cells : lines) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i == detail::tensor_cell && !has_tensor_ranks) continue;
            bool const is_list = i == 4 || i == 5;  // of lanes and chunks; the others are numbers
            line += joined("  ", is_list ? detail::left_in(cells[i], width[i]) : detail::right_in(cells[i], width[i]));
        }
        out += line + '\n';
    }
    return out;
}

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A plan in words and numbers for people: ranks, lanes, memory by kind, traffic, and the actions if wanted.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/partition/plan/plan.hpp>

#include <cstdio>
#include <string>

namespace espalier {

/// How much of a plan is shown.
struct explain_options {
    bool actions                = false;  ///< list every action
    std::size_t workspace_bytes = 0;      ///< what libraries hold beyond the plan, shown on a line of its own where above 0
};

namespace detail {

/// 1234567 as "1,234,567".
[[nodiscard]] inline std::string grouped(std::int64_t n) {
    std::string const digits = std::to_string(n);
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && digits[i - 1] != '-' && (digits.size() - i) % 3 == 0) out += ',';
        out += digits[i];
    }
    return out;
}

[[nodiscard]] inline std::string to_text(lane_range r) {
    return r.size() == 1 ? joined(r.first) : joined(r.first, "-", r.last - 1);
}

/// @param slots of the plan: where there is one, it is not named
[[nodiscard]] inline std::string to_line(action const& a, int slots) {
    std::string line = joined("  ", name_of(a.kind));
    line.resize(14, ' ');
    if (a.lane >= 0) line += joined("lane ", a.lane, "  micro-batch ", a.micro_batch, "  ");
    if (a.other >= 0) line += joined("buffer ", a.buffer, " += buffer ", a.other);
    else if (a.buffer >= 0) line += joined("buffer ", a.buffer);
    if (slots > 1 && a.lane >= 0) line += joined(a.buffer >= 0 ? "  slot " : "slot ", a.slot);
    while (line.back() == ' ') line.pop_back();
    return line + '\n';
}

}  // namespace detail

/// The plan as a table, a line each for ranks, lanes, partial sums, each kind of memory in bytes, and traffic.
/// @par Units     memory in bytes, traffic in elements a step sent by this rank
template <int Capacity>
[[nodiscard]] std::string explain(rank_plan<Capacity> const& plan, explain_options const& show = {}) {
    using detail::grouped;
    std::string out = joined("plan of rank ", plan.rank, " of ", plan.ranks, '\n');
    auto const line = [&](std::string_view what, std::string const& value) {
        std::string row = joined("  ", what);
        row.resize(22, ' ');
        out += row + value + '\n';
    };
    line("step", joined(plan.lanes, " lanes x ", plan.micro_batches, " micro-batches x ", plan.samples, " samples = ",
                        grouped(plan.samples_per_step()), " samples"));
    line("lanes of this rank", joined(detail::to_text(plan.mine), " (", plan.mine.size(), " of ", plan.lanes, ")"));
    std::string partials;
    for (int i = 0; i < plan.partials; ++i) partials += joined(i > 0 ? " " : "", "{", detail::to_text(plan.partial[i].lanes), "}");
    line("partial sums", joined(partials, " in ", plan.gradient_buffers, " gradient buffers"));
    line("actions", joined(plan.count, " a step"));
    if (plan.prefetched_slots > 0) line("prefetch", joined(plan.prefetched_slots, plan.prefetched_slots > 1 ? " slots" : " slot", ", filled ahead"));
    line("sent", joined(grouped(plan.sent_elements), " elements a step (", grouped(plan.sent_elements * plan.memory.element_bytes), " B)"));
    line("memory", joined(grouped(plan.memory.bytes()), " B, of these"));
    for (auto const& region : plan.memory.item) {
        char row[80];
        std::snprintf(row, sizeof row, "    %-18s%16s B\n", std::string{name_of(region.kind)}.c_str(),
                      grouped(region.elements * plan.memory.element_bytes).c_str());
        out += row;
    }
    if (show.workspace_bytes > 0) line("workspace", joined(grouped(static_cast<std::int64_t>(show.workspace_bytes)), " B beside the plan, held by libraries"));
    if (show.actions)
        for (int i = 0; i < plan.count; ++i) out += detail::to_line(plan.item[i], plan.slots());
    return out;
}

}  // namespace espalier

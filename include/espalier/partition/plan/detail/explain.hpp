// SPDX-License-Identifier: BSL-1.0
/// @file
/// The table of one rank's plan, line by line. What actions name is action_words.hpp, what they send traffic.hpp.
#pragma once

#include <espalier/partition/plan/detail/action_words.hpp>
#include <espalier/partition/plan/explain.hpp>
#include <espalier/partition/plan/traffic.hpp>

#include <algorithm>
#include <string_view>

namespace espalier {
namespace detail {

/// A line of the table, and one below it that says what it consists of.
[[nodiscard]] inline std::string table_line(std::string_view what, std::string const& value) {
    return joined(left_in(joined("  ", what), 22), value, '\n');
}
[[nodiscard]] inline std::string part_line(std::string_view what, std::string const& value) {
    return joined(left_in(joined("    ", what), 22), value, '\n');
}

/// Kinds of traffic, as a table names them.
inline constexpr std::string_view traffic_names[] = {"sends ahead", "sends home", "reduce", "gather", "exchange", "share", "measure"};
/// From here on they are numbers in double precision.
inline constexpr int first_traffic_in_doubles = 5;

/// Which kind of traffic an action is; −1: none.
[[nodiscard]] constexpr int traffic_of(action const& a) noexcept {
    switch (a.kind) {
    case action_kind::post_send: return a.direction == way::forward ? 0 : 1;
    case action_kind::all_reduce:
    case action_kind::reduce_scatter:
    case action_kind::post_all_reduce:
    case action_kind::post_reduce_scatter: return 2;
    case action_kind::gather: return 3;
    case action_kind::exchange: return 4;
    case action_kind::share: return 5;
    case action_kind::measure: return 6;
    default: return -1;
    }
}

/// "12,512 elements a step (50,048 B)", and by kind where there are several. Shared and measured numbers are in double precision.
[[nodiscard]] inline std::string explain_traffic(plan_view const& plan) {
    constexpr int kinds         = static_cast<int>(std::size(traffic_names));
    std::int64_t sent[kinds]    = {}, bytes[kinds] = {}, all_bytes = 0;
    for (int i = 0; i < plan.count; ++i) {
        int const kind = traffic_of(plan.item[i]);
        if (kind < 0) continue;
        std::int64_t const n = elements_sent(plan, plan.item[i]);
        sent[kind] += n;
        bytes[kind] += n * (kind < first_traffic_in_doubles ? plan.memory.element_bytes : std::int64_t{sizeof(double)});
    }
    for (std::int64_t const b : bytes) all_bytes += b;
    int const different = static_cast<int>(std::count_if(std::begin(sent), std::end(sent), [](std::int64_t n) { return n > 0; }));
    std::string out     = table_line("sent", joined(grouped(plan.sent_elements), " elements a step (", grouped(all_bytes), " B)", different > 1 ? ", of these" : ""));
    for (int kind = 0; kind < kinds && different > 1; ++kind)
        if (sent[kind] > 0) out += part_line(traffic_names[kind], joined(right_in(grouped(sent[kind]), 16), " elements", right_in(grouped(bytes[kind]), 16), " B"));
    return out;
}

/// A line for each chunk: "chunk 1   the network's 5: layers 10-11, 40,832 parameters, 96,000 elements in, 96,000 out".
[[nodiscard]] inline std::string explain_chunks(plan_view const& plan) {
    if (plan.all_chunks == 1) return "";
    std::string out = table_line("chunks", plan.stages == 1 ? counted(plan.chunks, "bucket") : joined(plan.chunks, " of the network's ", plan.all_chunks));
    for (int i = 0; i < plan.chunks; ++i) {
        chunk_plan const& c = plan.chunk[i];
        std::string const number = plan.stages == 1 ? "" : joined("the network's ", c.number, ": ");
        out += part_line(joined("chunk ", i), joined(number, c.last_layer - c.first_layer == 1 ? "layer " : "layers ", to_text(c.first_layer, c.last_layer), ", ",
                                                            grouped(c.parameters), " parameters, ", grouped(c.takes), " elements in, ", grouped(c.gives), " out"));
    }
    return out;
}

/// "stage 1 of 2, replica 0 of 2, tensor rank 1 of 2": what there is of it.
[[nodiscard]] inline std::string explain_place(plan_view const& plan) {
    if (plan.stages * plan.tensor_ranks == 1) return "";
    std::string out = plan.stages > 1 ? joined("stage ", plan.stage(), " of ", plan.stages, ", ") : "";
    out += joined("replica ", plan.replica(), " of ", plan.replicas());
    if (plan.tensor_ranks > 1) out += joined(", tensor rank ", plan.tensor_rank(), " of ", plan.tensor_ranks);
    return table_line("place", out);
}

/// How layers are cut, and what a micro-batch exchanges on its way through a chunk and home.
[[nodiscard]] inline std::string explain_slices(plan_view const& plan) {
    if (plan.slices == 1) return "";
    int const own   = plan.slices / plan.tensor_ranks;
    std::string out = table_line("layers", joined("cut in ", plan.slices, " slices, ", own == 1 ? "slice " : "slices ",
                                                  to_text(plan.tensor_rank() * own, (plan.tensor_rank() + 1) * own), " of this rank"));
    for (int i = 0; i < plan.chunks; ++i) {
        std::string each;
        for (way const direction : {way::forward, way::backward}) {
            auto const w = static_cast<std::size_t>(direction);
            if (plan.chunk[i].exchanges[w] > 0)
                each += joined(each.empty() ? "" : "; ", counted(plan.chunk[i].exchanges[w], "exchange"), w == 0 ? " forward, " : " backward, ",
                               grouped(plan.chunk[i].exchanged[w]), " elements sent");
        }
        if (!each.empty()) out += part_line(joined("chunk ", i), each);
    }
    return out;
}

/// What the schedule needs room for.
[[nodiscard]] inline std::string explain_slots(plan_view const& plan) {
    if (plan.prefetched_slots > 0) return table_line("prefetch", joined(counted(plan.prefetched_slots, "slot"), ", filled ahead"));
    if (plan.stages == 1) return "";
    std::string out = joined(plan.activation_slots, " of activations");
    if (plan.received_boxes > 0) out += joined(", ", plan.received_boxes, plan.received_boxes == 1 ? " box" : " boxes", " for what is received");
    if (plan.loads > 0) out += joined(", ", plan.load_slots, " of samples");
    return table_line("slots", out);
}

/// Which stage of ZeRO, and how much this rank owns.
[[nodiscard]] inline std::string explain_shards(plan_view const& plan) {
    if (plan.zero == zero_stage::none) return "";
    constexpr std::string_view of[] = {"", "optimizer state", "optimizer state and gradients", "optimizer state, gradients and parameters"};
    std::int64_t owned = 0, all = 0;
    for (int i = 0; i < plan.chunks; ++i) owned += plan.chunk[i].owned_parameters(), all += plan.chunk[i].parameters;
    auto const stage      = static_cast<int>(plan.zero);
    std::string const out = table_line("ZeRO", joined("stage ", stage, ": shards of ", of[stage], " on ", counted(plan.replicas(), "replica")));
    return out + part_line("owned", joined(grouped(owned), " of ", grouped(all), " parameters",
                                           plan.zero >= zero_stage::gradients && !plan.shards_gradients && plan.replicas() > 1
                                               ? "; whole gradients until they are reduced"
                                               : ""));
}

[[nodiscard]] inline std::string explain_memory(plan_view const& plan, std::size_t workspace_bytes) {
    std::string out = table_line("memory", joined(grouped(plan.memory.bytes()), " B, of these"));
    for (memory_region const& region : plan.memory.item)
        if (region.elements > 0) out += part_line(name_of(region.kind), joined(right_in(grouped(plan.memory.bytes_of(region.kind)), 16), " B"));
    if (workspace_bytes > 0) out += table_line("workspace", joined(grouped(static_cast<std::int64_t>(workspace_bytes)), " B beside the plan, held by libraries"));
    return out;
}

/// A line an action, what it names in columns of two blanks.
[[nodiscard]] inline std::string explain_actions(plan_view const& plan) {
    std::size_t widest = 10;
    for (int i = 0; i < plan.count; ++i) widest = std::max(widest, name_of(plan.item[i].kind).size());
    std::string out;
    for (int i = 0; i < plan.count; ++i) {
        std::string line = left_in(joined("  ", name_of(plan.item[i].kind)), widest + 4) + named_by(plan, plan.item[i], "  ");
        line.resize(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
    return out;
}

}  // namespace detail

inline std::string explain(plan_view const& plan, explain_options const& show) {
    using detail::table_line;
    std::string partials;
    for (int i = 0; i < plan.partials; ++i) partials += joined(i > 0 ? " " : "", "{", detail::to_text(plan.partial[i].lanes), "}");
    std::string out = joined("plan of rank ", plan.rank, " of ", plan.ranks, '\n');
    out += detail::explain_place(plan);
    out += table_line("step", joined(plan.lanes, " lanes x ", plan.micro_batches, " micro-batches x ", plan.samples, " samples = ",
                                     detail::grouped(plan.samples_per_step()), " samples"));
    out += table_line("lanes of this rank", joined(detail::to_text(plan.mine), " (", plan.mine.size(), " of ", plan.lanes, ")"));
    out += table_line("partial sums", joined(partials, " in ", plan.gradient_buffers, " gradient buffers"));
    out += detail::explain_chunks(plan) + detail::explain_slices(plan);
    out += table_line("actions", joined(plan.count, " a step"));
    out += detail::explain_slots(plan) + detail::explain_shards(plan) + detail::explain_traffic(plan) + detail::explain_memory(plan, show.workspace_bytes);
    if (show.actions) out += detail::explain_actions(plan);
    return out;
}

}  // namespace espalier

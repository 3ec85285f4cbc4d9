// SPDX-License-Identifier: BSL-1.0
/// @file
/// An action in words: its kind, and what it names of that which the plan has several of.
#pragma once

#include <espalier/partition/plan/detail/words.hpp>
#include <espalier/partition/plan/plan.hpp>

#include <string>
#include <string_view>

namespace espalier::detail {

[[nodiscard]] constexpr bool is_message(action_kind kind) noexcept {
    return kind == action_kind::post_send || kind == action_kind::post_recv || kind == action_kind::wait_send || kind == action_kind::wait_recv;
}
/// Whether an action is of one chunk: of none are waits, which name a direction, and what is done for all chunks at once.
[[nodiscard]] constexpr bool is_of_chunk(action_kind kind) noexcept {
    return kind != action_kind::wait_send && kind != action_kind::wait_recv && kind != action_kind::share && kind != action_kind::measure &&
           kind != action_kind::update;
}

/// "lane 3, micro-batch 0, chunk 1": all that an action names, without its kind.
/// @param between stands between two things
[[nodiscard]] inline std::string named_by(plan_view const& plan, action const& a, std::string_view between) {
    std::string out;
    auto const add = [&](std::string_view what, int number) { out += joined(out.empty() ? "" : between, what, ' ', std::to_string(number)); };
    if (is_message(a.kind)) {
        bool const sends = a.kind == action_kind::post_send || a.kind == action_kind::wait_send;
        out              = joined(a.direction == way::forward ? "forward" : "backward", sends ? " to rank " : " from rank ", std::to_string(a.peer));
    }
    if (a.lane >= 0) add("lane", a.lane), add("micro-batch", a.micro_batch);
    if (a.kind == action_kind::exchange) out += joined(between, a.direction == way::forward ? "forward" : "backward", between, counted(a.repeat, "time"));
    if (a.other >= 0) out += joined("buffer ", std::to_string(a.buffer), " += buffer ", std::to_string(a.other));
    else if (a.buffer >= 0) add("buffer", a.buffer);
    if (plan.chunks > 1 && is_of_chunk(a.kind) && (plan.stages > 1 || a.kind != action_kind::load)) add("chunk", a.chunk);
    bool const reads_samples = a.chunk >= 0 && a.chunk < plan.chunks && (plan.chunk[a.chunk].loads_input || plan.chunk[a.chunk].number == plan.all_chunks - 1);
    if (plan.slots() > 1 && a.lane >= 0 && reads_samples && a.kind != action_kind::exchange) add("slot", a.slot);
    bool const holds = computes(a.kind) || (a.kind == action_kind::post_send && a.direction == way::forward);
    if (plan.activation_slots > 1 && holds) add("activations", a.activations);
    if (a.box >= 0) add("box", a.box);
    return out;
}

/// An action as part of a sentence.
[[nodiscard]] inline std::string in_words(plan_view const& plan, action const& a) {
    std::string const names = named_by(plan, a, ", ");
    return joined(name_of(a.kind), names.empty() ? "" : " ", names);
}

}  // namespace espalier::detail

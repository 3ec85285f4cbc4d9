// SPDX-License-Identifier: BSL-1.0
/// @file
/// What can be wrong with the plans of a step, and the outcome of a proof. How it is found is prove.hpp's business.
#pragma once

#include <espalier/partition/plan/action.hpp>

#include <string_view>

namespace espalier {

/// What is wrong with a step.
enum class flaw : unsigned char {
    none,
    unknown_action,        ///< a kind that does not exist
    buffer_out_of_range,   ///< a buffer that the memory plan does not have
    dirty_buffer,          ///< accumulation into a buffer that was not cleared, or holds another lane
    foreign_lane,          ///< a lane that is not this rank's
    micro_batch_order,     ///< micro-batches must come in rising order, each once
    not_loaded,            ///< a computation whose input or target is not in its slot
    no_forward,            ///< backward without the forward of the same micro-batch before it
    incomplete_sum,        ///< a lane or node is used before all its micro-batches are in
    not_siblings,          ///< fold joins two nodes that are not the two halves of a node of the tree, or in the wrong order
    missing_partial,       ///< a partial sum that the reduction names is not in its buffer
    lanes_not_covered,     ///< the replicas' partial sums do not tile all lanes
    collective_mismatch,   ///< the ranks do not meet in the same collectives with the same sizes: one of them would wait for ever
    update_without_sum,    ///< the update reads a buffer that does not hold the sum over all lanes, or comes before what norms need
    no_update,             ///< the plan ends without exactly one update
    sizes_disagree,        ///< lanes, micro-batches, samples, stages, tensor ranks, slices or chunks differ between ranks
    memory_misstated,      ///< the memory plan does not hold what the actions use, or holds what none uses
    traffic_misstated,     ///< the stated number of elements sent is not what the actions send
    slot_out_of_range,     ///< a slot or a box that the plan does not have
    slot_order,            ///< slots that are filled ahead must be loaded and left in turn, each micro-batch once
    slot_in_use,           ///< a slot is loaded ahead while its micro-batch still waits for its backward, or is left waiting at the end
    chunk_out_of_range,    ///< a chunk that the rank does not have
    not_received,          ///< a computation whose input, or the gradient of whose output, has not come: another micro-batch, or nothing
    slot_in_flight,        ///< something is written, or read, between its post and its wait
    post_in_flight,        ///< a second post in one direction, or of one chunk's reduction, before the first was waited for
    wait_without_post,     ///< a wait for what was not posted
    message_sizes,         ///< the two ends of a message name different numbers of elements
    waits_for_ever,        ///< a wait whose other end is never posted: the ranks hang
    message_left,          ///< a message, or a reduction, that is still in flight when the step ends
    missing_exchange,      ///< a computation whose layers exchange that no exchange stands right before, or one of another number of exchanges
    exchange_without_computation, ///< an exchange that no computation of its micro-batch stands right behind, or one that exchanges nothing
    parameters_not_whole,  ///< a computation with parameters that are not gathered, or after the update; or a step that ends without them
};

[[nodiscard]] constexpr std::string_view name_of(flaw f) noexcept {
    constexpr std::string_view names[] = {"none", "unknown_action", "buffer_out_of_range", "dirty_buffer", "foreign_lane", "micro_batch_order",
                                          "not_loaded", "no_forward", "incomplete_sum", "not_siblings", "missing_partial",
                                          "lanes_not_covered", "collective_mismatch", "update_without_sum", "no_update", "sizes_disagree",
                                          "memory_misstated", "traffic_misstated", "slot_out_of_range", "slot_order", "slot_in_use",
                                          "chunk_out_of_range", "not_received", "slot_in_flight", "post_in_flight", "wait_without_post",
                                          "message_sizes", "waits_for_ever", "message_left", "missing_exchange", "exchange_without_computation", "parameters_not_whole"};
    return names[static_cast<int>(f)];
}

/// The outcome of a proof: `what` is `flaw::none`, or the first flaw with the rank and the position of the action that shows it.
struct verdict {
    flaw what  = flaw::none;
    int rank   = -1;
    int action = -1;

    [[nodiscard]] constexpr bool holds() const noexcept { return what == flaw::none; }
    friend constexpr bool operator==(verdict const&, verdict const&) noexcept = default;
};

}  // namespace espalier

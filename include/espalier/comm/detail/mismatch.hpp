// SPDX-License-Identifier: BSL-1.0
/// @file
/// The errors that all ranks of a group find alike when they read each other's notes: two operations, or summands that are no whole.
/// Finding them is the business of those who meet.
#pragma once

#include <espalier/comm/detail/note.hpp>
#include <espalier/comm/errors.hpp>
#include <espalier/core/error.hpp>

namespace espalier::detail {

/// Where the digests of two notes differ. Ranks count in the world.
[[noreturn]] inline void complain_of_mismatch(char const* entity, note const& first, int first_rank, note const& other, int other_rank) {
    throw mismatched_collective{
        {entity, "every rank of a group to join the same operation",
         joined(first.to_string(), " on rank ", first_rank, " and ", other.to_string(), " on rank ", other_rank, ", as operation ", first.sequence,
                " of group ", first.group),
         "Call the same operation in the same order with the same type and counts on every rank", "policies/communicator.md"}};
}

/// Where the summands of an ordered sum do not tile the tree over its lanes.
/// @param note_of the note of each of `ranks` ranks
template <class NoteOf>
[[noreturn]] void complain_of_summands(char const* entity, int lanes, int ranks, NoteOf const& note_of) {
    int summands = 0;
    for (int r = 0; r < ranks; ++r) summands += note_of(r).blocks;
    throw invalid_setting{{entity, joined("summands that tile the tree over ", lanes, " lanes"),
                           joined(summands, " summands of ", ranks, " ranks that do not"),
                           "Give the partial sums of maximal_subtrees(lanes, lanes_of(lanes, ranks, rank))", "policies/communicator.md"}};
}

}  // namespace espalier::detail

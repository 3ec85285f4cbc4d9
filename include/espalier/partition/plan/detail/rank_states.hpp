// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the symbolic run of a plan knows of a rank's buffers, slots, boxes and of what is in flight. How actions change it is rank_run.hpp.
#pragma once

#include <espalier/core/lane_tree.hpp>
#include <espalier/partition/plan/action.hpp>

#include <cstdint>

namespace espalier::detail {

/// What a gradient buffer holds.
struct sum_state {
    bool used  = false;
    bool clear = false;
    lane_range lanes;         ///< of the sum
    int inputs = 0;           ///< micro-batches of an unfinished lane that have come home
    int weights = 0;          ///< and whose weight gradients are in
};

/// How far the micro-batch in an activation slot has come.
enum class life : unsigned char { nothing, forwarded, came_home, spent };

struct activation_state {
    int micro_batch = -1;
    int chunk       = -1;
    life stage      = life::nothing;
    bool in_flight  = false;
};

/// What a box holds: a micro-batch at the border before chunk `chunk` of the network.
struct message_state {
    int micro_batch = -1;
    int chunk       = -1;
    bool in_flight  = false;

    [[nodiscard]] constexpr bool is(int m, int c) const noexcept { return micro_batch == m && chunk == c; }
};

/// One end of the channel between two ranks in one direction.
struct channel_end {
    enum class state : unsigned char { idle, posted, met } now = state::idle;
    int peer              = -1;
    std::int64_t elements = 0;
    bool* in_flight       = nullptr;  ///< the mark on what is sent or received
    message_state* into   = nullptr;  ///< where it is received
    message_state payload;
};

/// A reduction of a chunk's gradients between its post and its wait. The posts of a rank are numbered from 1: those of a group with one number
/// are one reduction.
struct posted_reduction {
    int number  = 0;      ///< 0: none is in flight
    int action  = 0;      ///< that posted it
    bool is_met = false;  ///< the whole group has posted it
};

/// What the ranks of a group have posted, by chunk.
template <int Chunks>
struct group_posts {
    int posted               = 0;   ///< the highest number of a post
    int number[Chunks]       = {};  ///< of the reduction that is not met yet
    int ranks[Chunks]        = {};  ///< that have posted it
    action_kind kind[Chunks] = {};

    /// Counts a rank's post number `number_of_it`. @return false where another rank's post of that number is another reduction
    constexpr bool counts(action const& a, int number_of_it) {
        if (ranks[a.chunk] == 0) {
            if (number_of_it <= posted) return false;
            posted = number[a.chunk] = number_of_it;
            kind[a.chunk]            = a.kind;
        }
        ++ranks[a.chunk];
        return number[a.chunk] == number_of_it && kind[a.chunk] == a.kind;
    }
};

}  // namespace espalier::detail

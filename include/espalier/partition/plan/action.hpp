// SPDX-License-Identifier: BSL-1.0
/// @file
/// The vocabulary of plans: what a rank can be told to do in a step. What an action does is train/'s business, whether a list
/// of them is right is prove.hpp's.
#pragma once

#include <string_view>

namespace espalier {

/// One kind of work. The network is cut into chunks of consecutive layers, of which a rank computes some; where it computes all, there
/// is one chunk, or one for each bucket of gradients.
enum class action_kind : unsigned char {
    clear,               ///< set gradient buffer `buffer` of a chunk to zero
    load,                ///< gather micro-batch `micro_batch` of lane `lane` into slot `slot`; where a thread fills slots ahead: wait for it
    forward,             ///< of a micro-batch through a chunk, from slot `slot`, box `box` or the chunk before, into the activations
    backward,            ///< the way home through a chunk, from the loss where it is the last; adds loss and gradients to buffer `buffer`
    backward_input,      ///< the first part of it: what the chunk before waits for; a layer that cannot be split does all of its work here
    backward_weights,    ///< the second part: gradients of weights, to buffer `buffer`
    fold,                ///< buffer += other, of a chunk: two sibling nodes of the lane tree become their parent
    post_send,           ///< offer the chunk's output (forward) or the gradient of its input (backward) to rank `peer`
    post_recv,           ///< say where the chunk's input (forward: box `box`) or the gradient of its output (backward) may be put by rank `peer`
    wait_send,           ///< until what was offered in this direction has been taken
    wait_recv,           ///< until what was asked for in this direction has come
    all_reduce,          ///< of a chunk's gradients: the sum over all lanes, from every replica's partial sums, into buffer 0
    reduce_scatter,      ///< the same, of which each replica gets its shard
    post_all_reduce,     ///< begins an all_reduce that goes on while the rank computes; until its wait nobody touches the chunk's gradients
    post_reduce_scatter, ///< the same, of which each replica gets its shard
    wait_reduce,         ///< until the reduction of a chunk that was posted is over
    share,               ///< among all ranks: loss, weight, wish to stop, and the sums of blocks that norms are made of
    measure,             ///< among all ranks: the sums of blocks for an optimizer that needs norms of tensors; it updates its moments here
    update,              ///< weights and optimizer state of what this rank owns, from buffer 0
    gather,              ///< the whole of a chunk's parameters, from the shards of all replicas
    exchange,            ///< with the computation behind it, `repeat` times, among the ranks of a tensor axis: what its layers need of each other
};
/// How many kinds there are.
inline constexpr int action_kinds = static_cast<int>(action_kind::exchange) + 1;

/// Which way a message goes: with the activations, or home with the gradients.
enum class way : unsigned char { forward, backward };

/// One line of a plan. Fields that a kind does not name are −1; chunk, slot and activations are then 0.
struct action {
    action_kind kind = action_kind::clear;
    int lane         = -1;
    int micro_batch  = -1;
    int buffer       = -1;
    int other        = -1;
    int slot         = 0;  ///< of input and target; in a plan with slots that are filled ahead counted from where the step begins (plan.hpp)
    int chunk        = 0;  ///< which of this rank's chunks
    int activations  = 0;  ///< which slot for activations
    int box          = -1; ///< where the chunk's input is received
    int peer         = -1; ///< rank in the world
    way direction    = way::forward;
    int repeat       = 0;  ///< exchanges

    friend constexpr bool operator==(action const&, action const&) noexcept = default;
};

[[nodiscard]] constexpr std::string_view name_of(action_kind kind) noexcept {
    constexpr std::string_view names[] = {"clear",     "load",      "forward",   "backward",   "backward_input",  "backward_weights",    "fold",
                                          "post_send", "post_recv", "wait_send", "wait_recv",  "all_reduce",      "reduce_scatter",      "post_all_reduce",
                                          "post_reduce_scatter",    "wait_reduce", "share",    "measure",         "update",              "gather",
                                          "exchange"};
    return names[static_cast<int>(kind)];
}

/// Whether an action computes with a micro-batch.
[[nodiscard]] constexpr bool computes(action_kind kind) noexcept {
    return kind == action_kind::forward || kind == action_kind::backward || kind == action_kind::backward_input || kind == action_kind::backward_weights;
}
/// Whether the layers of a chunk exchange in such a computation: a backward in two parts does so in the first.
[[nodiscard]] constexpr bool exchanges(action_kind kind) noexcept {
    return kind == action_kind::forward || kind == action_kind::backward || kind == action_kind::backward_input;
}
/// Which way a computation goes.
[[nodiscard]] constexpr way way_of(action_kind kind) noexcept { return kind == action_kind::forward ? way::forward : way::backward; }
/// Whether an action begins a reduction and does not wait for it.
[[nodiscard]] constexpr bool posts_reduction(action_kind kind) noexcept {
    return kind == action_kind::post_all_reduce || kind == action_kind::post_reduce_scatter;
}
/// Whether an action sums gradients over replicas, so that each has all of the sum, or its shard; at once or from its post on.
[[nodiscard]] constexpr bool sums_to_all(action_kind kind) noexcept { return kind == action_kind::all_reduce || kind == action_kind::post_all_reduce; }
[[nodiscard]] constexpr bool sums_to_shards(action_kind kind) noexcept {
    return kind == action_kind::reduce_scatter || kind == action_kind::post_reduce_scatter;
}
/// Whether an action waits until its group has come to it.
[[nodiscard]] constexpr bool is_collective(action_kind kind) noexcept {
    return kind == action_kind::all_reduce || kind == action_kind::reduce_scatter || kind == action_kind::share ||
           kind == action_kind::measure || kind == action_kind::gather || kind == action_kind::exchange;
}

}  // namespace espalier

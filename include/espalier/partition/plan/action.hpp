// SPDX-License-Identifier: BSL-1.0
/// @file
/// The vocabulary of plans: what a rank can be told to do in a step. What an action does is train/'s business, whether a list
/// of them is right is prove.hpp's.
#pragma once

#include <string_view>

namespace espalier {

/// One kind of work.
enum class action_kind : unsigned char {
    clear,       ///< set gradient buffer `buffer` to zero
    load,        ///< gather micro-batch `micro_batch` of lane `lane` into slot `slot`; where a thread fills slots ahead: wait for it
    forward,     ///< of the micro-batch in slot `slot` through all layers to the loss; adds the loss to buffer `buffer`
    backward,    ///< from the loss to all gradients; adds to buffer `buffer`, and is the last to read slot `slot`
    fold,        ///< buffer += other: two sibling nodes of the lane tree become their parent
    all_reduce,  ///< the sum over all lanes, from every rank's partial sums, into buffer 0
    update,      ///< weights and optimizer state, from buffer 0
};

/// One line of a plan. Fields that a kind does not name are −1, the slot 0.
struct action {
    action_kind kind = action_kind::clear;
    int lane         = -1;
    int micro_batch  = -1;
    int buffer       = -1;
    int other        = -1;
    int slot         = 0;  ///< of input and target; in a plan with slots that are filled ahead counted from where the step begins (plan.hpp)

    friend constexpr bool operator==(action const&, action const&) noexcept = default;
};

[[nodiscard]] constexpr std::string_view name_of(action_kind kind) noexcept {
    constexpr std::string_view names[] = {"clear", "load", "forward", "backward", "fold", "all_reduce", "update"};
    return names[static_cast<int>(kind)];
}

}  // namespace espalier

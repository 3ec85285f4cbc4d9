// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a pipeline schedule is: for each stage, in which order it computes the micro-batches of a step.
/// The shipped ones are in schedules/, when each task runs is in simulate.hpp; sends and receives are the plan's business.
#pragma once

#include <espalier/core/error.hpp>

#include <concepts>
#include <string_view>

namespace espalier {

/// What a stage computes. A schedule has `backward`, or it has the two parts of it.
enum class work : unsigned char {
    forward,          ///< of a micro-batch through a chunk of the network
    backward,         ///< both parts, one after the other
    backward_input,   ///< the gradient of the chunk's input, which the stage before it waits for
    backward_weights, ///< the gradients of the chunk's weights, which nobody waits for
};

/// The name of a kind of work, as in code.
[[nodiscard]] constexpr std::string_view name_of(work kind) noexcept {
    constexpr std::string_view names[] = {"forward", "backward", "backward_input", "backward_weights"};
    return names[static_cast<int>(kind)];
}

/// One computation of a stage.
struct task {
    work kind       = work::forward;
    int micro_batch = 0; ///< 0 … M − 1
    int chunk       = 0; ///< which of the stage's chunks, 0 … v − 1: chunk i of stage s is chunk i·P + s of the network

    friend constexpr bool operator==(task const&, task const&) noexcept = default;
};

namespace detail {
[[noreturn]] inline void refuse_another_task(int capacity) {
    throw invalid_setting{{"schedule", "room for every task of a stage", joined("an order of ", capacity, " and another one"),
                           "Let the order's capacity be tasks_of<S>(micro_batches)", "explanation/pipelines.md"}};
}
[[noreturn]] inline void refuse_stage(int stages, int stage, int micro_batches) {
    throw invalid_setting{{"schedule", "at least one micro-batch and a stage of 0 … stages − 1",
                           joined("stage ", stage, " of ", stages, " and ", micro_batches, " micro-batches"),
                           "Ask for a stage that there is", "explanation/pipelines.md"}};
}
} // namespace detail

/// What one stage computes in a step, in order.
template <int Capacity>
struct stage_order {
    task item[Capacity] = {};
    int count           = 0;

    /// @throws invalid_setting where there is no room (at compile time: does not compile)
    constexpr void add(task t) {
        if (count == Capacity) detail::refuse_another_task(Capacity);
        item[count++] = t;
    }
};

/// A schedule: a stateless type whose `order` is a pure function, used at compile time and at run time.
///
/// Every micro-batch passes every chunk forward once and backward once, or once through each part of backward. Within a chunk
/// `forward` comes in rising order of micro-batches, and so does what adds to weight gradients, `backward` or `backward_weights`:
/// for this reason every schedule gives the same bits. See docs/explanation/pipelines.md for how to write one.
///
///     chunks           v: chunks of the network that a stage holds; 1 where stages are in one piece
///     splits_backward  whether backward comes as backward_input and backward_weights
///     name             as people call it
///     order            of P stages, of stage s, of M micro-batches; works for every P ≥ 1, s < P, M ≥ 1
template <class S>
concept Schedule = requires(int stages, int stage, int micro_batches) {
    { S::chunks } -> std::convertible_to<int>;
    { S::splits_backward } -> std::convertible_to<bool>;
    { S::name } -> std::convertible_to<std::string_view>;
    { S::template order<8>(stages, stage, micro_batches) } -> std::same_as<stage_order<8>>;
};

/// How many tasks a stage has in a step: what `order` needs room for.
template <Schedule S>
[[nodiscard]] constexpr int tasks_of(int micro_batches) noexcept {
    return micro_batches * S::chunks * (S::splits_backward ? 3 : 2);
}

/// What every schedule asks of its arguments.
/// @throws invalid_setting where there is no such stage or no micro-batch (at compile time: does not compile)
constexpr void check_stage(int stages, int stage, int micro_batches) {
    if (stage < 0 || stage >= stages || micro_batches < 1) detail::refuse_stage(stages, stage, micro_batches);
}

} // namespace espalier

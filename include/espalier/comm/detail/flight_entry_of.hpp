// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the flight recorder keeps of an operation: what it says of itself to other ranks, without the memory.
#pragma once

#include <espalier/comm/detail/note.hpp>
#include <espalier/comm/flight_recorder.hpp>

#include <cstdint>
#include <string_view>

namespace espalier::detail {

/// Takes the place of a note's writer where an operation describes itself.
class flight_writer {
public:
    explicit flight_writer(flight_entry& e) noexcept : entry_{e} {}

    void count(std::int64_t n) noexcept { entry_.count = n; }
    void parameter(char const* name, std::int64_t value) noexcept {
        entry_.parameter_name = name;
        entry_.parameter      = value;
    }
    template <class... Memory>
    void operand(Memory const&...) noexcept {}
    template <class... Memory>
    void operands(Memory const&...) noexcept {}
    template <class... Memory>
    void result(Memory const&...) noexcept {}
    void stage() noexcept {}

private:
    flight_entry& entry_;
};

/// @param sequence the operation's number in its group, from 1
template <class Operation>
[[nodiscard]] flight_entry flight_entry_of(Operation const& op, std::uint64_t group, std::uint64_t sequence, call_site at, bool is_posted) noexcept {
    constexpr auto const& what = Operation::record;
    flight_entry e{.group = group, .sequence = sequence, .operation = what.operation.value, .element = what.type, .reduction = what.by, .at = at, .is_posted = is_posted};
    flight_writer w{e};
    op.describe(w);
    return e;
}

/// A send or a receive, which no group counts.
/// @param peer "to" or "from", and the rank of the world
template <class T>
[[nodiscard]] flight_entry flight_entry_of_post(std::uint64_t group, char const* operation, std::int64_t n, char const* peer, int world_rank, call_site at) noexcept {
    return {.group = group, .operation = operation, .element = record_of<T>.name, .count = n, .parameter_name = peer, .parameter = world_rank, .at = at, .is_posted = true};
}

/// An operation of the recorder that ends with the scope: failed where an exception leaves it.
class flight_leg {
public:
    flight_leg(flight_recorder& r, flight_recorder::ticket t) noexcept : recorder_{r}, ticket_{t} {}
    flight_leg(flight_leg const&)            = delete;
    flight_leg& operator=(flight_leg const&) = delete;
    ~flight_leg() { recorder_.end(ticket_, !is_done_); }
    void is_done() noexcept { is_done_ = true; }

private:
    flight_recorder& recorder_;
    flight_recorder::ticket ticket_;
    bool is_done_ = false;
};

}  // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The flight recorder of a rank: the last 4,096 operations that it began, kept at all times. It writes no file (flight_file.hpp) and
/// compares no ranks (flight_report.hpp).
#pragma once

#include <espalier/comm/detail/tick_clock.hpp>
#include <espalier/core/call_site.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace espalier {

/// What is known of an operation when it begins. The texts are literals or static otherwise: they outlive every recorder.
struct flight_entry {
    std::uint64_t group        = 0;       ///< even, the same on all its ranks and on no others; 0: the world; 1 more: what it posts
    std::uint64_t sequence     = 0;       ///< counts the group's collective operations, alike on all its ranks
    char const* operation      = "";      ///< "all_reduce", "post_send"
    std::string_view element   = {};      ///< "float"; empty where no elements travel
    std::int64_t count         = 0;       ///< of elements
    std::string_view reduction = {};      ///< "sum"; empty where nothing is reduced
    char const* parameter_name = "";      ///< "root", "lanes"; "to" and "from" say that the operation is between two ranks
    std::int64_t parameter     = 0;
    call_site at               = {};
    bool is_posted             = false;   ///< the caller goes on meanwhile, and waits for it later
};

/// How far an operation has come.
enum class flight_state { under_way = 1, done = 3, failed = 4 };

/// An operation as it was recorded.
struct flight_record {
    std::uint64_t ticket = 0;             ///< counts the operations of the rank
    flight_entry entry;
    std::int64_t begins_ns = 0;           ///< of the steady clock
    std::int64_t ends_ns   = 0;           ///< of the steady clock; 0 while it is under way
    flight_state state     = flight_state::under_way;
};

/// A ring of the last operations of one rank. Any thread may begin and end operations and read, at any time, without a lock.
/// An operation still under way after 4,096 others is forgotten. Where a thread sleeps between two instructions while others go
/// once round the ring, the one operation that it meets there may be lost.
/// @par Ranks     local
/// @par Cost      two looks at a clock, one counter that is shared, and 19 stores an operation; allocates once, 512 kB
class flight_recorder {
public:
    using ticket = std::uint64_t;
    static constexpr std::size_t capacity = 4096;

    flight_recorder();
    ~flight_recorder()                                 = default;
    flight_recorder(flight_recorder const&)            = delete;
    flight_recorder& operator=(flight_recorder const&) = delete;

    /// Records that an operation begins now.
    ticket begin(flight_entry const& e) noexcept;
    /// Records that it ends now; once an operation is over or forgotten this does nothing.
    void end(ticket t, bool failed = false) noexcept;

    /// How many operations were begun, those that are forgotten included.
    [[nodiscard]] std::uint64_t begun() const noexcept { return next_.load(std::memory_order_relaxed); }
    /// What is in the ring, the oldest first; one that is just being written may be missing.
    /// @throws std::bad_alloc
    [[nodiscard]] std::vector<flight_record> records() const;
    /// When the recorder was made, in nanoseconds of the steady clock.
    [[nodiscard]] std::int64_t made_ns() const noexcept { return made_.steady_ns; }
    /// Added to a time of the steady clock it gives nanoseconds since 1970, so that ranks can be compared.
    [[nodiscard]] std::int64_t system_offset_ns() const noexcept { return made_.system_ns - made_.steady_ns; }

private:
    struct slot;
    [[nodiscard]] bool read(ticket t, flight_record& r) const noexcept;

    std::atomic<std::uint64_t> next_{0};
    std::unique_ptr<slot[]> ring_;
    detail::tick_clock clock_;
    detail::tick_clock::moment made_;
};

}  // namespace espalier

#include <espalier/comm/detail/flight_ring.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the logs of all ranks say together: who is out of step, who disagrees with whom, who failed first, who comes last.
/// Reading files is flight_log.hpp; nothing here asks for ranks that still run.
#pragma once

#include <espalier/comm/flight_log.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace espalier {

/// One operation of one log.
struct flight_part {
    std::size_t log       = 0;  ///< indices of flight_report::logs and flight_log::operations
    std::size_t operation = 0;
};

/// A collective operation over all ranks that came to it.
struct flight_meeting {
    std::uint64_t group    = 0;
    std::uint64_t sequence = 0;
    std::vector<flight_part> parts;   ///< by rising rank
    std::vector<int> absent;          ///< ranks that never reached it, though they belong to the group
    std::int64_t first_ns = 0;        ///< when the first of them came, since 1970
    std::int64_t last_ns  = 0;        ///< when the last of them came
    bool is_over          = true;     ///< for all ranks, and without a failure
    bool is_agreed        = true;     ///< all came for the same
    bool is_first_missed  = false;    ///< some absent rank reached the one before
};

/// The failure that came before all others.
struct flight_failure {
    int rank = -1;                    ///< −1: none, or nobody knows whose
    std::string failure_class = {};   ///< empty: no rank reports a failure
    std::string text          = {};
    std::int64_t at_ns        = 0;    ///< since 1970
    bool is_hearsay           = false;  ///< told only by ranks that saw it fail
};

/// The rank that keeps the others waiting.
struct flight_lateness {
    int rank             = -1;        ///< −1: no complete operation to judge by
    int times_last       = 0;
    int meetings         = 0;
    double mean_late_ns  = 0;         ///< after the first to come
};

/// All that is known of a run that failed.
struct flight_report {
    std::vector<flight_log> logs;               ///< by rising rank
    std::vector<int> without_file;
    std::vector<flight_meeting> meetings;       ///< by the time at which the first rank came
    std::vector<flight_part> open_messages;     ///< sends and receives that are not over
    flight_failure first_failure;
    flight_lateness slowest;

    [[nodiscard]] flight_operation const& operation(flight_part p) const { return logs[p.log].operations[p.operation]; }
    /// Whether ranks were out of step there, disagreed, or did not get through.
    [[nodiscard]] static bool is_trouble(flight_meeting const& m) noexcept {
        return m.is_first_missed || !m.is_agreed || (!m.is_over && m.absent.empty());
    }
    /// Whether every rank left a file, none reports a failure, and all operations are over.
    [[nodiscard]] bool is_well() const noexcept {
        bool all_over = without_file.empty() && first_failure.failure_class.empty() && open_messages.empty();
        for (flight_meeting const& m : meetings) all_over = all_over && !is_trouble(m);
        return all_over;
    }
};

/// Compares the logs of a run.
///
/// Operations are matched by group and number. A rank belongs to the world, and to a group of which it has joined or posted any operation;
/// so in a part made by `split`, a rank that has joined nothing yet is not missed.
/// An operation that ended well on all ranks is in step whatever its counts.
/// @param logs  by rising rank, one at least, of one run, as `read_flight_logs` gives them
/// @param last  over how many of the last complete operations lateness is judged
[[nodiscard]] flight_report compare_flights(std::vector<flight_log> logs, int last = 100);

/// The report for a terminal: what is wrong first, then what each rank did last, then the last operations.
/// @param last  how many operations the table has
[[nodiscard]] std::string to_text(flight_report const& report, int last = 10);

}  // namespace espalier

#include <espalier/comm/detail/flight_compare.hpp>
#include <espalier/comm/detail/flight_text.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of to_text: a report as sections for a terminal, each left out where it has nothing to say.
/// What is true of the run is found in flight_compare.hpp.
#pragma once

#include <espalier/comm/detail/flight_words.hpp>
#include <espalier/comm/flight_report.hpp>

#include <algorithm>

namespace espalier {
namespace detail {

/// Sections that could have a line for each of thousands of ranks or operations end after this many.
inline constexpr std::size_t longest_flight_section = 64;

[[nodiscard]] inline std::string more_than(std::size_t all, std::size_t shown, char const* of_what) {
    return all > shown ? joined("    … and ", all - shown, " more ", of_what, "\n") : std::string{};
}

[[nodiscard]] inline std::string meeting_name(flight_meeting const& m) { return joined("operation ", m.sequence, " of group ", m.group); }

/// "under way", "failed after 1.20 ms"
[[nodiscard]] inline std::string progress_in_words(flight_operation const& o) {
    if (o.state == flight_state::under_way) return "under way";
    return joined(state_name(o.state), " after ", duration_in_words(o.ends_ns - o.begins_ns));
}

/// "all_reduce of 12 float by sum (train.cpp:40), operation 6 of group 0, done after 1.20 ms"
[[nodiscard]] inline std::string last_operation_of(flight_log const& log) {
    if (log.operations.empty()) return "none";
    flight_operation const& o = log.operations.back();
    return joined(o.what(), " (", o.where(), ")", o.is_collective() ? joined(", operation ", o.sequence, " of group ", o.group) : std::string{}, ", ",
                  progress_in_words(o));
}

/// Ranks that came for the same, with the same outcome, share a line.
[[nodiscard]] inline std::string sides_of(flight_report const& report, flight_meeting const& m) {
    struct side {
        std::vector<int> ranks;
        std::string what, where, outcome;
    };
    std::vector<side> sides;
    for (flight_part const& p : m.parts) {
        flight_operation const& o = report.operation(p);
        side const mine{{}, o.what(), o.where(), state_name(o.state)};
        auto const same = std::find_if(sides.begin(), sides.end(), [&](side const& s) {
            return s.what == mine.what && s.where == mine.where && s.outcome == mine.outcome;
        });
        auto& to = same != sides.end() ? *same : (sides.push_back(mine), sides.back());
        to.ranks.push_back(report.logs[p.log].rank());
    }
    std::vector<std::vector<std::string>> rows;
    for (side const& s : sides) rows.push_back({ranks_in_words(s.ranks), s.what, s.where, s.outcome});
    for (flight_log const& log : report.logs)
        if (std::binary_search(m.absent.begin(), m.absent.end(), log.rank()) && rows.size() < longest_flight_section)
            rows.push_back({joined("rank ", log.rank()), joined("did not come; its last operation: ", last_operation_of(log))});
    return in_columns(rows);
}

/// "out of step: operation 6 of group 0, rank 1 did not come"
[[nodiscard]] inline std::string trouble_of(flight_meeting const& m) {
    if (!m.absent.empty())
        return joined("out of step: ", meeting_name(m), ", ", ranks_in_words(m.absent), " did not come", m.is_agreed ? "" : ", and those who came disagree");
    return joined(m.is_agreed ? "not through: " : "disagreement: ", meeting_name(m));
}

[[nodiscard]] inline std::string troubles_in_words(flight_report const& report) {
    constexpr std::size_t most = longest_flight_section / 4;
    std::string out;
    std::size_t count = 0;
    for (flight_meeting const& m : report.meetings)
        if (flight_report::is_trouble(m) && ++count <= most) out.append(trouble_of(m)).append("\n").append(sides_of(report, m));
    return out.append(more_than(count, most, "operations that did not end well"));
}

[[nodiscard]] inline std::string messages_in_words(flight_report const& report) {
    if (report.open_messages.empty()) return "";
    std::vector<std::vector<std::string>> rows;
    for (flight_part const& p : report.open_messages) {
        flight_operation const& o = report.operation(p);
        if (rows.size() < longest_flight_section) rows.push_back({joined("rank ", report.logs[p.log].rank()), o.what(), o.where(), progress_in_words(o)});
    }
    return "sends and receives that are not over:\n" + in_columns(rows) + more_than(report.open_messages.size(), rows.size(), "of them");
}

/// Whether a log tells of a failure of its own rank.
[[nodiscard]] inline bool fails_itself(flight_log const& log) {
    return log.has_failure() && (log.header.failed_rank < 0 || log.header.failed_rank == log.rank());
}

/// Whom else the same failure met: an error that all ranks throw alike is no one rank's.
[[nodiscard]] inline std::string companions_of(flight_failure const& f, std::vector<flight_log> const& logs) {
    std::vector<int> alike;
    for (flight_log const& log : logs)
        if (!f.is_hearsay && log.rank() != f.rank && fails_itself(log) && log.header.failure_class == f.failure_class && log.header.failure == f.text)
            alike.push_back(log.rank());
    return alike.empty() ? std::string{} : joined(", and alike by ", ranks_in_words(alike));
}

[[nodiscard]] inline std::string failure_in_words(flight_report const& report) {
    flight_failure const& f = report.first_failure;
    if (f.failure_class.empty()) return "no rank reports a failure\n";
    bool const is_seen_by   = f.failure_class == "mismatched_collective" || f.failure_class == "deadline_passed";  // nobody's own fault alone
    std::string const whose = f.rank < 0 ? std::string{"of a rank that is not known"} : joined(f.is_hearsay ? "of rank " : is_seen_by ? "seen by rank " : "on rank ", f.rank);
    return joined("first failure: ", f.failure_class, " ", whose, ", ", moment_in_words(f.at_ns), companions_of(f, report.logs),
                  f.is_hearsay ? ", as the other ranks heard" : "", "\n    ", f.text, "\n");
}

[[nodiscard]] inline std::string ranks_table(flight_report const& report) {
    std::vector<std::vector<std::string>> rows{{"rank", "host", "process", "operations", "failure", "last operation"}};
    for (flight_log const& log : report.logs) {
        if (rows.size() > longest_flight_section) break;
        rows.push_back({std::to_string(log.rank()), log.header.host, std::to_string(log.header.process), std::to_string(log.begun),
                        !log.has_failure() ? "none" : fails_itself(log) ? log.header.failure_class : joined("that of rank ", log.header.failed_rank),
                        last_operation_of(log)});
    }
    return "ranks:\n" + in_columns(rows) + more_than(report.logs.size(), rows.size() - 1, "ranks");
}

/// "rank 1, after 388 us", "rank 2 never"; empty where there is only one.
[[nodiscard]] inline std::string last_to_come(flight_report const& report, flight_meeting const& m) {
    if (!m.absent.empty()) return ranks_in_words(m.absent) + " never";
    for (flight_part const& p : m.parts)
        if (report.operation(p).begins_ns == m.last_ns && m.parts.size() > 1)
            return joined("rank ", report.logs[p.log].rank(), ", after ", duration_in_words(m.last_ns - m.first_ns));
    return "";
}

/// One line an operation, its time counted back from the end of the last of all.
[[nodiscard]] inline std::string meetings_table(flight_report const& report, std::size_t last) {
    auto const& all         = report.meetings;
    std::size_t const first = all.size() - std::min(all.size(), last);
    std::vector<std::vector<std::string>> rows{{"begins", "group", "number", "came", "last to come", "then took", "operation"}};
    std::int64_t const end = all.empty() ? 0 : std::max_element(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.last_ns < b.last_ns; })->last_ns;
    for (std::size_t i = first; i < all.size(); ++i) {
        flight_meeting const& m = all[i];
        std::int64_t ended      = m.last_ns;
        for (flight_part const& p : m.parts) ended = std::max(ended, report.operation(p).ends_ns);
        flight_operation const& o = report.operation(m.parts.front());
        rows.push_back({duration_in_words(m.first_ns - end), std::to_string(m.group), std::to_string(m.sequence),
                        joined(m.parts.size(), " of ", m.parts.size() + m.absent.size()), last_to_come(report, m),
                        m.is_over ? duration_in_words(ended - m.last_ns) : "not over",
                        joined(o.what(), " (", o.where(), ")", m.is_agreed ? "" : " and others")});
    }
    if (rows.size() == 1) return "";
    return joined("the last ", rows.size() - 1, " of ", all.size(), " collective operations:\n", in_columns(rows));
}

}  // namespace detail

inline std::string to_text(flight_report const& report, int last) {
    auto const& h   = report.logs.front().header;
    std::string out = joined(h.size, h.size == 1 ? " rank" : " ranks", " of ", h.communicator, ", ", report.logs.size(),
                             report.logs.size() == 1 ? " file\n" : " files\n");
    if (!report.without_file.empty())
        out.append(joined(detail::ranks_in_words(report.without_file),
                          report.without_file.size() == 1 ? " has left no file: its process was killed, or it runs on another node\n"
                                                          : " have left no file: their processes were killed, or they run on another node\n"));
    out.append(detail::failure_in_words(report)).append("\n");
    std::string const troubles = detail::troubles_in_words(report).append(detail::messages_in_words(report));
    if (!troubles.empty()) out.append(troubles).append("\n");
    else out.append("every operation was joined by all, and is over\n\n");
    if (flight_lateness const& s = report.slowest; s.meetings > 0 && s.mean_late_ns > 0)
        out.append(joined("slowest to come: rank ", s.rank, ", the last at ", s.times_last, " of the last ", s.meetings,
                          " complete operations, on average ", detail::duration_in_words(s.mean_late_ns), " after the first\n\n"));
    out.append(detail::ranks_table(report));
    if (std::string const table = detail::meetings_table(report, static_cast<std::size_t>(std::max(last, 0))); !table.empty())
        out.append("\n").append(table);
    return detail::for_terminal(std::move(out));
}

}  // namespace espalier

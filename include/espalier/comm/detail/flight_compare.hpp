// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of compare_flights: operations brought together by group and number, and what follows from who is there.
/// How it is said is flight_text.hpp.
#pragma once

#include <espalier/comm/flight_report.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace espalier {
namespace detail {

/// (group, number)
using flight_key = std::pair<std::uint64_t, std::uint64_t>;

/// How far each rank came in each group.
class flight_progress {
public:
    explicit flight_progress(std::vector<flight_log> const& logs) : logs_{logs}, reached_(logs.size()) {
        for (std::size_t l = 0; l < logs.size(); ++l)
            for (flight_operation const& o : logs[l].operations)
                if (o.is_collective()) {
                    auto& last = reached_[l].try_emplace(o.group, o.sequence).first->second;
                    last       = std::max(last, o.sequence);
                }
    }
    /// Whether a rank that belongs to the group never came as far. What a ring has forgotten, its rank had reached.
    [[nodiscard]] bool is_behind(std::size_t log, flight_key const& key) const {
        auto const reached = reached_[log].find(key.first);
        if (reached != reached_[log].end()) return reached->second < key.second;
        return is_member(log, key.first) && logs_[log].begun <= logs_[log].operations.size();
    }

private:
    /// The group, or the other half of the pair of what blocks and what is posted.
    [[nodiscard]] bool is_member(std::size_t log, std::uint64_t group) const { return group < 2 || reached_[log].count(group ^ 1) > 0; }

    std::vector<flight_log> const& logs_;
    std::vector<std::map<std::uint64_t, std::uint64_t>> reached_;  ///< by log: the highest number in each group
};

/// Whether a rank came for another thing than the first. Ranks may bring different counts to some operations; these tell of a mistake only
/// where the communicator has found one.
[[nodiscard]] inline bool came_for_another(flight_operation const& a, flight_operation const& b, bool counts_too) {
    return a.operation != b.operation || a.element != b.element || a.reduction != b.reduction || a.parameter_name != b.parameter_name ||
           a.parameter != b.parameter || (counts_too && a.count != b.count);
}

inline void judge_meeting(flight_meeting& m, flight_report const& report, bool counts_too) {
    flight_operation const& first = report.operation(m.parts.front());
    m.first_ns = m.last_ns = first.begins_ns;
    for (flight_part const& p : m.parts) {
        flight_operation const& o = report.operation(p);
        m.first_ns                = std::min(m.first_ns, o.begins_ns);
        m.last_ns                 = std::max(m.last_ns, o.begins_ns);
        m.is_over                 = m.is_over && o.state == flight_state::done;
    }
    for (flight_part const& p : m.parts) m.is_agreed = m.is_agreed && (m.is_over || !came_for_another(first, report.operation(p), counts_too));
    m.is_over = m.is_over && m.absent.empty();
}

[[nodiscard]] inline std::vector<flight_meeting> meetings_of(flight_report const& report) {
    std::map<flight_key, flight_meeting> found;
    bool counts_too = false;
    for (std::size_t l = 0; l < report.logs.size(); ++l) {
        counts_too           = counts_too || report.logs[l].header.failure_class == "mismatched_collective";
        auto const& all      = report.logs[l].operations;
        for (std::size_t o = 0; o < all.size(); ++o) {
            if (!all[o].is_collective()) continue;
            flight_meeting& m = found[{all[o].group, all[o].sequence}];
            if (m.parts.empty() || m.parts.back().log != l) m.parts.push_back({l, o});
        }
    }
    flight_progress const progress{report.logs};
    std::set<std::pair<std::uint64_t, std::size_t>> behind;  // (group, log)
    std::vector<flight_meeting> out;
    for (auto& [key, m] : found) {
        m.group    = key.first;
        m.sequence = key.second;
        for (std::size_t l = 0; l < report.logs.size(); ++l)
            if (progress.is_behind(l, key)) {
                m.absent.push_back(report.logs[l].rank());
                m.is_first_missed = behind.insert({key.first, l}).second || m.is_first_missed;
            }
        judge_meeting(m, report, counts_too);
        out.push_back(std::move(m));
    }
    std::stable_sort(out.begin(), out.end(), [](flight_meeting const& a, flight_meeting const& b) { return a.first_ns < b.first_ns; });
    return out;
}

/// The earliest failure that is told with its own class; where all that is known comes from ranks that saw another one fail, the earliest of that.
[[nodiscard]] inline flight_failure first_failure_of(std::vector<flight_log> const& logs) {
    flight_failure first;
    for (bool const hearsay : {false, true}) {
        for (flight_log const& log : logs) {
            auto const& h      = log.header;
            bool const is_told = h.failure_class == "rank_failed" && h.failed_rank != h.rank;
            if (!log.has_failure() || is_told != hearsay) continue;
            if (first.failure_class.empty() || log.written_ns < first.at_ns)
                first = {h.failed_rank >= 0 || hearsay ? h.failed_rank : h.rank, h.failure_class, h.failure, log.written_ns, hearsay};
        }
        if (!first.failure_class.empty()) break;
    }
    return first;
}

/// Who comes late to the last complete operations.
[[nodiscard]] inline flight_lateness slowest_of(flight_report const& report, int last) {
    std::map<int, std::pair<double, flight_lateness>> late;  // by rank: the sum, and the counts
    int judged = 0;
    for (auto m = report.meetings.rbegin(); m != report.meetings.rend() && judged < last; ++m) {
        if (m->parts.size() < 2 || !m->is_over) continue;
        ++judged;
        for (flight_part const& p : m->parts) {
            auto const& o     = report.operation(p);
            auto& [sum, each] = late[report.logs[p.log].rank()];
            sum += static_cast<double>(o.begins_ns - m->first_ns);
            each.meetings += 1;
            each.times_last += o.begins_ns == m->last_ns && m->last_ns > m->first_ns ? 1 : 0;
        }
    }
    flight_lateness slowest;
    for (auto& [rank, entry] : late) {
        auto& [sum, each] = entry;
        each.rank         = rank;
        each.mean_late_ns = sum / each.meetings;
        if (slowest.rank < 0 || each.mean_late_ns > slowest.mean_late_ns) slowest = each;
    }
    return slowest;
}

}  // namespace detail

inline flight_report compare_flights(std::vector<flight_log> logs, int last) {
    flight_report report;
    report.logs = std::move(logs);
    std::set<int> here;
    for (flight_log const& log : report.logs) here.insert(log.rank());
    for (int r = 0; r < report.logs.front().header.size; ++r)
        if (here.count(r) == 0) report.without_file.push_back(r);
    report.meetings = detail::meetings_of(report);
    for (std::size_t l = 0; l < report.logs.size(); ++l)
        for (std::size_t o = 0; o < report.logs[l].operations.size(); ++o) {
            flight_operation const& each = report.logs[l].operations[o];
            if (!each.is_collective() && each.state != flight_state::done) report.open_messages.push_back({l, o});
        }
    report.first_failure = detail::first_failure_of(report.logs);
    report.slowest       = detail::slowest_of(report, last);
    return report;
}

}  // namespace espalier

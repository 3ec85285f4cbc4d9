// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of flight_timeline.hpp: which operations are shown, in which row, in which colour.
/// It draws nothing.
#pragma once

#include <espalier/observe/flight_timeline.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace espalier {
namespace detail {

/// Lays the operations of a report out, one after the other.
class flight_layout {
public:
    flight_layout(flight_report const& report, std::size_t last) : report_{report} {
        auto const& all = report.meetings;
        shown_from_     = all.size() - std::min(all.size(), last);
        begin_          = std::numeric_limits<std::int64_t>::max();
        for (std::size_t m = shown_from_; m < all.size(); ++m) begin_ = std::min(begin_, all[m].first_ns);
        if (shown_from_ == all.size()) begin_ = std::numeric_limits<std::int64_t>::lowest();
        std::int64_t first = std::numeric_limits<std::int64_t>::max();
        bool goes_on       = false;
        for (flight_log const& log : report.logs)
            for (flight_operation const& o : log.operations)
                if (o.begins_ns >= begin_) {
                    first = std::min(first, o.begins_ns);
                    end_  = std::max({end_, o.begins_ns, o.ends_ns});
                    goes_on = goes_on || o.state == flight_state::under_way;
                }
        begin_ = std::min(first, end_);
        if (goes_on) end_ += std::max<std::int64_t>((end_ - begin_) / 20, 1);  // so that it is seen
        for (std::size_t m = shown_from_; m < all.size(); ++m)
            for (flight_part const& p : all[m].parts) meeting_of_[{p.log, p.operation}] = &all[m];
    }

    [[nodiscard]] timeline made() {
        timeline t;
        t.id        = "flight";
        t.title     = joined("The last operations of ", ranks_in_words(ranks()), " of ", report_.logs.front().header.communicator);
        t.kinds     = std::vector<std::string>(max_timeline_kinds, "");
        t.kinds[other]    = "other operations";
        t.kinds[waiting]  = "waits for ranks that come later";
        t.kinds[not_over] = "did not end well";
        auto const [unit, name] = unit_of(end_ - begin_);
        t.units                 = unit;
        t.time_name             = name;
        t.description           = joined("Time from ", moment_in_words(begin_), "; a line where the last rank of an operation has come");
        for (std::size_t l = 0; l < report_.logs.size(); ++l) add_rank(t, l);
        for (std::size_t m = shown_from_; m < report_.meetings.size(); ++m) {
            timeline_meeting line{report_.meetings[m].last_ns - begin_, {}};
            for (flight_part const& p : report_.meetings[m].parts) line.rows.push_back(row_of_.at({p.log, p.operation}));
            if (report_.meetings[m].absent.empty()) t.meetings.push_back(std::move(line));
        }
        return t;
    }

private:
    using place                 = std::pair<std::size_t, std::size_t>;  ///< (log, operation)
    static constexpr int other  = max_timeline_kinds - 1, waiting = 6, not_over = 5;  // grey and red in the picture
    static constexpr int most_rows = 4;                                 ///< of a rank; what overlaps beyond is drawn one over the other

    [[nodiscard]] std::vector<int> ranks() const {
        std::vector<int> out;
        for (flight_log const& log : report_.logs) out.push_back(log.rank());
        return out;
    }
    /// The largest unit of which there are ten.
    [[nodiscard]] static std::pair<std::int64_t, std::string> unit_of(std::int64_t ns) {
        for (auto const& [unit, name] : {std::pair{1'000'000'000, "s"}, std::pair{1'000'000, "ms"}, std::pair{1'000, "us"}})
            if (ns >= 10 * std::int64_t{unit}) return {unit, name};
        return {1, "ns"};
    }
    [[nodiscard]] int kind_of(timeline& t, std::string const& operation) {
        auto const known = kinds_.find(operation);
        if (known != kinds_.end()) return known->second;
        int const free = static_cast<int>(kinds_.size()) + (kinds_.size() >= not_over ? 2 : 0);
        int const kind = std::min(free, +other);
        if (kind != other) t.kinds[static_cast<std::size_t>(kind)] = operation;
        return kinds_[operation] = kind;
    }

    void add_rank(timeline& t, std::size_t l) {
        auto const first = static_cast<int>(t.rows.size());
        t.rows.push_back({joined("rank ", report_.logs[l].rank()), {}, {}});
        std::vector<std::int64_t> ends(most_rows, 0);  // of the rows: the last end so far
        auto const& operations = report_.logs[l].operations;
        for (std::size_t o = 0; o < operations.size(); ++o) {
            flight_operation const& each = operations[o];
            if (each.begins_ns < begin_) continue;
            std::int64_t const end = each.state == flight_state::under_way ? end_ : each.ends_ns;
            int row                = each.is_posted ? 1 : 0;
            while (each.is_posted && row + 1 < most_rows && ends[static_cast<std::size_t>(row)] > each.begins_ns) ++row;
            ends[static_cast<std::size_t>(row)] = std::max(ends[static_cast<std::size_t>(row)], end);
            while (static_cast<int>(t.rows.size()) <= first + row) t.rows.push_back({"", {}, {}, "posted"});
            row_of_[{l, o}] = first + row;
            add_boxes(t, t.rows[static_cast<std::size_t>(first + row)], {l, o}, end);
        }
    }
    void add_boxes(timeline& t, timeline_row& row, place const& at, std::int64_t end) {
        flight_operation const& o = report_.logs[at.first].operations[at.second];
        std::int64_t works        = o.begins_ns;
        if (auto const m = meeting_of_.find(at); m != meeting_of_.end() && m->second->absent.empty())
            works = std::clamp(m->second->last_ns, o.begins_ns, end);
        std::string const words = joined("rank ", report_.logs[at.first].rank(), ": ", o.what(), " (", o.where(), ")",
                                         o.is_collective() ? joined(", operation ", o.sequence, " of group ", o.group) : std::string{},
                                         works > o.begins_ns ? joined(", waits ", duration_in_words(works - o.begins_ns)) : std::string{}, ", ",
                                         progress_in_words(o));
        if (works > o.begins_ns) row.boxes.push_back({o.begins_ns - begin_, works - begin_, waiting, 0, "", words});
        int const kind = o.state == flight_state::done ? kind_of(t, o.operation) : +not_over;
        row.boxes.push_back({works - begin_, end - begin_, kind, 0, o.operation, words});
    }

    flight_report const& report_;
    std::size_t shown_from_ = 0;
    std::int64_t begin_ = 0, end_ = 0;
    std::map<place, flight_meeting const*> meeting_of_;
    std::map<place, int> row_of_;
    std::map<std::string, int> kinds_;  ///< by name of the operation
};

}  // namespace detail

inline timeline timeline_of(flight_report const& report, int last) {
    return detail::flight_layout{report, static_cast<std::size_t>(std::max(last, 0))}.made();
}

}  // namespace espalier

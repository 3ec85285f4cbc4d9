// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a timeline must be for a picture of it, and the errors for one that is not.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/partition/plan/timeline.hpp>

#include <string_view>

namespace espalier::detail {

[[noreturn]] inline void refuse_timeline(std::string_view required, std::string const& got, std::string_view fix) {
    throw invalid_setting{{"draw", std::string{required}, got, std::string{fix}, "explanation/pipelines.md"}};
}

inline void check_row(timeline_row const& row, timeline const& t) {
    for (timeline_box const& b : row.boxes) {
        if (b.begins < 0 || b.ends < b.begins)
            refuse_timeline("boxes that begin at 0 or later and end after that", joined("one from ", b.begins, " to ", b.ends), "Begin time at 0");
        if (b.kind < 0 || b.kind >= static_cast<int>(t.kinds.size()))
            refuse_timeline("a name for every kind of box", joined("kind ", b.kind, " and ", t.kinds.size(), " names"), "Add it to kinds");
    }
    std::int64_t before = 0;
    for (timeline_level const& l : row.levels) {
        if (l.at < before || l.value < 0)
            refuse_timeline("levels of 0 or more in rising order of time from 0 on", joined(l.value, " at ", l.at, " after ", before), "Sort them");
        if (l.layer < 0 || (l.layer > 0 && l.layer >= static_cast<int>(t.layers.size())))
            refuse_timeline("a name for every layer of what is held", joined("layer ", l.layer, " and ", t.layers.size(), " names"), "Add it to layers");
        before = l.at;
    }
}

inline void check_drawable(timeline const& t) {
    if (t.kinds.size() > max_timeline_kinds)
        refuse_timeline(joined("at most ", max_timeline_kinds, " kinds of boxes"), joined(t.kinds.size()), "Make one of several");
    if (t.layers.size() > max_timeline_kinds)
        refuse_timeline(joined("at most ", max_timeline_kinds, " layers of what is held"), joined(t.layers.size()), "Make one of several");
    for (timeline_row const& row : t.rows) check_row(row, t);
    int const rows       = static_cast<int>(t.rows.size());
    auto const check_one = [&](int row, std::int64_t at) {
        if (row < 0 || row >= rows || at < 0)
            refuse_timeline("messages and meetings between rows that there are, at 0 or later", joined("row ", row, " of ", rows, " at ", at), "Count rows from 0");
    };
    for (timeline_message const& m : t.messages) check_one(m.from, m.leaves), check_one(m.to, m.comes);
    for (timeline_meeting const& m : t.meetings)
        for (int const row : m.rows) check_one(row, m.at);
}

}  // namespace espalier::detail

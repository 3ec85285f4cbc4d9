// SPDX-License-Identifier: BSL-1.0
/// @file
/// The first line of a file of bars: which column holds what, and the errors of a line that lacks one.
/// Rows are read in parse_rows.hpp.
#pragma once

#include <espalier/data/bar.hpp>
#include <espalier/data/errors.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace espalier::detail {

/// Calls `f(field)` for each field of a line, without the blanks around it.
template <class F>
void for_each_field(std::string_view line, F&& f) {
    for (;;) {
        std::size_t const comma = line.find(',');
        std::string_view field  = line.substr(0, comma);
        while (field.starts_with(' ') || field.starts_with('\t')) field.remove_prefix(1);
        while (field.ends_with(' ') || field.ends_with('\t')) field.remove_suffix(1);
        f(field);
        if (comma == std::string_view::npos) return;
        line.remove_prefix(comma + 1);
    }
}

/// A column of a file of bars: the time, a number that goes to a member of bar, or something that is passed over.
struct bar_column {
    std::string name;
    bool is_time      = false;
    float bar::*value = nullptr; ///< where its number goes, if it is one
    char end          = ',';     ///< what ends its fields: the last column's end the line
};

/// All columns in the order of the file, and the members of bar that take the close because no column has their name.
struct bar_columns {
    std::vector<bar_column> all;
    std::vector<float bar::*> as_close;
};

/// The position of a column, or the number of columns where there is none of this name.
/// @throws bad_data where two columns bear the name
[[nodiscard]] inline std::size_t find_column(bar_columns const& columns, std::string_view name, std::string const& file) {
    std::size_t const n = columns.all.size();
    std::size_t found   = n;
    for (std::size_t i = 0; i < n; ++i) {
        if (columns.all[i].name != name) continue;
        if (found != n)
            throw bad_data{{"csv", joined("one column of the name '", name, "' (", file, ")"),
                            joined("columns ", found + 1, " and ", i + 1), "Rename or remove one", "howto/data.md"}};
        found = i;
    }
    return found;
}

/// The error of a column that must be there and is not.
[[nodiscard]] inline bad_data missing_column(bar_columns const& columns, std::string_view name, std::string const& file) {
    std::string there;
    for (auto const& column : columns.all) there += joined(there.empty() ? "" : ", ", column.name);
    return bad_data{{"csv", joined("a column '", name, "' (", file, ")"), joined("the columns ", there),
                     "Rename the column that holds it in the file's first line", "howto/data.md"}};
}

/// The columns that a first line names.
/// @param file  what errors call the file: its path
/// @throws bad_data where time, close or volume is missing, or a name that is asked for stands twice
[[nodiscard]] inline bar_columns parse_header(std::string_view line, std::string const& file) {
    bar_columns columns;
    for_each_field(line, [&](std::string_view name) { columns.all.push_back({.name = std::string{name}}); });
    columns.all.back().end = '\n';

    static constexpr std::array<std::pair<char const*, float bar::*>, 6> members{{{"close", &bar::close},
                                                                                  {"volume", &bar::volume},
                                                                                  {"open", &bar::open},
                                                                                  {"high", &bar::high},
                                                                                  {"low", &bar::low},
                                                                                  {"vwap", &bar::vwap}}};
    char const* const time_name = "timestamp_ms_utc";
    std::size_t const time      = find_column(columns, time_name, file);
    if (time == columns.all.size()) throw missing_column(columns, time_name, file);
    columns.all[time].is_time = true;
    for (auto const& [name, member] : members) {
        std::size_t const at = find_column(columns, name, file);
        if (at < columns.all.size())
            columns.all[at].value = member;
        else if (member == &bar::close || member == &bar::volume)
            throw missing_column(columns, name, file);
        else
            columns.as_close.push_back(member);
    }
    return columns;
}

} // namespace espalier::detail

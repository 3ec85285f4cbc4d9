// SPDX-License-Identifier: BSL-1.0
/// @file
/// The bodies of csv_reader: cutting a text into lines and lines into fields.
/// The conversion of fields to numbers is in the class.
#pragma once

#include <espalier/data/csv.hpp>

namespace espalier {

inline csv_reader::csv_reader(std::string name, std::string text) : name_{std::move(name)}, text_{std::move(text)} {
    if (text_.starts_with("\xEF\xBB\xBF")) position_ = 3;
    if (!next_line())
        throw bad_data{{"csv", "a line of column names and at least one row", joined("an empty file (", name_, ")"),
                        "Remove the file or fill it", "howto/data.md"}};
    split();
    names_ = fields_;
}

inline std::optional<std::size_t> csv_reader::find_column(std::string_view column) const {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (names_[i] != column) continue;
        if (found)
            throw bad_data{{"csv", joined("one column of the name '", column, "' (", name_, ")"),
                            joined("columns ", *found + 1, " and ", i + 1), "Rename or remove one", "howto/data.md"}};
        found = i;
    }
    return found;
}

inline std::size_t csv_reader::column(std::string_view column) const {
    if (auto const found = find_column(column)) return *found;
    std::string there;
    for (std::string_view name : names_) there += joined(there.empty() ? "" : ", ", name);
    throw bad_data{{"csv", joined("a column '", column, "' (", name_, ")"), joined("the columns ", there),
                    "Rename the column that holds it in the file's first line", "howto/data.md"}};
}

inline bool csv_reader::next() {
    if (!next_line()) return false;
    split();
    if (fields_.size() != names_.size()) reject(joined(names_.size(), " fields, as the header has"), joined(fields_.size()));
    return true;
}

inline bool csv_reader::next_line() {
    while (position_ < text_.size()) {
        std::size_t const end = std::min(text_.find('\n', position_), text_.size());
        current_              = std::string_view{text_}.substr(position_, end - position_);
        position_             = end + 1;
        ++line_;
        if (current_.ends_with('\r')) current_.remove_suffix(1);
        if (!current_.empty()) return true;
    }
    return false;
}

inline void csv_reader::split() {
    fields_.clear();
    for (std::string_view rest = current_;;) {
        std::size_t const comma = rest.find(',');
        std::string_view field  = rest.substr(0, comma);
        while (field.starts_with(' ') || field.starts_with('\t')) field.remove_prefix(1);
        while (field.ends_with(' ') || field.ends_with('\t')) field.remove_suffix(1);
        fields_.push_back(field);
        if (comma == std::string_view::npos) return;
        rest.remove_prefix(comma + 1);
    }
}

} // namespace espalier

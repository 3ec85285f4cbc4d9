// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of read_series: the file's text, its columns, and row by row what is wrong with it.
/// How a date is written is known in series_date.hpp alone.
#pragma once

#include <espalier/data/detail/parse_header.hpp>
#include <espalier/data/detail/parse_number.hpp>
#include <espalier/data/detail/read_lines.hpp>
#include <espalier/data/detail/series_date.hpp>
#include <espalier/data/read_series.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace espalier {
namespace detail {

/// A file's whole text, so that damage to a compressed one is found before its rows are judged.
/// Files of daily values are small.
[[nodiscard]] inline std::string text_of(std::filesystem::path const& file) {
    if (!std::filesystem::is_regular_file(file))
        throw bad_data{{"read_series", "a file with a column of dates and one of values",
                        joined("'", file.string(), "', which ", std::filesystem::exists(file) ? "is no file" : "does not exist"),
                        "Check the path", "howto/panel.md"}};
    line_source lines{open_bytes(file), std::size_t{1} << 18};
    line_block block;
    std::string text;
    while (lines.next(block)) text += block.text();
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3); // the mark of byte order
    return text;
}

/// Reads the lines of a file of which two columns are wanted.
class series_reader {
public:
    series_reader(std::filesystem::path const& file, series_format const& format) : file_{file.string()}, format_{format} {
        std::string const base = file.filename().string();
        series_                = {format.name.empty() ? base.substr(0, base.find('.')) : format.name, {}, 0, file_};
    }

    [[nodiscard]] dated_series read(std::string_view text) {
        while (!text.empty()) {
            std::string_view line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(text.size(), line.size() + 1));
            ++line_;
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (line.empty()) continue;
            fields_.clear();
            for_each_field(line, [&](std::string_view field) { fields_.push_back(field); });
            columns_ == 0 ? take_header() : take_row();
        }
        if (series_.values.empty())
            reject_file("a line of column names and at least one row with a value",
                        columns_ == 0 ? std::string{"an empty file"} : joined("none in column ", format_.value),
                        "Check the file, and the column that is asked for");
        return std::move(series_);
    }

private:
    [[noreturn]] void reject_file(std::string const& required, std::string const& got, char const* fix) const {
        throw bad_data{{"read_series", joined(required, " (", file_, ")"), got, fix, "howto/panel.md"}};
    }
    [[noreturn]] void reject_row(std::string const& required, std::string const& got) const {
        throw bad_data{{"read_series", joined(required, " (", file_, ", line ", line_, ")"), got, "Correct the line or remove it",
                        "howto/panel.md"}};
    }

    void take_header() {
        columns_   = fields_.size();
        value_     = position_of(format_.value);
        date_      = format_.date.empty() ? 0 : position_of(format_.date);
        date_name_ = fields_[date_];
        if (value_ == date_)
            reject_file("two columns, one of dates and one of values", joined("column ", format_.value, " for both"),
                        "Name the column of the values");
    }

    [[nodiscard]] std::size_t position_of(std::string const& name) const {
        auto const found = std::find(fields_.begin(), fields_.end(), name);
        if (found == fields_.end()) {
            std::string there;
            for (auto const& field : fields_) there += joined(there.empty() ? "" : ", ", field);
            reject_file(joined("a column '", name, "'"), joined("the columns ", there), "Name one of these");
        }
        if (std::find(found + 1, fields_.end(), name) != fields_.end())
            reject_file(joined("one column of the name '", name, "'"), "two", "Rename or remove one");
        return static_cast<std::size_t>(found - fields_.begin());
    }

    void take_row() {
        if (fields_.size() != columns_) reject_row(joined(columns_, " fields, as the first line has"), joined(fields_.size()));
        std::string_view const date = fields_[date_], text = fields_[value_];
        auto const day = parse_date(date);
        if (!day) reject_row(joined("a date such as 2020-04-20 or 2020/4/20 in column ", date_name_), joined("'", date, "'"));
        if (has_day_ && *day <= last_day_)
            reject_row("days that rise from row to row, each once", joined(date_text(*day), " after ", date_text(last_day_)));
        has_day_                     = true;
        last_day_                    = *day;
        double value                 = 0;
        bool const is_stated_missing = !format_.missing.empty() && text == format_.missing;
        if (!is_stated_missing && !number_of(text, value))
            reject_row(joined("a finite number in column ", format_.value), joined("'", text, "'"));
        if (is_stated_missing || std::isnan(value))
            ++series_.missing;
        else
            series_.values.push_back({*day, value});
    }

    std::string file_;
    series_format const& format_;
    dated_series series_;
    std::vector<std::string_view> fields_;
    std::string date_name_;
    std::size_t columns_ = 0, value_ = 0, date_ = 0;
    std::int64_t line_ = 0, last_day_ = 0;
    bool has_day_ = false;
};

} // namespace detail

inline dated_series read_series(std::filesystem::path const& file, series_format const& format) {
    if (format.value.empty())
        throw invalid_setting{{"read_series", "the name of the column of the values", "none",
                               "Set value to it, such as \"close\"", "howto/panel.md"}};
    return detail::series_reader{file, format}.read(detail::text_of(file));
}

} // namespace espalier

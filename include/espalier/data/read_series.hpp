// SPDX-License-Identifier: BSL-1.0
/// @file
/// One series of daily values from a column of a CSV file.
/// It parses; how series of different calendars come together is panel.hpp's affair.
#pragma once

#include <espalier/data/dated_series.hpp>

#include <filesystem>
#include <string>

namespace espalier {

/// Which column of a file is the series, and how it is written.
struct series_format {
    std::string value;     ///< the column of the values, as the file's first line spells it
    std::string date{};    ///< the column of the dates; empty: the first
    std::string name{};    ///< what to call the series; empty: the file's name up to the first '.'
    std::string missing{}; ///< a text that stands for no value, beside an empty field and `nan`: "." in files of the FRED
};

/// Reads one column of a CSV file, plain or .gz.
///
/// Dates are 2020-04-20 or 2020/4/20: year, month, day, with one or two digits for the latter two. A time may follow, with an
/// offset or without: the date counts as it is written. A day without a value is left out and counted in `missing`; it is not 0.
/// Values are passed on as they stand, also 0 and negative ones.
/// @par Ranks     local: every rank that calls it reads the file
/// @par Numerics  the doubles of std::from_chars, whatever the locale
/// @throws bad_data   a file that cannot be read, that is cut off or empty; a column that is not there, or twice; with its line:
/// a row
///                    with too many or too few fields, a date that is none, a value that is no finite number, a day that is not
///                    later than the one before; a series without any value
/// @throws invalid_setting   a format without a column of values
[[nodiscard]] dated_series read_series(std::filesystem::path const& file, series_format const& format);

} // namespace espalier

#include <espalier/data/detail/series_rows.hpp>

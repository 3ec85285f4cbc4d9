// SPDX-License-Identifier: BSL-1.0
/// @file
/// The bodies of read_bars: which files, which columns, and what is checked of each row.
/// How text becomes fields and numbers is in csv.hpp.
#pragma once

#include <espalier/data/csv.hpp>
#include <espalier/data/detail/file_text.hpp>
#include <espalier/data/read_bars.hpp>

#include <algorithm>

namespace espalier {
namespace detail {

/// The folder's files whose names end in .csv or .csv.gz, by name.
[[nodiscard]] inline std::vector<std::filesystem::path> csv_files(std::filesystem::path const& folder) {
    std::string const wanted = "a folder with *.csv or *.csv.gz files";
    if (!std::filesystem::is_directory(folder))
        throw bad_data{
            {"read_bars", wanted,
             joined("'", folder.string(), "', which ", std::filesystem::exists(folder) ? "is no folder" : "does not exist"),
             "Check the path", "howto/data.md"}};
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator{folder}) {
        std::string const name = entry.path().filename().string();
        if (entry.is_regular_file() && (name.ends_with(".csv") || name.ends_with(".csv.gz"))) files.push_back(entry.path());
    }
    if (files.empty())
        throw bad_data{{"read_bars", wanted, joined("'", folder.string(), "', which holds none"),
                        "Check the path and the names' endings", "howto/data.md"}};
    std::sort(files.begin(), files.end());
    return files;
}

/// Where a bar's values stand in a row.
struct bar_columns {
    std::size_t time, open, high, low, close, vwap, volume;

    [[nodiscard]] static bar_columns of(csv_reader const& csv) {
        std::size_t const close = csv.column("close");
        auto const or_close     = [&](char const* name) { return csv.find_column(name).value_or(close); };
        return {csv.column("timestamp_ms_utc"),
                or_close("open"),
                or_close("high"),
                or_close("low"),
                close,
                or_close("vwap"),
                csv.column("volume")};
    }
};

/// The current row as a bar that follows `last`.
[[nodiscard]] inline bar bar_of(csv_reader const& csv, bar_columns const& at, bar const* last) {
    bar const b{.time_ms = csv.number<std::int64_t>(at.time),
                .open    = csv.number<float>(at.open),
                .high    = csv.number<float>(at.high),
                .low     = csv.number<float>(at.low),
                .close   = csv.number<float>(at.close),
                .vwap    = csv.number<float>(at.vwap),
                .volume  = csv.number<float>(at.volume)};
    if (!(b.close > 0)) csv.reject("a close above 0", joined(csv.field(at.close)));
    if (!(b.volume >= 0)) csv.reject("a volume of 0 or more", joined(csv.field(at.volume)));
    if (last != nullptr && b.time_ms <= last->time_ms)
        csv.reject("times that rise from row to row", joined(b.time_ms, " after ", last->time_ms));
    return b;
}

} // namespace detail

inline bar_series read_bar_file(std::filesystem::path const& file) {
    csv_reader csv{file.string(), detail::file_text(file)};
    auto const columns     = detail::bar_columns::of(csv);
    std::string const name = file.filename().string();
    bar_series series{name.substr(0, name.find_first_of("_.")), {}};
    while (csv.next()) series.bars.push_back(detail::bar_of(csv, columns, series.bars.empty() ? nullptr : &series.bars.back()));
    if (series.bars.empty())
        throw bad_data{{"read_bars", "at least one row", joined("only the column names (", file.string(), ")"),
                        "Remove the file or fill it", "howto/data.md"}};
    return series;
}

inline std::vector<bar_series> read_bars(std::filesystem::path const& folder) {
    std::vector<bar_series> all;
    for (auto const& file : detail::csv_files(folder)) all.push_back(read_bar_file(file));
    return all;
}

} // namespace espalier

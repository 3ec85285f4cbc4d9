// SPDX-License-Identifier: BSL-1.0
/// @file
/// One-minute bars from a folder of CSV files, one file a ticker.
/// It parses; whether what it reads can be traded or learned from is not judged here.
#pragma once

#include <espalier/data/bar.hpp>

#include <filesystem>
#include <vector>

namespace espalier {

/// How files are read. The bars, and which error is thrown, do not depend on it.
struct read_settings {
    int threads = 0; ///< 0: as many as there are cores
};

/// Reads every *.csv and *.csv.gz of a folder, in the order of their names.
///
/// Columns are found by name: `timestamp_ms_utc`, `close` and `volume` must be there; `open`, `high`, `low` and `vwap` are taken
/// from `close` where they are not; others are passed over. A price or volume that is empty or `nan` becomes a quiet NaN. Bars
/// come as they stand in the file, also where a price is 0 or a time goes backwards. The ticker is the file's name up to the
/// first '_' or '.'. Files with the same ticker stay series of their own.
/// @par Ranks     local: every rank that calls it reads the files
/// @par Numerics  the floats of std::from_chars, whatever the locale
/// @par Cost      threads share files and, in plain ones, blocks of 256 kB; beside the bars each keeps a block and its bars
/// @throws bad_data   a folder that is missing or holds no such file; a missing column; a field that is no finite number; a row
///                    with too many or too few fields; a file without rows; a file that shrinks meanwhile; a gzip file that is
///                    cut off, or one at all in a build without zlib. Of several errors it is the one of the first file by
///                    name, and of its first line
/// @throws invalid_setting   threads below 0
[[nodiscard]] std::vector<bar_series> read_bars(std::filesystem::path const& folder, read_settings const& settings = {});

/// Reads one such file.
/// @throws bad_data, invalid_setting   as `read_bars` does
[[nodiscard]] bar_series read_bar_file(std::filesystem::path const& file, read_settings const& settings = {});

} // namespace espalier

#include <espalier/data/detail/read_bars.hpp>

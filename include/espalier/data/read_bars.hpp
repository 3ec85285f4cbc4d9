// SPDX-License-Identifier: BSL-1.0
/// @file
/// One-minute bars from a folder of CSV files, one file a ticker.
/// It rejects what cannot be a bar; it does not clean what merely looks odd.
#pragma once

#include <espalier/data/bar.hpp>

#include <filesystem>
#include <vector>

namespace espalier {

/// Reads every *.csv and *.csv.gz of a folder, in the order of their names.
///
/// Columns are found by name: `timestamp_ms_utc`, `close` and `volume` must be there; `open`, `high`, `low` and `vwap` are taken
/// from `close` where they are not; others are passed over. The ticker is the file's name up to the first '_' or '.'.
/// Files with the same ticker stay series of their own.
/// @par Ranks     local: every rank that calls it reads the files
/// @throws bad_data   a folder that is missing or holds no such file; a missing column; a field that is no finite number; a row
///                    with too many or too few fields; a close that is not above 0 or a volume below 0; times that do not rise;
///                    a file without rows; a gzip file that is cut off, or one at all in a build without zlib
[[nodiscard]] std::vector<bar_series> read_bars(std::filesystem::path const& folder);

/// Reads one such file.
/// @throws bad_data   as `read_bars` does
[[nodiscard]] bar_series read_bar_file(std::filesystem::path const& file);

} // namespace espalier

#include <espalier/data/detail/read_bars.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A page about a forecasting run, in one file of HTML that needs no network and no script.
/// It computes scores and draws them; what the run was, the caller says in report_contents.
#pragma once

#include <espalier/checkpoint/files.hpp>
#include <espalier/observe/report/contents.hpp>
#include <espalier/observe/report/detail/page.hpp>
#include <espalier/observe/report/hardware.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <system_error>

namespace espalier {

/// The page as text. Below the title stands the finding: whether the model beats every naive forecast, and whether that could be
/// chance. What `contents` does not have is left out, or said in a sentence.
/// @par Ranks     local: the rank that holds the forecasts
/// @par Cost      draws × days × (tickers + half-hours + a few); for 10⁵ forecasts well below a second
/// @throws bad_data, invalid_setting   as `assess` does
[[nodiscard]] inline std::string report_html(report_contents const& contents) {
    return detail::page_of(contents);
}

/// Writes the page to a file, aside and renamed; makes its folder.
/// ```cpp
/// write_report("runs/mine/report.html", {.title    = "Intraday forecaster",
///                                        .hardware = hardware_text(),
///                                        .training = loss_points_of("runs/mine/metrics.csv"),
///                                        .test     = forecasts});
/// ```
/// @throws checkpoint::bad_checkpoint   a place that cannot be written
inline void write_report(std::filesystem::path const& file, report_contents const& contents) {
    std::string const page = report_html(contents);
    std::error_code ignored; // writing the file says what is wrong
    if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
    checkpoint::write_file(file, std::as_bytes(std::span{page}));
}

} // namespace espalier

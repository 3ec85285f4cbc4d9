// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the intraday examples tell about a run: data, losses and test forecasts as a page, and its finding as a line.
/// The page itself is the library's (observe/report.hpp).
#pragma once

#include "intraday_model.hpp"
#include "intraday_options.hpp"

#include <espalier/espalier.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace example {

/// The parts of the data as the page shows them.
inline std::vector<split_row> rows_of(split_windows const& parts) {
    std::vector<split_row> rows;
    auto const add = [&](char const* name, windows const& part) {
        auto const [tickers, first, last] = part.extent();
        rows.push_back({name, part.size(), tickers, first * minute_ms, last * minute_ms});
    };
    add("training", parts.train);
    add("validation", parts.validation);
    add("test", parts.test);
    return rows;
}

/// The finding of the page as a line of text.
inline std::string finding_in_words(report_contents const& page) {
    return page.test ? finding_of(assess(*page.test, page.intervals)).sentence : "";
}

/// Fills in the curves of the run's folder and writes the page there.
/// @return its path
inline std::string write_intraday_report(std::filesystem::path const& run, report_contents page) {
    page.title    = "Intraday forecaster";
    page.hardware = hardware_text();
    page.training = loss_points_of(run / "metrics.csv");
    if (auto const validation = run / "validation.csv"; std::filesystem::exists(validation)) page.validation = loss_points_of(validation);
    write_report(run / "report.html", page);
    return (run / "report.html").string();
}

} // namespace example

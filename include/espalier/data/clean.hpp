// SPDX-License-Identifier: BSL-1.0
/// @file
/// Cleaning of bars: a filter that judges one bar after the other, and `clean`, which passes whole series through it.
/// What the rules are is in bar_rules.hpp; absent minutes are filled where bars are laid on the grid, in windows_of.
#pragma once

#include <espalier/data/bar.hpp>
#include <espalier/data/bar_rules.hpp>
#include <espalier/data/errors.hpp>
#include <espalier/data/table.hpp>

#include <string>
#include <vector>

namespace espalier {

/// Judges the bars of one series in the order in which they come, by the bars before.
/// The same filter cleans a year of bars and a live stream.
class bar_filter {
public:
    /// @param name   what errors call the series: its file or ticker
    /// @throws invalid_setting   a rule's number out of its range
    bar_filter(bar_rules const& rules, std::string name);

    /// Whether the next bar stays; it is corrected in place where a rule says so, and counted.
    /// @throws bad_data   a bar that a rule rejects, with series, row, time and value
    [[nodiscard]] bool pass(bar& b);

    /// Of the bars passed so far; minutes that are filled or absent are counted elsewhere.
    [[nodiscard]] bar_counts const& counts() const noexcept { return counts_; }

private:
    [[nodiscard]] bool has_values(bar& b);
    [[nodiscard]] bool is_in_order(bar const& b);
    [[nodiscard]] bool is_consistent(bar& b);
    [[nodiscard]] bool is_good_print(bar& b);
    [[noreturn]] void reject(bar const& b, char const* required, std::string const& got, char const* rule) const;

    bar_rules rules_;
    std::string name_;
    bar_counts counts_;
    bool has_bar_             = false;
    std::int64_t last_minute_ = 0; // of the newest bar in order
    double last_close_    = 0;                // of the newest good print
    std::int64_t day_     = 0;                // its day
    double suspect_close_ = 0;
    int suspects_         = 0; // in a row, that agree
};

/// Cleaned series with what became of each, and the rules that they were cleaned by.
struct cleaned_bars {
    std::vector<bar_series> series;
    std::vector<bar_counts> counts; ///< a series
    std::vector<std::string> tickers_left_out;
    bar_rules rules;

    /// A row a ticker and one of totals: what was read, kept, dropped, mended, filled. A kind of dirt that was not found at all has no
    /// column.
    [[nodiscard]] table to_table() const;
};

/// Applies the rules to every series.
/// @throws bad_data          a bar that a rule rejects, with series, row, time and value; no bar left at all
/// @throws invalid_setting   a rule's number out of its range
[[nodiscard]] cleaned_bars clean(std::vector<bar_series> bars, bar_rules const& rules = {});

} // namespace espalier

#include <espalier/data/detail/clean.hpp>

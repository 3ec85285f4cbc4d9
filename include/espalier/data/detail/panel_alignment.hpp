// SPDX-License-Identifier: BSL-1.0
/// @file
/// The body of panel_of: what is wrong with columns and settings, and the sweep over the target's days.
/// Each series is walked once, forward; there is no way to a value that is not yet known.
#pragma once

#include <espalier/data/detail/series_date.hpp>
#include <espalier/data/panel.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace espalier {
namespace detail {

[[noreturn]] inline void reject_panel(std::string const& required, std::string const& got, std::string const& fix) {
    throw bad_data{{"panel", required, got, fix, "howto/panel.md"}};
}

inline void check(dated_series const& s) {
    if (s.values.empty())
        reject_panel(joined("at least one value in each series (", s.name, ")"), "none", "Leave the series out");
    for (std::size_t i = 0; i < s.values.size(); ++i) {
        auto const [day, value] = s.values[i];
        if (!std::isfinite(value))
            reject_panel(joined("finite values (", s.name, ", ", date_text(day), ")"), joined(value),
                         "Leave out days without a value");
        if (i > 0 && day <= s.values[i - 1].day)
            reject_panel(joined("days that rise, each once (", s.name, ")"),
                         joined(date_text(day), " after ", date_text(s.values[i - 1].day)), "Sort the series");
    }
}

/// Checks what was given and returns which column is the target.
[[nodiscard]] inline std::size_t check(std::vector<panel_column> const& columns, panel_settings const& settings) {
    auto const require = [](bool holds, char const* required, std::string const& got, std::string const& fix) {
        if (!holds) throw invalid_setting{{"panel", required, got, fix, "howto/panel.md"}};
    };
    require(settings.fill_days >= 0, "fill_days of 0 or more", joined(settings.fill_days), "Set fill_days to 14");
    require(settings.pause_days >= 1, "pause_days of 1 or more", joined(settings.pause_days), "Set pause_days to 14");
    if (columns.empty() || columns.size() > max_features)
        reject_panel(joined("1 to ", max_features, " series"), joined(columns.size()), "Choose among them");
    std::size_t target = columns.size();
    std::string names;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto const& [series, as, lag_days] = columns[i];
        require(lag_days >= 0, "lag_days of 0 or more", joined(lag_days, " (", series.name, ")"),
                "Give the days after which a value is known");
        check(series);
        for (std::size_t k = 0; k < i; ++k)
            if (columns[k].series.name == series.name)
                reject_panel("a name of its own for each series", joined("two of '", series.name, "'"), "Set the name of one");
        if (series.name == settings.target) target = i;
        names += joined(i == 0 ? "" : ", ", series.name);
    }
    require(target < columns.size(), "a target that is one of the series", joined("'", settings.target, "'"),
            joined("Set target to one of ", names));
    return target;
}

/// A series as it becomes known, day after day.
class known_series {
public:
    explicit known_series(panel_column const& column) : values_{&column.series.values}, lag_{column.lag_days} {}

    /// Goes on to the close of a day that is not before the last.
    void advance(std::int64_t day) {
        today_ = day;
        while (next_ < values_->size() && (*values_)[next_].day + lag_ <= day) ++next_;
    }
    [[nodiscard]] bool is_known() const noexcept { return next_ > 0; }
    [[nodiscard]] dated_value newest() const { return (*values_)[next_ - 1]; }
    /// Days since the newest value became known.
    [[nodiscard]] std::int64_t age() const { return today_ - newest().day - lag_; }

private:
    std::vector<dated_value> const* values_;
    std::int64_t lag_, today_ = 0;
    std::size_t next_ = 0;
};

/// Fills a panel day by day of the target.
class panel_sweep {
public:
    panel_sweep(std::vector<panel_column> const& columns, panel_settings const& settings, std::size_t target)
        : columns_{columns}, settings_{settings} {
        out_.target = target;
        for (auto const& [series, as, lag_days] : columns) {
            out_.names.push_back(series.name);
            out_.as.push_back(as);
            out_.counts.push_back({series.values.front().day, series.values.back().day,
                                   static_cast<std::int64_t>(series.values.size()), series.missing});
        }
        for (auto const& column : columns) known_.emplace_back(column);
    }

    [[nodiscard]] panel run() {
        for (auto const& value : columns_[out_.target].series.values) {
            if (settings_.weekends || !is_weekend(value.day)) take_day(value);
        }
        if (out_.days.empty()) reject_no_day();
        return std::move(out_);
    }

private:
    [[nodiscard]] static bool is_weekend(std::int64_t day) {
        std::chrono::weekday const w{std::chrono::sys_days{std::chrono::days{day}}};
        return w == std::chrono::Saturday || w == std::chrono::Sunday;
    }

    /// Counts what every series lacks on a day, and appends a row where none lacks anything.
    void take_day(dated_value const& target) {
        bool is_complete = true;
        for (std::size_t s = 0; s < known_.size(); ++s) {
            known_[s].advance(target.day);
            bool const is_early = !known_[s].is_known(), is_old = !is_early && known_[s].age() > settings_.fill_days;
            out_.counts[s].too_early += is_early;
            out_.counts[s].too_old += is_old;
            is_complete = is_complete && !is_early && !is_old;
        }
        bool const goes_on = was_complete_ && target.day - last_day_ <= settings_.pause_days;
        was_complete_      = is_complete;
        last_day_          = target.day;
        if (!is_complete) return;
        if (!goes_on) out_.segments.push_back({out_.size(), 0});
        ++out_.segments.back().rows;
        append_row(target);
    }

    void append_row(dated_value const& target) {
        out_.days.push_back(target.day);
        out_.target_levels.push_back(target.value);
        for (std::size_t s = 0; s < known_.size(); ++s) {
            auto const [day, value] = known_[s].newest();
            if (out_.as[s] == change::log_return && !(value > 0))
                reject_panel(
                    joined("levels above 0, of which a log return can be taken (", out_.names[s], ", ", date_text(day), ")"),
                    joined(value), "State change::difference or change::level for this series");
            out_.levels.push_back(value);
            out_.ages.push_back(known_[s].age());
            out_.counts[s].filled += known_[s].age() > 0;
        }
    }

    [[noreturn]] void reject_no_day() const {
        auto const last_to_begin  = std::max_element(out_.counts.begin(), out_.counts.end(),
                                                     [](auto const& a, auto const& b) { return a.first_day < b.first_day; });
        auto const first_to_end   = std::min_element(out_.counts.begin(), out_.counts.end(),
                                                     [](auto const& a, auto const& b) { return a.last_day < b.last_day; });
        auto const name_of_counts = [&](auto const& c) { return out_.names[static_cast<std::size_t>(c - out_.counts.begin())]; };
        reject_panel(joined("a day of ", out_.names[out_.target], " on which every series is known and at most ",
                            settings_.fill_days, " days old"),
                     joined("none; ", name_of_counts(last_to_begin), " begins last, on ", date_text(last_to_begin->first_day),
                            ", and ", name_of_counts(first_to_end), " ends first, on ", date_text(first_to_end->last_day)),
                     "Leave a series out, or raise fill_days");
    }

    std::vector<panel_column> const& columns_;
    panel_settings const& settings_;
    std::vector<known_series> known_;
    bool was_complete_     = false;
    std::int64_t last_day_ = 0; // of the target
    panel out_;
};

} // namespace detail

inline panel panel_of(std::vector<panel_column> const& columns, panel_settings const& settings) {
    std::size_t const target = detail::check(columns, settings);
    return detail::panel_sweep{columns, settings, target}.run();
}

inline table panel::to_table() const {
    table out{.head = {"series", "seen as", "from", "to", "values", "missing", "days filled", "days too old", "days too early"}};
    for (std::size_t s = 0; s < names.size(); ++s) {
        panel_counts const& c = counts[s];
        out.rows.push_back({s == target ? joined(names[s], " (target)") : names[s], std::string{name_of(as[s])},
                            detail::date_text(c.first_day), detail::date_text(c.last_day), joined(c.values), joined(c.missing),
                            joined(c.filled), joined(c.too_old), joined(c.too_early)});
    }
    out.total = {"panel", "", detail::date_text(days.front()), detail::date_text(days.back()), joined(size()), "", "", "", ""};
    return out;
}

} // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The bodies of clean.hpp: the judgements in their order, the count of absent minutes, and the table.
/// A judgement that drops a bar ends the matter; what comes later never sees it.
#pragma once

#include <espalier/data/calendar.hpp>
#include <espalier/data/clean.hpp>
#include <espalier/data/detail/minute_line.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace espalier {

inline bar_filter::bar_filter(bar_rules const& rules, std::string name) : rules_{rules}, name_{std::move(name)} {
    auto const require = [](bool holds, char const* required, auto const& got, char const* fix) {
        if (!holds) throw invalid_setting{{"bar_rules", required, joined(got), fix, "howto/data.md"}};
    };
    require(rules.session.hours != nullptr, "a session", "none", "Set session to us_equities, any_time or one of your own");
    require(rules.fill_minutes >= 0, "fill_minutes of 0 or more", rules.fill_minutes, "Set fill_minutes to 30");
    require(rules.bad_print_move > 0, "bad_print_move above 0", rules.bad_print_move, "Set bad_print_move to 0.05");
    require(rules.bad_print_confirm >= 1, "bad_print_confirm of 1 or more", rules.bad_print_confirm, "Set bad_print_confirm to 3");
    require(rules.late_start_days >= 0, "late_start_days of 0 or more", rules.late_start_days, "Set late_start_days to 5");
}

inline bool bar_filter::pass(bar& b) {
    ++counts_.rows;
    if (!has_values(b) || !is_in_order(b)) return false;
    std::int64_t const minute = minute_of(b);
    if (rules_.outside_session == on_outside_session::drop && !rules_.session.on(utc_day(minute)).holds(minute_of_day(minute))) {
        ++counts_.outside_session;
        return false;
    }
    if (!is_consistent(b) || !is_good_print(b)) return false;
    ++counts_.kept;
    return true;
}

inline void bar_filter::reject(bar const& b, char const* required, std::string const& got, char const* rule) const {
    throw bad_data{{"clean", joined(required, " (", name_, ", row ", counts_.rows, ", ", minute_text(minute_of(b)), " UTC)"), got,
                    joined("Correct the row, or set ", rule), "howto/data.md"}};
}

/// Prices are numbers above 0, the volume is a number and not negative.
inline bool bar_filter::has_values(bar& b) {
    for (float const value : {b.open, b.high, b.low, b.close, b.vwap, b.volume})
        if (!std::isfinite(value)) {
            if (rules_.missing_value == on_missing_value::reject)
                reject(b, "a finite number in every price and the volume", joined(value), ".missing_value = on_missing_value::drop");
            ++counts_.missing_value;
            return false;
        }
    for (float const price : {b.open, b.high, b.low, b.close, b.vwap})
        if (!(price > 0)) {
            if (rules_.no_price == on_no_price::reject)
                reject(b, "prices above 0, of which a return can be taken", joined(price), ".no_price = on_no_price::drop");
            ++counts_.no_price;
            return false;
        }
    if (b.volume < 0) {
        if (rules_.negative_volume == on_negative_volume::reject)
            reject(b, "a volume of 0 or more", joined(b.volume), ".negative_volume = on_negative_volume::zero");
        ++counts_.negative_volume;
        if (rules_.negative_volume == on_negative_volume::drop) return false;
        b.volume = 0;
    }
    return true;
}

/// One bar a minute, and each later than the one before.
inline bool bar_filter::is_in_order(bar const& b) {
    std::int64_t const minute = minute_of(b);
    if (has_bar_ && minute == last_minute_) {
        if (rules_.duplicate == on_duplicate::reject)
            reject(b, "at most one bar a minute", "a second one", ".duplicate = on_duplicate::keep_first");
        ++counts_.duplicate;
        return false;
    }
    if (has_bar_ && minute < last_minute_) {
        if (rules_.backwards == on_backwards::reject)
            reject(b, "times that rise from row to row", joined("one after ", minute_text(last_minute_)),
                   ".backwards = on_backwards::drop or sort");
        ++counts_.backwards;
        return false;
    }
    has_bar_     = true;
    last_minute_ = minute;
    return true;
}

/// Open and close lie within low … high, and the volume-weighted price too.
inline bool bar_filter::is_consistent(bar& b) {
    float const least = std::min(b.open, b.close), most = std::max(b.open, b.close);
    if (b.low > least || b.high < most) {
        ++counts_.inconsistent;
        if (rules_.inconsistent == on_inconsistent::drop) return false;
        if (rules_.inconsistent == on_inconsistent::clip) {
            b.low  = std::min(b.low, least);
            b.high = std::max(b.high, most);
        }
    }
    if (b.vwap < b.low || b.vwap > b.high) {
        ++counts_.vwap_outside;
        if (rules_.vwap_outside == on_vwap_outside::clip) b.vwap = std::max(b.low, std::min(b.vwap, b.high));
    }
    return true;
}

/// A close that leaps away from the day's last good one is a suspect until enough bars in a row agree with it.
inline bool bar_filter::is_good_print(bar& b) {
    if (rules_.bad_print == on_bad_print::keep) return true;
    auto const close         = static_cast<double>(b.close);
    std::int64_t const today = utc_day(minute_of(b));
    auto const leaps_from    = [&](double price) { return std::abs(std::log(close / price)) > rules_.bad_print_move; };
    if (last_close_ > 0 && day_ == today && leaps_from(last_close_)) {
        suspects_      = suspects_ > 0 && !leaps_from(suspect_close_) ? suspects_ + 1 : 1;
        suspect_close_ = close;
        if (suspects_ < rules_.bad_print_confirm) {
            ++counts_.bad_print;
            if (rules_.bad_print == on_bad_print::drop) return false;
            double const edge = last_close_ * std::exp(close > last_close_ ? rules_.bad_print_move : -rules_.bad_print_move);
            b.open = b.high = b.low = b.close = b.vwap = static_cast<float>(edge);
            return true;
        }
    }
    suspects_   = 0;
    last_close_ = close;
    day_        = today;
    double const room     = std::exp(rules_.bad_print_move);
    auto const highest = static_cast<float>(static_cast<double>(std::max(b.open, b.close)) * room);
    auto const lowest  = static_cast<float>(static_cast<double>(std::min(b.open, b.close)) / room);
    if (b.high > highest || b.low < lowest) {
        ++counts_.bad_print;
        b.high = std::min(b.high, highest);
        b.low  = std::max(b.low, lowest);
    }
    return true;
}

namespace detail {

/// Counts the minutes that a series fills and those that it leaves absent, in sessions that have a bar.
class absent_counter {
public:
    explicit absent_counter(bar_counts& counts) : counts_{counts} {}

    void begin_segment(std::int64_t) {}
    void minute(std::int64_t minute, minute_bar const& m) {
        if (!m.is_traded) {
            ++counts_.filled_minutes;
        } else {
            if (has_bar_ && utc_day(last_known_) == utc_day(minute)) counts_.absent_minutes += minute - last_known_ - 1;
            has_bar_ = true;
        }
        last_known_ = minute;
    }

private:
    bar_counts& counts_;
    bool has_bar_            = false;
    std::int64_t last_known_ = 0; // minute
};

/// The first and the last minute of any bar.
struct minute_span {
    std::int64_t first = 0, last = 0;
};

[[nodiscard]] inline minute_span span_of(std::vector<bar_series> const& all) {
    bool has_bar = false;
    minute_span span;
    for (bar_series const& s : all) {
        if (s.bars.empty()) continue;
        minute_span const its{minute_of(s.bars.front()), minute_of(s.bars.back())};
        span    = has_bar ? minute_span{std::min(span.first, its.first), std::max(span.last, its.last)} : its;
        has_bar = true;
    }
    if (!has_bar)
        throw bad_data{{"clean", "at least one bar that stays", joined("none in ", all.size(), " series"),
                        "Give bars, or check the session and the rules", "howto/data.md"}};
    return span;
}

} // namespace detail

inline cleaned_bars clean(std::vector<bar_series> bars, bar_rules const& rules) {
    cleaned_bars all{{}, {}, {}, rules};
    for (bar_series& s : bars) {
        bar_filter filter{rules, s.source.empty() ? s.ticker : s.source};
        if (rules.backwards == on_backwards::sort)
            std::stable_sort(s.bars.begin(), s.bars.end(), [](bar const& a, bar const& b) { return a.time_ms < b.time_ms; });
        std::erase_if(s.bars, [&](bar& b) { return !filter.pass(b); });
        all.counts.push_back(filter.counts());
    }
    auto const span = detail::span_of(bars);
    for (std::size_t i = 0; i < bars.size(); ++i) {
        bar_series& s      = bars[i];
        bar_counts& counts = all.counts[i];
        bool const is_late = !s.bars.empty() && utc_day(minute_of(s.bars.front())) > utc_day(span.first) + rules.late_start_days;
        if (rules.late_start == on_late_start::drop && is_late) {
            counts.late_start = counts.kept;
            counts.kept       = 0;
            s.bars.clear();
            all.tickers_left_out.push_back(s.ticker);
        }
        detail::absent_counter counter{counts};
        detail::minute_line line{rules};
        for (bar const& b : s.bars) line.add(b, counter);
        line.advance(span.last, counter);
    }
    all.series = std::move(bars);
    return all;
}

inline table cleaned_bars::to_table() const {
    struct column {
        char const* name;
        std::int64_t bar_counts::*count;
    };
    static constexpr column columns[] = {{"rows", &bar_counts::rows},
                                         {"kept", &bar_counts::kept},
                                         {"outside session", &bar_counts::outside_session},
                                         {"missing value", &bar_counts::missing_value},
                                         {"no price", &bar_counts::no_price},
                                         {"negative volume", &bar_counts::negative_volume},
                                         {"duplicate", &bar_counts::duplicate},
                                         {"backwards", &bar_counts::backwards},
                                         {"inconsistent", &bar_counts::inconsistent},
                                         {"vwap outside", &bar_counts::vwap_outside},
                                         {"bad print", &bar_counts::bad_print},
                                         {"late start", &bar_counts::late_start},
                                         {"minutes filled", &bar_counts::filled_minutes},
                                         {"minutes absent", &bar_counts::absent_minutes}};
    bar_counts total;
    for (bar_counts const& c : counts)
        for (column const& k : columns) total.*k.count += c.*k.count;
    table out{.head = {"ticker", "from", "to"}};
    std::vector<std::int64_t bar_counts::*> shown;
    for (column const& k : columns)
        if (total.*k.count != 0 || k.count == &bar_counts::kept) {
            shown.push_back(k.count);
            out.head.emplace_back(k.name);
        }
    auto const row_of = [&](std::string const& ticker, std::string const& from, std::string const& to, bar_counts const& c) {
        std::vector<std::string> row{ticker, from, to};
        for (auto const count : shown) row.push_back(joined(c.*count));
        return row;
    };
    for (std::size_t i = 0; i < series.size(); ++i) {
        auto const& bars = series[i].bars;
        auto const day_at = [&](bar const& b) { return day_text(minute_of(b)); };
        out.rows.push_back(row_of(series[i].ticker, bars.empty() ? "none" : day_at(bars.front()), bars.empty() ? "none" : day_at(bars.back()), counts[i]));
    }
    out.total = row_of("all", "", "", total);
    return out;
}

} // namespace espalier

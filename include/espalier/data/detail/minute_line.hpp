// SPDX-License-Identifier: BSL-1.0
/// @file
/// A series' bars laid on consecutive minutes: what happened in each, and where one stretch of known minutes ends and another begins.
/// It lays a year of bars and a live stream alike; rows of features are made of its minutes elsewhere.
#pragma once

#include <espalier/data/bar.hpp>
#include <espalier/data/bar_rules.hpp>
#include <espalier/data/feature.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace espalier::detail {

/// Lays cleaned bars on minutes. For each bar the sink is told `begin_segment(minute)` if the minute before is not known, and then
/// `minute(minute, bar)`; minutes without a bar come before it, for as long as the last close stands: `fill_minutes`, and not
/// beyond the session or the day. Whether a minute is told, and as what, depends on bars up to that minute alone.
class minute_line {
public:
    explicit minute_line(bar_rules const& rules) : session_{rules.session}, fill_minutes_{rules.fill_minutes} {}

    /// @param b   later than the last one, cleaned
    template <class Sink>
    void add(bar const& b, Sink& sink) {
        std::int64_t const at = minute_of(b);
        if (has_bar_) advance(at - 1, sink);
        if (!has_bar_ || known_ != at - 1 || utc_day(at) != utc_day(known_)) sink.begin_segment(at);
        find_session(at);
        now_.open      = b.open;
        now_.high      = b.high;
        now_.low       = b.low;
        now_.close     = b.close;
        now_.vwap      = b.vwap;
        now_.volume    = b.volume;
        now_.log_close = std::log(static_cast<double>(b.close));
        now_.is_traded = true;
        tell(at, sink);
        last_fill_ = std::min(at + fill_minutes_, open_ + length_ - 1);
        has_bar_   = true;
    }

    /// Time has passed to the end of `minute` without another bar.
    template <class Sink>
    void advance(std::int64_t minute, Sink& sink) {
        if (!has_bar_ || known_ >= std::min(minute, last_fill_)) return;
        now_.open = now_.high = now_.low = now_.vwap = now_.close;
        now_.volume                                 = 0;
        now_.is_traded                              = false;
        for (std::int64_t const last = std::min(minute, last_fill_); known_ < last;) tell(known_ + 1, sink);
    }

private:
    /// The session in which a minute lies, or the whole day where it lies in none.
    void find_session(std::int64_t at) {
        std::int64_t const day    = utc_day(at);
        session_hours const hours = session_.on(day);
        bool const is_inside      = hours.holds(minute_of_day(at));
        open_                     = day * day_minutes + (is_inside ? hours.open_minute : 0);
        length_                   = is_inside ? hours.minutes() : day_minutes;
    }
    template <class Sink>
    void tell(std::int64_t at, Sink& sink) {
        now_.session_position = static_cast<float>(at - open_) / static_cast<float>(length_);
        known_                = at;
        sink.minute(at, now_);
    }

    trading_session session_;
    int fill_minutes_;
    bool has_bar_              = false;
    std::int64_t known_        = 0; // the newest minute that was told
    std::int64_t last_fill_    = 0; // the last minute for which the newest close stands
    std::int64_t open_         = 0; // of the newest bar's session
    int length_                = day_minutes;
    minute_bar now_;
};

} // namespace espalier::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What to do with bars that are not as they should be: a named rule for each kind of dirt, all in one aggregate, and the counts of
/// what was done. The rules are applied in clean.hpp.
#pragma once

#include <espalier/data/session.hpp>

#include <cstdint>

namespace espalier {

enum class on_missing_value { reject, drop };           ///< a price or volume that is empty or NaN
enum class on_no_price { reject, drop };                ///< a price that is not above 0 has no log return
enum class on_negative_volume { reject, zero, drop };   ///< fewer than 0 shares
enum class on_duplicate { reject, keep_first };         ///< a second bar in a minute; the first is what was known at the time
enum class on_backwards { reject, drop, sort };         ///< a bar that is earlier than the one before it
enum class on_outside_session { drop, keep };           ///< before the open or after the close
enum class on_inconsistent { clip, drop, keep };        ///< open or close outside low … high; clip widens low and high
enum class on_bad_print { drop, clip, keep };           ///< a leap that the next bars do not confirm; clip: to the largest move
enum class on_vwap_outside { keep, clip };              ///< a volume-weighted price outside low … high
enum class on_late_start { keep, drop };                ///< a series that begins later than the others: drop leaves it out

/// How bars are cleaned: `{.session = any_time, .duplicate = on_duplicate::keep_first, .fill_minutes = 5}`.
/// What has no innocent reading is rejected by default; what every market shows is mended and counted.
///
/// Each rule looks at the bar and at bars before it, never at later ones: cleaning a series and cleaning it bar by bar as it comes
/// in is the same. (`on_backwards::sort` is the exception; a live stream cannot be sorted, there such a bar is dropped.)
struct bar_rules {
    trading_session session            = us_equities;
    on_outside_session outside_session = on_outside_session::drop;
    on_missing_value missing_value     = on_missing_value::reject;
    on_no_price no_price               = on_no_price::reject;
    on_negative_volume negative_volume = on_negative_volume::reject;
    on_duplicate duplicate             = on_duplicate::reject;
    on_backwards backwards             = on_backwards::reject;
    on_inconsistent inconsistent       = on_inconsistent::clip;
    on_vwap_outside vwap_outside       = on_vwap_outside::keep;
    on_bad_print bad_print             = on_bad_print::drop;
    double bad_print_move              = 0.05; ///< a log return from the last good close of the day that is larger is a suspect
    int bad_print_confirm              = 3;    ///< so many suspects in a row that agree with each other are a new price level
    int fill_minutes                   = 30;   ///< so many minutes after a bar its close stands, with volume 0, within the session
    on_late_start late_start           = on_late_start::keep;
    int late_start_days                = 5;    ///< calendar days after the first bar of all series
};

/// What became of a series' bars. One row is one bar that was read.
struct bar_counts {
    std::int64_t rows            = 0;
    std::int64_t kept            = 0;
    std::int64_t outside_session = 0;
    std::int64_t missing_value   = 0;
    std::int64_t no_price        = 0;
    std::int64_t negative_volume = 0;
    std::int64_t duplicate       = 0;
    std::int64_t backwards       = 0;
    std::int64_t inconsistent    = 0;
    std::int64_t vwap_outside    = 0;
    std::int64_t bad_print       = 0; ///< closes, and highs and lows that were clipped
    std::int64_t late_start      = 0; ///< rows of a series that was left out
    std::int64_t filled_minutes  = 0; ///< without a bar, the close before stands
    std::int64_t absent_minutes  = 0; ///< without a bar and too long after one: no window holds them

    friend bool operator==(bar_counts const&, bar_counts const&) = default;
};

} // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// One-minute bars and a ticker's series of them: what files and the built-in market give, and windows are cut from.
/// It neither reads nor checks them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace espalier {

/// What was traded in one minute. A minute without a trade has no bar.
/// @par Units     time in milliseconds since 1970-01-01 UTC, the start of the minute; prices in the ticker's currency; volume
///                in shares
struct bar {
    std::int64_t time_ms = 0;
    float open = 0, high = 0, low = 0, close = 0, vwap = 0, volume = 0;

    friend bool operator==(bar const&, bar const&) = default;
};

/// A ticker's bars in rising order of time.
struct bar_series {
    std::string ticker;
    std::vector<bar> bars;
    std::string source{}; ///< the path of the file they were read from; empty where there was none
};

/// Milliseconds in a minute, the unit of the grid.
inline constexpr std::int64_t minute_ms = 60'000;

/// The UTC minute, counted from 1970, in which a time in milliseconds lies; also before 1970.
[[nodiscard]] constexpr std::int64_t minute_of(std::int64_t time_ms) noexcept {
    return time_ms / minute_ms - (time_ms % minute_ms < 0 ? 1 : 0);
}
/// The minute in which a bar lies.
[[nodiscard]] constexpr std::int64_t minute_of(bar const& b) noexcept {
    return minute_of(b.time_ms);
}

} // namespace espalier

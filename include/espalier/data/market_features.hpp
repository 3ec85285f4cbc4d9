// SPDX-License-Identifier: BSL-1.0
/// @file
/// Features of one-minute bars: returns, volume, volatility, spreads, the time of the day.
/// They are not scaled; windows_of scales each by its mean and deviation in the training part.
#pragma once

#include <espalier/data/feature.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace espalier {

namespace detail {

/// A name with a number in angle brackets: "realised_volatility<30>".
template <int N, std::size_t Size>
struct numbered_name {
    char text[Size + 14] = {};
    std::size_t size     = 0;

    constexpr explicit numbered_name(char const (&stem)[Size]) {
        for (std::size_t i = 0; i + 1 < Size; ++i) text[size++] = stem[i];
        text[size++]     = '<';
        char digits[12]  = {};
        int count        = 0, rest = N;
        do digits[count++] = static_cast<char>('0' + rest % 10);
        while ((rest /= 10) != 0);
        while (count > 0) text[size++] = digits[--count];
        text[size++] = '>';
    }
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, size}; }
};
template <int N, std::size_t Size>
[[nodiscard]] constexpr auto numbered(char const (&stem)[Size]) {
    return numbered_name<N, Size>{stem};
}

} // namespace detail

/// The log return over `N` minutes.
template <int N>
    requires(N >= 1)
struct log_return_over {
    static constexpr int look_back         = N;
    static constexpr auto label            = detail::numbered<N>("log_return_over");
    static constexpr std::string_view name = label.view();
    [[nodiscard]] static double at(minute_history const& m) { return m[0].log_close - m[N].log_close; }
};

/// The log return of the last minute.
struct log_return : log_return_over<1> {
    static constexpr std::string_view name = "log_return";
};

/// log(1 + volume): shares span many orders of magnitude.
struct log_volume {
    static constexpr int look_back         = 0;
    static constexpr std::string_view name = "log_volume";
    [[nodiscard]] static double at(minute_history const& m) { return std::log1p(static_cast<double>(m[0].volume)); }
};

/// The volume against its own past: log of (1 + volume) over (1 + mean volume of the `N` minutes before).
template <int N>
    requires(N >= 1)
struct relative_volume {
    static constexpr int look_back         = N;
    static constexpr auto label            = detail::numbered<N>("relative_volume");
    static constexpr std::string_view name = label.view();
    [[nodiscard]] static double at(minute_history const& m) {
        double sum = 0;
        for (int k = 1; k <= N; ++k) sum += static_cast<double>(m[k].volume);
        return std::log1p(static_cast<double>(m[0].volume)) - std::log1p(sum / N);
    }
};

/// Realised volatility: the root of the sum of the last `N` squared one-minute log returns.
/// @par Source    Andersen, Bollerslev, Diebold and Labys, "Modeling and forecasting realized volatility", 2003, section 2
template <int N>
    requires(N >= 1)
struct realised_volatility {
    static constexpr int look_back         = N;
    static constexpr auto label            = detail::numbered<N>("realised_volatility");
    static constexpr std::string_view name = label.view();
    [[nodiscard]] static double at(minute_history const& m) {
        double sum = 0;
        for (int k = 0; k < N; ++k) {
            double const r = m[k].log_close - m[k + 1].log_close;
            sum += r * r;
        }
        return std::sqrt(sum);
    }
};

/// The position of the minute in its session, 0 at the open, below 1 at the last minute.
struct time_of_day {
    static constexpr int look_back         = 0;
    static constexpr std::string_view name = "time_of_day";
    [[nodiscard]] static double at(minute_history const& m) { return static_cast<double>(m[0].session_position); }
};

/// The log of high over low: how far apart the minute's extremes lie.
struct high_low_spread {
    static constexpr int look_back         = 0;
    static constexpr std::string_view name = "high_low_spread";
    [[nodiscard]] static double at(minute_history const& m) {
        return std::log(static_cast<double>(m[0].high) / static_cast<double>(m[0].low));
    }
};

/// The effective bid-ask spread that the last `N` pairs of one-minute returns imply: 2·√max(0, −mean of r(t)·r(t−1)), relative.
/// @par Source    Roll, "A simple implicit measure of the effective bid-ask spread in an efficient market", 1984, equation 6, with
///                a mean return of zero
template <int N>
    requires(N >= 1)
struct roll_spread {
    static constexpr int look_back         = N + 1;
    static constexpr auto label            = detail::numbered<N>("roll_spread");
    static constexpr std::string_view name = label.view();
    [[nodiscard]] static double at(minute_history const& m) {
        double sum = 0;
        for (int k = 0; k < N; ++k)
            sum += (m[k].log_close - m[k + 1].log_close) * (m[k + 1].log_close - m[k + 2].log_close);
        return 2 * std::sqrt(std::max(0.0, -sum / N));
    }
};

/// What windows_of takes where nothing else is said: the last minute's return and volume.
using default_features = features<log_return, log_volume>;

} // namespace espalier

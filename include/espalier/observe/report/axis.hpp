// SPDX-License-Identifier: BSL-1.0
/// @file
/// Axes of charts: a range of values, ticks at round numbers, and where on the page a value lies.
/// Nothing is drawn here.
#pragma once

#include <espalier/observe/report/text.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace espalier::charts {

/// A range that holds the values added to it; not finite ones are passed over.
struct range {
    double low = 0, high = 0;
    bool is_empty = true;

    constexpr void add(double v) noexcept {
        if (!(v - v == 0)) return; // not finite
        low      = is_empty ? v : std::min(low, v);
        high     = is_empty ? v : std::max(high, v);
        is_empty = false;
    }
};

/// A range with ticks at multiples of 1, 2 or 5 times a power of ten.
struct axis {
    double low = 0, high = 1;
    std::vector<double> ticks{};
    int digits = 0; ///< after the point, that tell one tick from the next

    /// A tick in words.
    [[nodiscard]] std::string label(double tick) const {
        return digits > 6 || std::fabs(tick) >= 1e9 ? html::significant(tick, 3) : html::fixed(tick, digits);
    }
    /// Where v lies between the ends, 0 … 1; beyond them where v does.
    [[nodiscard]] double share(double v) const noexcept { return (v - low) / (high - low); }
};

/// An axis of about `about` ticks over a range. With `outward` its ends are ticks too; otherwise they are the range's.
/// A range of one value is widened by half of it to either side, or to −1 … 1; one that is empty is 0 … 1.
[[nodiscard]] inline axis axis_of(range r, int about = 5, bool outward = true) {
    if (r.is_empty) r = {0, 1, false};
    constexpr double most = 1e300; // sums of two of them are finite
    r.low = std::clamp(r.low, -most, most), r.high = std::clamp(r.high, -most, most);
    double const largest = std::max(std::fabs(r.low), std::fabs(r.high));
    if (!(r.high - r.low > 1e-9 * largest)) { // ticks that differ in the last bits cannot be told apart
        double const pad = largest > 1e-300 ? largest / 2 : 1;
        r.low -= pad, r.high += pad;
    }
    double const rough = (r.high - r.low) / about, power = std::pow(10.0, std::floor(std::log10(rough)));
    double const step = power * (rough <= power ? 1 : rough <= 2 * power ? 2 : rough <= 5 * power ? 5 : 10);
    axis a{.low = r.low, .high = r.high};
    double const first = outward ? std::floor(r.low / step) : std::ceil(r.low / step);
    double const last  = outward ? std::ceil(r.high / step) : std::floor(r.high / step);
    for (double i = first; i <= last; i += 1) a.ticks.push_back(i * step);
    if (outward) a.low = first * step, a.high = last * step;
    a.digits = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
    return a;
}

} // namespace espalier::charts

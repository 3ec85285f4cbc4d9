// SPDX-License-Identifier: BSL-1.0
/// @file
/// Windows worked out anew from bars, minute by minute and with maps, for tests to compare with; and samples gathered one by one.
/// It shares no code with espalier/data beyond the types of bars.
#pragma once

#include <espalier/data/bar.hpp>
#include <espalier/data/windows.hpp>

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace espalier_test {

/// One series on the grid: for each minute that lies in a segment, which segment, the newest close, and the volume.
class series_oracle {
public:
    series_oracle(espalier::bar_series const& series, int max_gap) {
        std::optional<std::int64_t> before;
        for (auto const& b : series.bars) {
            std::int64_t const at = b.time_ms / 60'000;
            if (before && at / 1440 == *before / 1440 && at - *before - 1 <= max_gap) {
                for (std::int64_t m = *before + 1; m < at; ++m) minutes_[m] = {segment_, minutes_[*before].close, 0.0};
            } else {
                ++segment_;
            }
            minutes_[at] = {segment_, double{b.close}, double{b.volume}};
            before       = at;
        }
    }

    /// Whether a window of `steps` minutes that ends with minute `m`, the close before it and the one `horizon` later, are there.
    [[nodiscard]] bool has_window(std::int64_t m, int steps, int horizon) const {
        auto const first = minutes_.find(m - steps), last = minutes_.find(m + horizon);
        return first != minutes_.end() && last != minutes_.end() && first->second.segment == last->second.segment;
    }
    [[nodiscard]] std::int64_t count_windows(int steps, int horizon) const {
        std::int64_t n = 0;
        for (auto const& [m, unused] : minutes_) n += has_window(m, steps, horizon);
        return n;
    }
    [[nodiscard]] double log_return(std::int64_t from, std::int64_t to) const {
        return std::log(minutes_.at(to).close / minutes_.at(from).close);
    }
    /// The features of a minute, not scaled.
    [[nodiscard]] std::pair<double, double> features(std::int64_t m) const {
        return {log_return(m - 1, m), std::log(1.0 + minutes_.at(m).volume)};
    }

private:
    struct minute {
        int segment  = 0;
        double close = 0, volume = 0;
    };
    std::map<std::int64_t, minute> minutes_;
    int segment_ = 0;
};

/// A sample as it is before scaling.
struct raw_sample {
    std::vector<double> input; // (T,2)
    double target = 0;
};

/// A gathered sample as its scaler found it.
inline raw_sample unscaled(espalier::windows const& w, std::int64_t sample) {
    raw_sample raw{std::vector<double>(static_cast<std::size_t>(w.input().elements())), 0};
    w.gather(std::vector<std::int64_t>{sample}, raw.input.data(), &raw.target);
    auto const& s = w.scaler_of(sample);
    for (std::size_t i = 0; i < raw.input.size(); ++i) raw.input[i] = raw.input[i] / s.scale[i % 2] + s.mean[i % 2];
    raw.target *= w.target_scale();
    return raw;
}

/// Bars of `days` days at every minute from `open` on, `minutes` a day, whose closes and volumes vary.
inline espalier::bar_series steady_series(std::string ticker, int first_day, int days, int minutes, int open = 600) {
    espalier::bar_series s{std::move(ticker), {}};
    for (int d = 0; d < days; ++d)
        for (int m = 0; m < minutes; ++m) {
            std::int64_t const at = (std::int64_t{first_day} + d) * 1440 + open + m;
            float const close     = 100.0f + static_cast<float>((at * 7919) % 101) / 16.0f;
            s.bars.push_back({at * 60'000, close, close, close, close, close, static_cast<float>(at * 31 % 17)});
        }
    return s;
}

/// The same bars, of which those that start after `time_ms` have other prices and volumes.
inline std::vector<espalier::bar_series> disturbed_after(std::vector<espalier::bar_series> all, std::int64_t time_ms) {
    for (auto& series : all)
        for (auto& b : series.bars)
            if (b.time_ms > time_ms) {
                float const factor = 1.0f + static_cast<float>(b.time_ms / 60'000 % 13) / 8.0f;
                b.open *= factor, b.high *= factor, b.low *= factor, b.close *= factor, b.vwap *= factor;
                b.volume = 3 * b.volume + 1000;
            }
    return all;
}

} // namespace espalier_test

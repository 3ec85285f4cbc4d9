// SPDX-License-Identifier: BSL-1.0
/// @file
/// The newest window of one series, kept up to date bar by bar: the same cleaning, minutes, features and scaling as in training, by
/// the same code. It predicts nothing; serve/forecaster.hpp does.
#pragma once

#include <espalier/data/clean.hpp>
#include <espalier/data/detail/minute_line.hpp>
#include <espalier/data/feature.hpp>
#include <espalier/data/feature_scaler.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace espalier {

/// Turns bars, as they come in, into the window of features that ends with the newest minute.
/// At every minute the window has the bits that `windows::gather` gives for it in float.
/// @par Cost      one row of features a minute; allocates nothing once a window is whole
template <FeatureRow Features>
class feature_stream {
public:
    /// @param name    what errors call the series
    /// @param scaler  of the series, as it was fitted in training
    /// @throws invalid_setting   a rule out of its range, steps below 1, a scaler of another number of features
    feature_stream(std::string name, int steps, feature_scaler const& scaler, bar_rules const& rules = {})
        : steps_{checked(steps, scaler)}, name_{std::move(name)}, filter_{rules, name_}, line_{rules}, scaled_{scaler} {
        minutes_.reserve(2 * (Features::look_back + 1) + Features::count);
        rows_.reserve(static_cast<std::size_t>(2 * steps) * Features::count);
    }

    /// Takes the next bar. Minutes without one that lie before it are laid first.
    /// @return whether the bar was taken; where a rule drops it its minute has no bar, which `advance` says
    /// @throws bad_data   a bar that a rule rejects, or of which a feature is no finite number
    bool push(bar b) {
        if (!filter_.pass(b)) return false;
        line_.add(b, *this);
        return true;
    }
    /// Says that time has passed to the end of `minute` without another bar: the last close stands, as far as the rules go.
    /// @return whether the newest minute is that one now
    bool advance(std::int64_t minute) {
        line_.advance(minute, *this);
        return has_minute_ && newest_ == minute;
    }

    /// Whether a whole window ends with the newest minute.
    [[nodiscard]] bool is_ready() const noexcept { return known_rows_ >= steps_; }
    /// The window that ends with the newest minute, scaled; only while `is_ready()`.
    /// @par Shapes    (T,F)
    [[nodiscard]] std::span<float const> window() const noexcept {
        std::size_t const elements = static_cast<std::size_t>(steps_) * Features::count;
        return {rows_.data() + rows_.size() - elements, elements};
    }
    /// The newest minute, counted from 1970; only after a bar.
    [[nodiscard]] std::int64_t minute() const noexcept { return newest_; }
    /// The close that stands at the newest minute.
    [[nodiscard]] float close() const noexcept { return minutes_.empty() ? 0.0f : minutes_.back().close; }
    /// What became of the bars.
    [[nodiscard]] bar_counts const& counts() const noexcept { return filter_.counts(); }

private:
    friend class detail::minute_line; // which tells us of segments and minutes

    void begin_segment(std::int64_t) noexcept {
        minutes_.clear();
        rows_.clear();
        known_rows_ = 0;
    }
    void minute(std::int64_t at, minute_bar const& m) {
        keep_newest(minutes_, Features::look_back);
        minutes_.push_back(m);
        newest_     = at;
        has_minute_ = true;
        if (minutes_.size() <= Features::look_back) return;
        std::array<float, max_features> row{};
        Features::write(&minutes_.back(), row.data());
        for (int f = 0; f < Features::count; ++f)
            if (!std::isfinite(row[static_cast<std::size_t>(f)])) detail::reject_feature(Features::names(), f, name_, at, row[static_cast<std::size_t>(f)]);
        keep_newest(rows_, static_cast<std::size_t>(steps_ - 1) * Features::count);
        rows_.resize(rows_.size() + Features::count);
        scaled_(row.data(), rows_.data() + rows_.size() - Features::count);
        ++known_rows_;
    }
    /// Where there is no room for more, only the newest `count` stay.
    template <class T>
    static void keep_newest(std::vector<T>& all, std::size_t count) {
        if (all.size() + Features::count > all.capacity()) // one minute, or one row
            all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(std::min(count, all.size())));
    }
    [[nodiscard]] static int checked(int steps, feature_scaler const& scaler) {
        static_assert(Features::count <= max_features, "espalier: feature_stream: requires at most 64 features. See docs/howto/own-features.md.");
        if (steps < 1)
            throw invalid_setting{{"feature_stream", "steps of 1 or more", joined(steps), "Pass the steps of the training windows",
                                   "howto/own-features.md"}};
        if (scaler.mean.size() != Features::count || scaler.scale.size() != Features::count)
            throw invalid_setting{{"feature_stream", joined("a scaler of ", Features::count, " features"),
                                   joined(scaler.mean.size(), " means and ", scaler.scale.size(), " scales"),
                                   "Pass the scaler that was fitted with these features", "howto/own-features.md"}};
        return steps;
    }

    int steps_;
    std::string name_;
    bar_filter filter_;
    detail::minute_line line_;
    detail::scaler_of<float> scaled_;
    std::vector<minute_bar> minutes_; // of the segment: at least the look_back + 1 newest
    std::vector<float> rows_;         // (T or more, F), scaled
    std::int64_t known_rows_ = 0;     // of the segment
    std::int64_t newest_     = 0;
    bool has_minute_         = false;
};

} // namespace espalier

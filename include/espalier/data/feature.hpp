// SPDX-License-Identifier: BSL-1.0
/// @file
/// Features: what a model sees of each minute, as functions of that minute and a stated number of minutes before it.
/// It declares what a feature is and composes them; those that are shipped are in market_features.hpp.
#pragma once

#include <espalier/core/error.hpp>
#include <espalier/data/calendar.hpp>
#include <espalier/data/errors.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace espalier {

/// What happened in one minute. Without a trade all prices are the last close and the volume is 0.
struct minute_bar {
    float open = 0, high = 0, low = 0, close = 0, vwap = 0, volume = 0;
    float session_position = 0; ///< of the minute in its session: 0 at the open, below 1 at the last minute
    bool is_traded         = false;
    double log_close       = 0; ///< natural logarithm of the close
};

/// A minute and those before it, as far back as a feature said that it looks. There is no way to a later minute.
class minute_history {
public:
    /// @param now        the newest minute; `look_back` older ones lie before it in memory
    constexpr minute_history(minute_bar const* now, int look_back) noexcept : now_{now}, look_back_{look_back} {}

    /// The minute `back` minutes ago; 0 is the newest.
    /// @throws invalid_setting   further back than the feature's look_back, or less than 0
    [[nodiscard]] constexpr minute_bar const& operator[](int back) const {
        if (static_cast<unsigned>(back) > static_cast<unsigned>(look_back_)) reject(back);
        return now_[-back];
    }
    [[nodiscard]] constexpr int look_back() const noexcept { return look_back_; }

private:
    [[noreturn]] void reject(int back) const {
        throw invalid_setting{{"minute_history", joined("a minute 0 … ", look_back_, " minutes ago, as the feature's look_back says"),
                               joined(back), "Raise the feature's look_back", "howto/own-features.md"}};
    }
    minute_bar const* now_;
    int look_back_;
};

/// How far a feature looks back, what it is called, and its value at a minute. A feature is a stateless type.
///
///     struct log_return {
///         static constexpr int look_back         = 1; // minutes before the newest
///         static constexpr std::string_view name = "log_return";
///         static double at(minute_history const& m) { return m[0].log_close - m[1].log_close; }
///     };
template <class F>
concept Feature = requires(minute_history const& m) {
    { F::look_back } -> std::convertible_to<int>;
    { F::name } -> std::convertible_to<std::string_view>;
    { F::at(m) } -> std::same_as<double>;
} && (F::look_back >= 0);

/// Several features: a row of a model's input. How far back they look together decides the gap between training and test.
/// @par Shapes    a row has `count` values
template <Feature... Fs>
    requires(sizeof...(Fs) > 0)
struct features {
    static constexpr int count     = static_cast<int>(sizeof...(Fs));
    static constexpr int look_back = std::max({Fs::look_back...});

    [[nodiscard]] static std::vector<std::string> names() { return {std::string{Fs::name}...}; }

    /// Writes the row of a minute.
    /// @param now  the minute; `look_back` older ones lie before it in memory
    static void write(minute_bar const* now, float* row) {
        ((*row++ = static_cast<float>(Fs::at(minute_history{now, Fs::look_back}))), ...);
    }
};

/// A `features<…>`, or a type of your own that has the same members.
template <class F>
concept FeatureRow = requires(minute_bar const* now, float* row) {
    { F::count } -> std::convertible_to<int>;
    { F::look_back } -> std::convertible_to<int>;
    { F::names() } -> std::same_as<std::vector<std::string>>;
    { F::write(now, row) } -> std::same_as<void>;
};

namespace detail {

[[noreturn]] inline void reject_feature(std::vector<std::string> const& names, int feature, std::string const& series, std::int64_t minute,
                                        float value) {
    throw bad_data{{"windows",
                    joined("features that are finite numbers (", names[static_cast<std::size_t>(feature)], " of ", series, ", ",
                           minute_text(minute), " UTC)"),
                    joined(value), "Correct the feature, or clean the bars it is made of", "howto/own-features.md"}};
}

} // namespace detail
} // namespace espalier

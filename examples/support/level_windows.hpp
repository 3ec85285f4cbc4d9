// SPDX-License-Identifier: BSL-1.0
/// @file
/// Windows of price and volume levels, as the CS205 study uses them: split at random or by time, scaled with all data or with the
/// training data. It shows what goes wrong; windows_of is what to use.
#pragma once

#include <espalier/espalier.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace example {

using namespace espalier;

enum class split_by { random, time };
enum class scale_by { everything, training };

/// The close itself, and the volume itself.
struct close_level {
    static constexpr int look_back         = 0;
    static constexpr std::string_view name = "close";
    [[nodiscard]] static double at(minute_history const& m) { return static_cast<double>(m[0].close); }
};
struct volume_level {
    static constexpr int look_back         = 0;
    static constexpr std::string_view name = "volume";
    [[nodiscard]] static double at(minute_history const& m) { return static_cast<double>(m[0].volume); }
};

/// A choice of the year's windows as a data set: 60 minutes of scaled {close, volume}, and the scaled close five minutes ahead.
/// @par Shapes    input (60,2), target (1)
class level_windows {
public:
    level_windows(windows year, std::vector<std::int64_t> chosen, std::vector<feature_scaler> scalers)
        : year_{std::move(year)}, chosen_{std::move(chosen)}, scalers_{std::move(scalers)} {}

    [[nodiscard]] std::int64_t size() const noexcept { return static_cast<std::int64_t>(chosen_.size()); }
    [[nodiscard]] shape input() const noexcept { return year_.input(); }
    [[nodiscard]] shape target() const noexcept { return dims(1); }

    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        auto const batch = static_cast<std::int64_t>(samples.size());
        std::vector<std::int64_t> of_year;
        for (std::int64_t s : samples) of_year.push_back(chosen_[static_cast<std::size_t>(s)]);
        year_.gather(of_year, x, y);
        for (std::int64_t b = 0; b < batch; ++b) {
            std::int64_t const sample = of_year[static_cast<std::size_t>(b)];
            feature_scaler const& was = year_.scaler_of(sample);
            feature_scaler const& now = scalers_[static_cast<std::size_t>(year_.series_of(sample))];
            double const close        = last_close(x, b, batch) / was.scale[0] + was.mean[0];
            for (int t = 0; t < year_.steps(); ++t)
                for (std::size_t f = 0; f < 2; ++f) {
                    T& value = x[(t * batch + b) * 2 + static_cast<std::int64_t>(f)];
                    value    = static_cast<T>((static_cast<double>(value) / was.scale[f] + was.mean[f] - now.mean[f]) * now.scale[f]);
                }
            y[b] = static_cast<T>((close * std::exp(year_.return_of(sample)) - now.mean[0]) * now.scale[0]);
        }
    }

    /// The mean squared error of forecasting that the close stays.
    [[nodiscard]] double loss_of_last_close() const {
        std::vector<double> x(static_cast<std::size_t>(input().elements())), y(1);
        double sum = 0;
        for (std::int64_t i = 0; i < size(); ++i) {
            gather(std::span<std::int64_t const>{&i, 1}, x.data(), y.data());
            double const miss = y[0] - last_close(x.data(), 0, 1);
            sum += miss * miss;
        }
        return sum / static_cast<double>(size());
    }

private:
    /// The last minute's first feature of sample b.
    template <class T>
    [[nodiscard]] double last_close(T const* x, std::int64_t b, std::int64_t batch) const {
        return static_cast<double>(x[((year_.steps() - 1) * batch + b) * 2]);
    }

    windows year_;
    std::vector<std::int64_t> chosen_;    // samples of the year
    std::vector<feature_scaler> scalers_; // a series
};

struct level_split {
    level_windows train, test;
};

/// All windows of a year, and the ways to split and scale them.
class level_windows_of_year {
public:
    level_windows_of_year(std::vector<bar_series> const& bars, std::uint64_t seed)
        : year_{windows_of<levels>(bars, {.train_fraction = 1}).train}, parts_{windows_of<levels>(bars)}, seed_{seed} {}

    [[nodiscard]] level_split split(split_by how, scale_by what) const {
        auto const& scalers = what == scale_by::everything ? year_.scalers() : parts_.train.scalers();
        std::vector<std::int64_t> train, test;
        std::int64_t const last_known = parts_.train.extent().last_minute, first_unknown = parts_.test.extent().first_minute;
        permutation const shuffled{year_.size(), random_key{seed_, "split"}, 0};
        for (std::int64_t i = 0; i < year_.size(); ++i) {
            if (scalers[static_cast<std::size_t>(year_.series_of(i))].mean.empty()) continue; // began after the cut
            std::int64_t const minute = year_.time_of(i) / minute_ms;
            bool const is_before = minute + year_.horizon() <= last_known, is_after = minute - year_.steps() + 1 >= first_unknown;
            if (how == split_by::random) (shuffled(i) < year_.size() * 8 / 10 ? train : test).push_back(i);
            else if (is_before) train.push_back(i);
            else if (is_after) test.push_back(i);
        }
        return {{year_, std::move(train), scalers}, {year_, std::move(test), scalers}};
    }

private:
    using levels = features<close_level, volume_level>;
    windows year_;
    split_windows parts_;
    std::uint64_t seed_;
};

} // namespace example

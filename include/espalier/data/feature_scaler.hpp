// SPDX-License-Identifier: BSL-1.0
/// @file
/// The scaling of features, a series by itself: fitted on training windows, used wherever rows reach a model.
/// How a scaling travels with a model's weights is in window_scaling.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier {

/// A row may have so many features.
inline constexpr int max_features = 64;

/// A feature f of a series reaches a model as (value − mean[f]) · scale[f].
struct feature_scaler {
    std::vector<double> mean;
    std::vector<double> scale;

    friend bool operator==(feature_scaler const&, feature_scaler const&) = default;
};

namespace detail {

/// The one place where a row is scaled: the same bits in training and in a stream.
template <class T>
class scaler_of {
public:
    explicit scaler_of(feature_scaler const& s) noexcept : count_{s.mean.size()} {
        for (std::size_t f = 0; f < count_; ++f) {
            mean_[f]  = static_cast<T>(s.mean[f]);
            scale_[f] = static_cast<T>(s.scale[f]);
        }
    }
    /// @par Shapes    row (F), to (F)
    void operator()(float const* row, T* to) const noexcept {
        for (std::size_t f = 0; f < count_; ++f) to[f] = (static_cast<T>(row[f]) - mean_[f]) * scale_[f];
    }

private:
    std::size_t count_;
    std::array<T, max_features> mean_, scale_;
};

} // namespace detail
} // namespace espalier

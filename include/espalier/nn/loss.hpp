// SPDX-License-Identifier: BSL-1.0
/// @file
/// Losses: what is minimised. A loss gives sums, never means; the step divides once by its global weight.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/core/shape.hpp>

#include <concepts>
#include <cstdint>

namespace espalier {

/// A micro-batch's loss: the sum over what it counts, and how much that is (elements for a regression).
struct loss_sum {
    double sum    = 0;
    double weight = 0;
};

/// A loss says which target an output needs, and gives its sum together with the gradient of that sum.
template <class L>
concept Loss = requires(shape out, std::int64_t n, float const* y, float* dy, double const* z, double* dz) {
    { L::target(out) } -> std::same_as<shape>;
    { L::evaluate(out, n, y, y, dy) } -> std::same_as<loss_sum>;
    { L::evaluate(out, n, z, z, dz) } -> std::same_as<loss_sum>;
};

namespace detail {
/// Sums an element-wise loss in order, in double, and writes the gradient where it is wanted.
template <class T, class Element>
[[nodiscard]] loss_sum sum_of_elements(std::int64_t n, T const* y, T const* target, T* dy, Element element) {
    loss_sum out{0, static_cast<double>(n)};
    for (std::int64_t i = 0; i < n; ++i) {
        auto const [value, slope] = element(y[i] - target[i]);
        out.sum += static_cast<double>(value);
        if (dy != nullptr) dy[i] = slope;
    }
    return out;
}
template <class T>
struct value_and_slope {
    T value, slope;
};
}  // namespace detail

/// Σ (y − target)²; its mean over samples and outputs is what is reported.
/// @par Shapes    y, target (B,O)
struct mean_squared_error {
    [[nodiscard]] static constexpr shape target(shape out) noexcept { return out; }

    /// @param dy the gradient of the sum; null where only the loss is wanted
    template <class T>
    ESPALIER_NOINLINE() static loss_sum evaluate(shape out, std::int64_t batch, T const* y, T const* target, T* dy) {
        return detail::sum_of_elements(out.elements() * batch, y, target, dy,
                                       [](T d) { return detail::value_and_slope<T>{d * d, T{2} * d}; });
    }
};

/// The border of the Huber loss as a template argument: `huber<threshold{0.5f}>`.
struct threshold {
    float value;
};

/// Σ of ½d² where |d| ≤ Δ and Δ·(|d| − ½Δ) beyond, d = y − target: outliers pull with bounded force.
/// @par Source    Huber 1964; the form and scale of torch.nn.HuberLoss
template <threshold Delta = threshold{1.0f}>
struct huber {
    static_assert(Delta.value > 0,
                  "espalier: huber: requires a threshold above 0. Write huber<threshold{1.0f}>. See docs/policies/model.md.");
    [[nodiscard]] static constexpr shape target(shape out) noexcept { return out; }

    template <class T>
    ESPALIER_NOINLINE() static loss_sum evaluate(shape out, std::int64_t batch, T const* y, T const* target, T* dy) {
        constexpr T delta = T(Delta.value);
        return detail::sum_of_elements(out.elements() * batch, y, target, dy, [](T d) {
            T const size = d < T{0} ? -d : d;
            if (size <= delta) return detail::value_and_slope<T>{T{0.5} * d * d, d};
            if (!(size > delta)) return detail::value_and_slope<T>{d, d};  // not a number: let it be seen
            return detail::value_and_slope<T>{delta * (size - T{0.5} * delta), d < T{0} ? -delta : delta};
        });
    }
};

static_assert(Loss<mean_squared_error> && Loss<huber<>>);

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where a cut LSTM layer keeps what: pure arithmetic over steps, slices and batch. What it computes there is nn/lstm_units.hpp.
#pragma once

#include <espalier/nn/detail/slices.hpp>
#include <espalier/nn/exchange.hpp>
#include <espalier/nn/layer.hpp>

#include <algorithm>
#include <cstdint>

namespace espalier::detail {

/// Places are in elements.
/// ```
///   kept      gates (S,T,B,4U) | cell states (S,T,B,U)
///   scratch   forward    hidden states (K,B,U)
///             backward   bias gradients (S,4U) | d_cell (S,B,U) | dy (S,B,U) | d_hidden (S,B,U) | parts (K,B,U) | sum and spare (1+D,B,H)
///                                              | then spare for dx (D,T,B,I)              D spare arrays are enough to sum S along a tree
/// ```
template <int Inputs, int Units, class Cut>
struct lstm_unit_places {
    static constexpr int own            = Cut::value.own_slices();
    static constexpr std::int64_t units = Units / Cut::value.slices;  ///< of a slice

    std::int64_t steps;
    std::int64_t block;   ///< (B,U)
    std::int64_t step;    ///< (B,H)
    std::int64_t inputs;  ///< (T,B,I)

    constexpr lstm_unit_places(shape in, std::int64_t batch) noexcept
        : steps{in.extent[0]}, block{batch * units}, step{batch * Units}, inputs{in.extent[0] * batch * Inputs} {}

    /// Of slice s at step t.
    [[nodiscard]] constexpr std::int64_t gates(int s, std::int64_t t) const noexcept { return (s * steps + t) * 4 * block; }
    [[nodiscard]] constexpr std::int64_t cells(int s, std::int64_t t) const noexcept { return gates(own, 0) + (s * steps + t) * block; }
    [[nodiscard]] constexpr std::int64_t kept() const noexcept { return cells(own, 0); }

    [[nodiscard]] constexpr std::int64_t after_biases() const noexcept { return own * 4 * units; }
    [[nodiscard]] constexpr std::int64_t d_cell() const noexcept { return after_biases(); }
    [[nodiscard]] constexpr std::int64_t dy() const noexcept { return d_cell() + own * block; }
    [[nodiscard]] constexpr std::int64_t d_hidden() const noexcept { return dy() + own * block; }
    [[nodiscard]] constexpr std::int64_t parts() const noexcept { return d_hidden() + own * block; }
    [[nodiscard]] constexpr std::int64_t sum() const noexcept { return parts() + step; }
    [[nodiscard]] constexpr std::int64_t scratch() const noexcept {
        return std::max(sum() + (1 + spare_arrays()) * step, after_biases() + spare_arrays() * inputs);
    }

private:
    [[nodiscard]] static constexpr int spare_arrays() noexcept { return spare_arrays_of(own); }
};

}  // namespace espalier::detail

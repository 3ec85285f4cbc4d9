// SPDX-License-Identifier: BSL-1.0
/// @file
/// An optimizer's arrays with a margin behind each, and passes over them: a test compares them with a formula in double.
/// It knows no formula.
#pragma once

#include <espalier/core/philox.hpp>
#include <espalier/optim/concepts.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace espalier_test {

/// Weights, gradients and state of `n` elements each. What lies behind them is marked, so that a pass that runs too far shows.
template <class O, class T>
class optimizer_run {
public:
    explicit optimizer_run(std::int64_t n)
        : n_{n}, stride_{n + margin}, weights_(size(n + margin), mark), gradients_(weights_),
          state_(size(O::states * (n + margin)), mark) {
        draw(0, weights_);
        for (int i = 0; i < O::states; ++i) std::fill_n(state_.begin() + i * stride_, n_, T{0});
    }

    void draw_gradients(std::int64_t step) { draw(step, gradients_); }
    [[nodiscard]] espalier::update_pass<T> pass(std::int64_t t, double rate, double scale) {
        return {n_, weights_.data(), gradients_.data(), state_.data(), stride_, t, rate, scale};
    }
    void step(typename O::settings const& s, std::int64_t t, double rate, double scale) { O::update(s, pass(t, rate, scale)); }

    [[nodiscard]] std::vector<double> weights_in_double() const { return {weights_.begin(), weights_.begin() + n_}; }
    [[nodiscard]] std::vector<double> gradients_in_double() const { return {gradients_.begin(), gradients_.begin() + n_}; }
    [[nodiscard]] std::vector<double> state_in_double(int i) const {
        return {state_.begin() + i * stride_, state_.begin() + i * stride_ + n_};
    }
    /// Whether the margins are as they were.
    [[nodiscard]] bool is_whole_behind() const {
        bool whole = is_marked(weights_.begin() + n_);
        for (int i = 0; i < O::states; ++i) whole = whole && is_marked(state_.begin() + i * stride_ + n_);
        return whole;
    }

private:
    static constexpr std::int64_t margin = 16;
    static constexpr T mark              = 12345;

    static std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }
    template <class Iterator>
    static bool is_marked(Iterator from) {
        return std::all_of(from, from + margin, [](T x) { return x == mark; });
    }
    void draw(std::int64_t step, std::vector<T>& to) const {
        espalier::random_key const key{4, "optimizer test"};
        for (std::int64_t i = 0; i < n_; ++i) {
            auto const block = key.at(static_cast<std::uint64_t>(i), 0, static_cast<std::uint64_t>(step));
            to[size(i)]      = static_cast<T>(espalier::to_normal(block.word[0], block.word[1]));
        }
    }

    std::int64_t n_, stride_;
    std::vector<T> weights_, gradients_, state_;
};

[[nodiscard]] inline double largest_difference(std::vector<double> const& a, std::vector<double> const& b) {
    double largest = a.size() == b.size() ? 0 : INFINITY;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

}  // namespace espalier_test

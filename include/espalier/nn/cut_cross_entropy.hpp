// SPDX-License-Identifier: BSL-1.0
/// @file
/// Cross entropy of scores of which each rank of a tensor axis has some classes: two numbers a row and slice are exchanged, no scores.
/// The loss of whole scores is nn/cross_entropy.hpp.
#pragma once

#include <espalier/math/block_sum.hpp>
#include <espalier/nn/cross_entropy.hpp>
#include <espalier/nn/detail/slices.hpp>
#include <espalier/nn/exchange.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace espalier {

/// `cross_entropy` of scores that are cut into K slices of ⌈Classes/K⌉, of which a rank has S. The last slices may have columns beyond the
/// classes: their scores do not count, and their gradient is zero.
/// ```
///   each slice, each row     (log Σ e^y, the target's score if it is here)          log-sum of all = M + log Σ_k e^(log-sum_k − M), M the largest
///   one gather of all slices' pairs, then the same sums on every rank
/// ```
/// @par Shapes    out (S,C') or (S,T,C'), C' = ⌈Classes/K⌉; y, dy (S,B,C') or (S,T,B,C'); target (B,1) or (T,B,1), whole on every rank
/// @par Ranks     collective over the axis's ranks, which all get the same loss
/// @par Cost      one gather of 2·S doubles a row; allocates nothing
/// @par Numerics  log-sums of slices and the sum over them in double, along the lane tree over K: K decides the bits, not the number of ranks;
///                with K = 1 those of `cross_entropy`
/// @throws bad_index as `cross_entropy` does, on every rank, before any exchange
/// @par Source    Shoeybi et al. 2019 (Megatron-LM), section 3: the loss of a parallel vocabulary
template <class Cut, std::int64_t Classes>
struct cut_cross_entropy {
    static constexpr int slices              = Cut::value.slices;
    static constexpr int own_slices          = Cut::value.own_slices();
    static constexpr std::int64_t slice_size = (Classes + slices - 1) / slices;

    [[nodiscard]] static constexpr shape target(shape out) noexcept { return detail::without_slices(out).with_features(1); }
    /// Doubles that `evaluate` needs while it lasts.
    [[nodiscard]] static constexpr std::int64_t scratch(shape out, std::int64_t batch) noexcept { return 2 * slices * rows(out, batch); }
    static constexpr void exchanges(shape out, std::int64_t batch, exchange_tally& tally) noexcept {
        tally.gather_doubles(2 * own_slices * rows(out, batch));
    }

    /// @param dy the gradient of the sum; null where only the loss is wanted
    template <class T>
    ESPALIER_NOINLINE() static loss_sum evaluate(shape out, std::int64_t batch, T const* y, T const* target, T* dy, tensor_exchange<T>& exchange,
                                                 double* scratch) {
        std::int64_t const n = rows(out, batch);
        int const first      = exchange.rank() * own_slices;
        for (std::int64_t r = 0; r < n; ++r)
            if (!(target[r] < T{0}) && detail::index_below(Classes, target[r]) < 0)
                detail::reject_class(Classes, static_cast<double>(target[r]), r, batch);

        for (int s = 0; s < own_slices; ++s)
            for (std::int64_t r = 0; r < n; ++r) put_pair(first + s, y + (s * n + r) * slice_size, target[r], scratch + 2 * ((first + s) * n + r));
        exchange.gather_doubles(exchange_point::scores, scratch, 2 * own_slices * n);

        loss_sum sum;
        for (std::int64_t r = 0; r < n; ++r) {
            double const log_sum = log_sum_of_slices(n, scratch + 2 * r);
            if (!(target[r] < T{0})) {
                auto const owner = static_cast<std::int64_t>(target[r]) / slice_size;
                sum.sum += log_sum - scratch[2 * (owner * n + r) + 1];
                sum.weight += 1;
            }
            if (dy == nullptr) continue;
            for (int s = 0; s < own_slices; ++s) put_slope(first + s, y + (s * n + r) * slice_size, target[r], log_sum, dy + (s * n + r) * slice_size);
        }
        return sum;
    }

private:
    [[nodiscard]] static constexpr std::int64_t rows(shape out, std::int64_t batch) noexcept { return out.rows() / own_slices * batch; }
    /// Columns of a slice that are classes.
    [[nodiscard]] static constexpr std::int64_t columns(int slice) noexcept {
        return std::clamp<std::int64_t>(Classes - slice * slice_size, 0, slice_size);
    }
    /// Where in a slice a target is; below 0 where it is in another, or counts for nothing.
    template <class T>
    [[nodiscard]] static std::int64_t column_of(int slice, T target) noexcept {
        if (target < T{0}) return -1;
        std::int64_t const column = static_cast<std::int64_t>(target) - slice * slice_size;
        return column < slice_size ? column : -1;
    }
    /// The log-sum of a slice's scores, −∞ where it has none, and the target's score if it is here, else 0.
    template <class T>
    static void put_pair(int slice, T const* y, T target, double* pair) {
        std::int64_t const column = column_of(slice, target);
        pair[0] = columns(slice) == 0 ? -std::numeric_limits<double>::infinity() : math::log_sum_exp(columns(slice), y);
        pair[1] = column < 0 ? 0.0 : static_cast<double>(y[column]);
    }
    /// @par Shapes    pairs: (K,n,2), from a row's first on
    [[nodiscard]] static double log_sum_of_slices(std::int64_t n, double const* pairs) {
        double largest = pairs[0];
        for (int k = 1; k < slices; ++k) largest = std::max(largest, pairs[2 * k * n]);
        double share[slices];
        for (int k = 0; k < slices; ++k) share[k] = std::exp(pairs[2 * k * n] - largest);
        return largest + std::log(math::tree_sum(slices, share));
    }
    /// The softmax, less one at the target; zeros in columns that are no classes, and where the target counts for nothing.
    template <class T>
    static void put_slope(int slice, T const* y, T target, double log_sum, T* dy) {
        std::int64_t const counted = target < T{0} ? 0 : columns(slice), column = column_of(slice, target);
        math::softmax(counted, y, log_sum, dy);
        std::fill(dy + counted, dy + slice_size, T{0});
        if (column >= 0) dy[column] -= T{1};
    }
};

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Cross entropy: of a class a sample, of a class a step, and of the first and last step of a span.
/// Targets are whole numbers stored as scalars; a target below 0 counts for nothing. Scores that are cut: nn/cut_cross_entropy.hpp.
#pragma once

#include <espalier/math/softmax.hpp>
#include <espalier/nn/errors.hpp>
#include <espalier/nn/loss.hpp>

#include <cstdint>

namespace espalier {

namespace detail {

/// −log softmax(y)[target] of one set of scores, added to `sum`, with its gradient. A target below 0 adds nothing.
/// @par Shapes    y, dy: n scores, `stride` apart
/// @return whether the target is none of the scores
template <class T>
[[nodiscard]] bool add_cross_entropy(std::int64_t n, T const* y, std::int64_t stride, T target, T* dy, loss_sum& sum) {
    if (target < T{0}) {
        if (dy != nullptr)
            for (std::int64_t j = 0; j < n; ++j) dy[j * stride] = T{0};
        return false;
    }
    std::int64_t const index = index_below(n, target);
    if (index < 0) return true;
    double const log_sum = math::log_sum_exp(n, y, stride);
    sum.sum += log_sum - static_cast<double>(y[index * stride]);
    sum.weight += 1;
    if (dy != nullptr) {
        math::softmax(n, y, log_sum, dy, stride);
        dy[index * stride] -= T{1};
    }
    return false;
}

/// @throws bad_index, always: of a class's number at row r of a batch
[[noreturn]] inline void reject_class(std::int64_t classes, double target, std::int64_t row, std::int64_t batch) {
    reject_index("cross_entropy", "target classes", classes, target, row_in_batch(row, batch),
                 "Check the targets, or give the last layer as many outputs as there are classes");
}

}  // namespace detail

template <class Cut, std::int64_t Classes>
struct cut_cross_entropy;

/// Σ −log softmax(y)[target] over samples, or over all steps of all samples; the weight is the number of targets that count.
/// For classes a sample, tokens of a language model, labels of tokens; −100, as elsewhere, or any other number below 0 leaves a target out.
/// @par Shapes    y (B,C), target (B,1); or y (T,B,C), target (T,B,1)
/// @par Numerics  each logarithm and the sum in double, in order
/// @throws bad_index where a target is C or more, or no whole number
struct cross_entropy {
    /// Of scores that are cut by classes.
    template <class Cut, std::int64_t Classes>
    using cut = cut_cross_entropy<Cut, Classes>;

    [[nodiscard]] static constexpr shape target(shape out) noexcept { return out.with_features(1); }

    template <class T>
    ESPALIER_NOINLINE() static loss_sum evaluate(shape out, std::int64_t batch, T const* y, T const* target, T* dy) {
        std::int64_t const classes = out.features();
        loss_sum sum;
        for (std::int64_t r = 0; r < out.rows() * batch; ++r) {
            T* const slope = dy == nullptr ? nullptr : dy + r * classes;
            if (detail::add_cross_entropy(classes, y + r * classes, 1, target[r], slope, sum))
                detail::reject_class(classes, static_cast<double>(target[r]), r, batch);
        }
        return sum;
    }
};

/// Σ −log softmax over the steps, of the first and of the last step of a span; the weight is the number of targets that count.
/// @par Shapes    y (T,B,2): each step's score as the first and as the last; target (B,2): the numbers of these steps
/// @throws bad_index where a target is T or more, or no whole number
/// @par Source    Devlin 2018, section 4.2
struct span_cross_entropy {
    [[nodiscard]] static constexpr shape target(shape) noexcept { return dims(2); }

    template <class T>
    ESPALIER_NOINLINE() static loss_sum evaluate(shape out, std::int64_t batch, T const* y, T const* target, T* dy) {
        std::int64_t const steps = out.rows();
        loss_sum sum;
        for (std::int64_t i = 0; i < 2 * batch; ++i)
            if (detail::add_cross_entropy(steps, y + i, 2 * batch, target[i], dy == nullptr ? nullptr : dy + i, sum))
                detail::reject_index("span_cross_entropy", "target steps", steps, static_cast<double>(target[i]),
                                     joined(i % 2 == 0 ? "the first" : "the last", " of sample ", i / 2),
                                     "Check the targets, or leave out spans that were cut off by a target below 0");
        return sum;
    }
};

static_assert(Loss<cross_entropy> && Loss<span_cross_entropy>);

}  // namespace espalier

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Whole scores, cut into slices of classes and put together again, and the loss over them on one rank. What is expected of it is the tests'.
#pragma once

#include "unit/nn/forward.hpp"

#include <espalier/nn/cut_cross_entropy.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

namespace espalier_test {

/// What a loss gives: its sum, its weight, and its gradient (…rows,B,Classes), whole.
template <class T>
struct outcome {
    espalier::loss_sum sum;
    std::vector<T> dy;
};

/// Whole scores (rows,Classes) as slices first … first + count − 1, which lie one after the other. Columns beyond the classes are NaN.
template <class Loss, std::int64_t Classes, class T>
std::vector<T> cut(std::vector<T> const& y, int first, int count) {
    std::int64_t const rows = static_cast<std::int64_t>(y.size()) / Classes, f = Loss::slice_size;
    std::vector<T> slices;
    for (std::int64_t k = first; k < first + count; ++k)
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t j = k * f; j < (k + 1) * f; ++j) slices.push_back(j < Classes ? y[static_cast<std::size_t>(r * Classes + j)] : std::numeric_limits<T>::quiet_NaN());
    return slices;
}
/// Puts slices back where `cut` had them from, and says whether columns beyond the classes are zero.
template <class Loss, std::int64_t Classes, class T>
bool join(std::vector<T> const& slices, int first, int count, std::vector<T>& y) {
    std::int64_t const rows = static_cast<std::int64_t>(y.size()) / Classes, f = Loss::slice_size;
    auto from               = slices.begin();
    bool is_zero            = true;
    for (std::int64_t k = first; k < first + count; ++k)
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t j = k * f; j < (k + 1) * f; ++j, ++from) {
                if (j < Classes) y[static_cast<std::size_t>(r * Classes + j)] = *from;
                else is_zero = is_zero && *from == T{0};
            }
    return is_zero;
}
/// Scores of one sample, cut, as a network gives them: (S,C') or (S,T,C').
template <class Loss>
espalier::shape cut_shape(espalier::shape out) {
    return espalier::detail::with_slices(out.with_features(Loss::slice_size), Loss::own_slices);
}

/// One rank's part of the loss; the gradient of its slices stands where whole scores would have it, the rest is zero.
/// @throws std::runtime_error on a write beyond dy or scratch, a gradient of no class, or another loss where no gradient is wanted
template <class Cut, std::int64_t Classes, class T>
outcome<T> on_a_rank(espalier::shape out, std::int64_t batch, std::vector<T> const& y, std::vector<T> const& target, espalier::tensor_exchange<T>& exchange) {
    using loss         = espalier::cross_entropy::cut<Cut, Classes>;
    auto const piece   = cut_shape<loss>(out);
    int const first    = exchange.rank() * loss::own_slices;
    auto const own     = cut<loss, Classes>(y, first, loss::own_slices);
    auto const doubles = static_cast<std::size_t>(loss::scratch(piece, batch));
    std::vector<T> dy(own.size() + 8, T{7});
    std::vector<double> scratch(doubles + 8, 3.0);
    outcome<T> o{loss::evaluate(piece, batch, own.data(), target.data(), dy.data(), exchange, scratch.data()), std::vector<T>(y.size(), T{0})};
    for (std::size_t i = 0; i < 8; ++i)
        if (dy[own.size() + i] != T{7} || scratch[doubles + i] != 3.0) throw std::runtime_error{"a write beyond the end"};
    if (!join<loss, Classes>(dy, first, loss::own_slices, o.dy)) throw std::runtime_error{"a gradient of no class"};
    auto const alone  = loss::evaluate(piece, batch, own.data(), target.data(), static_cast<T*>(nullptr), exchange, scratch.data());
    bool const is_nan = std::isnan(alone.sum) && std::isnan(o.sum.sum);
    if ((alone.sum != o.sum.sum && !is_nan) || alone.weight != o.sum.weight) throw std::runtime_error{"another loss without a gradient"};
    return o;
}
template <int K, std::int64_t Classes, class T>
outcome<T> alone(espalier::shape out, std::int64_t batch, std::vector<T> const& y, std::vector<T> const& target) {
    espalier::exchange_alone<T> exchange;
    return on_a_rank<espalier::cut_over<1, K, false>, Classes>(out, batch, y, target, exchange);
}
template <class T>
outcome<T> whole(espalier::shape out, std::int64_t batch, std::vector<T> const& y, std::vector<T> const& target) {
    outcome<T> o{{}, std::vector<T>(y.size())};
    o.sum = espalier::cross_entropy::evaluate(out, batch, y.data(), target.data(), o.dy.data());
    return o;
}

/// Scores and targets of `rows` rows, the last class among the targets, and one that counts for nothing.
template <class T>
std::vector<T> scores(std::int64_t rows, std::int64_t classes) {
    auto y = drawn<T>(rows * classes, 1);
    for (T& v : y) v *= T{5};
    return y;
}
template <class T>
std::vector<T> targets(std::int64_t rows, std::int64_t classes) {
    std::vector<T> t;
    for (std::int64_t r = 0; r < rows; ++r) t.push_back(static_cast<T>(r == 0 ? classes - 1 : r == 2 ? -100 : r * 7919 % classes));
    return t;
}

}  // namespace espalier_test

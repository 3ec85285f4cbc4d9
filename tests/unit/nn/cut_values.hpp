// SPDX-License-Identifier: BSL-1.0
/// @file
/// Values and parameters as the ranks of a tensor axis have them: parts made from whole ones, and parts put together again. Which layers
/// are run on them, and what is expected, is the tests'.
#pragma once

#include <espalier/nn/detail/slices.hpp>
#include <espalier/nn/network.hpp>
#include <espalier/nn/tensor_parts.hpp>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace espalier_test {

/// What a rank has of a value.
enum class held { whole, steps, sliced };

/// Calls f(element of the whole value, element of the part) for what a rank has of a batch of shape `of`.
/// @par Shapes    whole (…,B,F); steps: the rank's of the first dim; sliced (S,…,B,F/K), slice after slice
template <class F>
void for_each_held(espalier::shape of, std::int64_t batch, espalier::tensor_cut cut, held how, int rank, F f) {
    std::int64_t const n = of.elements() * batch, rows = of.rows() * batch, features = of.features() / cut.slices;
    if (how == held::sliced) {
        for (std::int64_t s = 0; s < cut.own_slices(); ++s)
            for (std::int64_t r = 0; r < rows; ++r)
                for (std::int64_t j = 0; j < features; ++j)
                    f(r * of.features() + (rank * cut.own_slices() + s) * features + j, (s * rows + r) * features + j);
        return;
    }
    std::int64_t const own = how == held::steps ? n / cut.ranks : n, first = how == held::steps ? rank * own : 0;
    for (std::int64_t i = 0; i < own; ++i) f(first + i, i);
}
template <class T>
[[nodiscard]] std::vector<T> part_of(std::vector<T> const& whole, espalier::shape of, std::int64_t batch, espalier::tensor_cut cut, held how, int rank) {
    std::vector<T> part(how == held::whole ? whole.size() : whole.size() / static_cast<std::size_t>(cut.ranks));
    for_each_held(of, batch, cut, how, rank, [&](std::int64_t from, std::int64_t to) { part[static_cast<std::size_t>(to)] = whole[static_cast<std::size_t>(from)]; });
    return part;
}
/// The shape of a rank's part.
[[nodiscard]] inline espalier::shape part_shape(espalier::shape of, espalier::tensor_cut cut, held how) {
    if (how == held::steps) return espalier::detail::with_steps(of, of.extent[0] / cut.ranks);
    if (how == held::sliced) return espalier::detail::with_slices(of.with_features(of.features() / cut.slices), cut.own_slices());
    return of;
}
/// Calls f(element of the whole layers' parameters, element of a rank's) for all that the rank has. Parameters are found by name.
/// @tparam Names of the layers, which both lists share
template <class Names, class Whole, class Piece, class F>
void for_each_parameter(espalier::shape in, espalier::shape piece_in, espalier::tensor_place const& at, F f) {
    using namespace espalier;
    auto const whole = chain<Whole>::template parameters<Names>(in);
    auto const piece = chain<Piece>::template parameters<Names>(piece_in);
    auto const begins = [](auto const& places, int parameter) {
        int layer = 0;
        while (parameter >= places.item[layer].first_parameter + places.item[layer].parameter_count) ++layer;
        return places.item[layer].offset[parameter - places.item[layer].first_parameter];
    };
    auto const whole_places = chain<Whole>::places(in, 1);
    auto const piece_places = chain<Piece>::places(piece_in, 1);
    for (int i = 0; i < piece.count; ++i) {
        int of = 0;
        while (of < whole.count && !(whole.item[of].name == piece.item[i].name)) ++of;
        if (of == whole.count) throw std::logic_error{"a parameter of another name"};
        tensor_part{piece.item[i].extents, piece.item[i].cut, at}.for_each_run([&](part_run const& run) {
            for (std::int64_t k = 0; k < run.count; ++k)
                f(static_cast<std::size_t>(begins(whole_places, of) + run.whole + k), static_cast<std::size_t>(begins(piece_places, i) + run.part + k));
        });
    }
}

/// Puts parts together; what several ranks have must have the same bits on all of them.
template <class T>
class put_together {
public:
    explicit put_together(std::size_t elements) : value(elements, T{0}), is_there_(elements, false) {}
    void put(std::size_t at, T v) {
        if (is_there_[at] && value[at] != v) throw std::logic_error{"two ranks have other values of one element"};
        value[at]     = v;
        is_there_[at] = true;
    }
    /// @throws where an element is on no rank
    [[nodiscard]] std::vector<T> all() const {
        if (std::find(is_there_.begin(), is_there_.end(), false) != is_there_.end()) throw std::logic_error{"an element is on no rank"};
        return value;
    }
    std::vector<T> value;

private:
    std::vector<bool> is_there_;
};

}  // namespace espalier_test

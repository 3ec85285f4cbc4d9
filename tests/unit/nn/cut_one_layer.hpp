// SPDX-License-Identifier: BSL-1.0
/// @file
/// One layer forward and backward, alone or as ranks of a tensor axis run their pieces of it, in memory of exactly the stated sizes between
/// marks. Expected values are the tests'.
#pragma once

#include "support/tensor_ranks.hpp"
#include "unit/nn/cut_values.hpp"
#include "unit/nn/forward.hpp"
#include "unit/nn/passes.hpp"

#include <limits>
#include <stdexcept>
#include <vector>

namespace espalier_test {

/// Elements that hold NaN, then a few that nobody may touch.
template <class T>
class marked {
public:
    explicit marked(std::int64_t n, T filled = std::numeric_limits<T>::quiet_NaN()) : n_{static_cast<std::size_t>(n)}, all_(n_ + room, mark) {
        std::fill_n(all_.begin(), n_, filled);
    }
    [[nodiscard]] T* data() noexcept { return all_.data(); }
    /// @throws where the elements behind the last were written
    [[nodiscard]] std::vector<T> value() const {
        for (std::size_t i = n_; i < all_.size(); ++i)
            if (all_[i] != mark) throw std::logic_error{"a write beyond the end"};
        return {all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(n_)};
    }

private:
    static constexpr std::size_t room = 48;
    static constexpr T mark           = T{123.5};
    std::size_t n_;
    std::vector<T> all_;
};

/// A layer's passes over a batch; dx stays empty where nobody wants it.
template <class L, class T>
[[nodiscard]] passes_of<T> layer_passes(espalier::shape in, std::int64_t batch, std::vector<T> const& weights, std::vector<T> const& x, std::vector<T> const& dy,
                                        espalier::tensor_exchange<T>* exchange, espalier::sampling const& draw = {}, bool wants_dx = true) {
    using namespace espalier;
    auto const place = chain<type_list<L>>::places(in, batch).item[0];
    marked<T> y{place.out.elements() * batch}, kept{kept_elements<L>(in, batch)}, scratch{scratch_elements<L>(in, batch)};
    marked<T> dx{wants_dx ? static_cast<std::int64_t>(x.size()) : 0}, gradients{static_cast<std::int64_t>(weights.size()), T{0}};
    auto kernels = make_kernels<L, T>(in, batch, direction::forward_and_backward);
    layer_weights<T> const w{weights.data(), place.offset};
    if constexpr (requires { kernels.pack(w); }) kernels.pack(w);
    L::forward(forward_pass<T>{w, in, batch, x.data(), y.data(), kept.data(), scratch.data(), draw, 5, {}, exchange}, kernels);
    auto const given = y.value();
    if (given.size() != dy.size()) throw std::logic_error{"an output of another size"};
    (void)scratch.value();
    scratch = marked<T>{scratch_elements<L>(in, batch)};
    L::backward(backward_pass<T>{w, gradients.data(), in, batch, x.data(), y.data(), kept.data(), scratch.data(), dy.data(), wants_dx ? dx.data() : nullptr, draw, 5,
                                 {}, exchange},
                kernels);
    (void)kept.value(), (void)scratch.value();
    if (y.value() != given) throw std::logic_error{"backward changed the output"};
    return {given, dx.value(), gradients.value()};
}

/// A whole layer with what it is run on, drawn.
template <class Whole, class T>
struct layer_case {
    espalier::shape in;
    std::int64_t batch;
    espalier::sampling draw = {};
    std::vector<T> weights  = drawn<T>(espalier::chain<espalier::type_list<Whole>>::places(in, batch).parameter_elements, 1);
    std::vector<T> x        = drawn<T>(in.elements() * batch, 2);
    std::vector<T> dy       = drawn<T>(Whole::gives(in).elements() * batch, 3);

    [[nodiscard]] passes_of<T> whole() const { return layer_passes<Whole>(in, batch, weights, x, dy, static_cast<espalier::tensor_exchange<T>*>(nullptr), draw); }

    /// What the ranks of a cut give who each have a `Piece` of it, put together.
    /// @throws std::logic_error where ranks differ in what they all have, or exchange otherwise than the piece states
    template <class Piece, class Cut>
    [[nodiscard]] passes_of<T> cut(held comes, held goes, bool wants_dx = true) const {
        using namespace espalier;
        using names             = layer_names<sequence<Whole>>;
        constexpr tensor_cut by = Cut::value;
        shape const here = part_shape(in, by, comes), out = Whole::gives(in);
        auto const of_weights = [&](int rank, auto f) { for_each_parameter<names, type_list<Whole>, type_list<Piece>>(in, here, {by, rank}, f); };
        auto const ranks      = on_tensor_ranks<T>(by, [&](tested_exchange<T>& exchange) {
            std::vector<T> own(static_cast<std::size_t>(chain<type_list<Piece>>::places(here, batch).parameter_elements));
            of_weights(exchange.rank(), [&](std::size_t from, std::size_t to) { own[to] = weights[from]; });
            auto const made = layer_passes<Piece>(here, batch, own, part_of(x, in, batch, by, comes, exchange.rank()),
                                                  part_of(dy, out, batch, by, goes, exchange.rank()), static_cast<tensor_exchange<T>*>(&exchange), draw, wants_dx);
            exchange_tally stated{by.ranks, exchange.rank()};
            count_exchanges<Piece>(here, batch, pass_way::forward, wants_dx, stated);
            count_exchanges<Piece>(here, batch, pass_way::backward, wants_dx, stated);
            if (stated.times != exchange.tally.times || stated.sent != exchange.tally.sent) throw std::logic_error{"other exchanges than are stated"};
            return made;
        });
        put_together<T> y{dy.size()}, dx{x.size()}, gradients{weights.size()};
        for (int r = 0; r < by.ranks; ++r) {
            auto const& own = ranks[static_cast<std::size_t>(r)];
            auto const put  = [](auto& all, auto const& part) {
                return [&](auto to, auto from) { all.put(static_cast<std::size_t>(to), part[static_cast<std::size_t>(from)]); };
            };
            for_each_held(out, batch, by, goes, r, put(y, own.y));
            if (wants_dx) for_each_held(in, batch, by, comes, r, put(dx, own.dx));
            of_weights(r, put(gradients, own.gradients));
        }
        return {y.all(), wants_dx ? dx.all() : std::vector<T>{}, gradients.value};
    }
};

}  // namespace espalier_test

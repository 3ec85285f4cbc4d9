// SPDX-License-Identifier: BSL-1.0
/// @file
/// y = x, by way of exchanges when it is cut across ranks, with places in between at which a test can make a rank fall over. What the others
/// then do is the tests' business.
#pragma once

#include <espalier/core/placement.hpp>
#include <espalier/nn/exchange.hpp>
#include <espalier/nn/layer.hpp>

#include <algorithm>
#include <cstdint>

namespace espalier_test {

/// Where a rank is in its exchanges.
enum class exchange_place : unsigned char { between_two, with_one_posted, with_one_posted_on_the_way_back };

template <class Falls, class Cut>
struct exchanging_layer_of;

/// @tparam Falls has a static `at(exchange_place)`, that may throw
template <class Falls>
struct exchanging_layer {
    template <class Cut>
    using sharded_over = exchanging_layer_of<Falls, Cut>;

    [[nodiscard]] static constexpr bool takes(espalier::shape) noexcept { return true; }
    [[nodiscard]] static constexpr espalier::shape gives(espalier::shape in) noexcept { return in; }
    [[nodiscard]] static constexpr espalier::parameter_list<0> parameters(espalier::shape) noexcept { return {}; }
    template <class T>
    static void forward(espalier::forward_pass<T> const& p, espalier::no_kernels) { std::copy_n(p.x, p.in.elements() * p.batch, p.y); }
    template <class T>
    static void backward(espalier::backward_pass<T> const& p, espalier::no_kernels) {
        if (p.dx != nullptr) std::copy_n(p.dy, p.in.elements() * p.batch, p.dx);
    }
};

/// Each rank brings its share of every value.
template <class Falls, class Cut>
struct exchanging_layer_of : exchanging_layer<Falls> {
    using takes_placement = espalier::replicated;
    using gives_placement = espalier::replicated;

    static constexpr void exchanges(espalier::shape in, std::int64_t batch, espalier::pass_way way, bool wants_dx, espalier::exchange_tally& tally) noexcept {
        if (way == espalier::pass_way::forward) tally.sum(in.elements() * batch, 2);
        else if (wants_dx) tally.sum(in.elements() * batch);
    }
    template <class T>
    static void forward(espalier::forward_pass<T> const& p, espalier::no_kernels) {
        std::int64_t const n = p.in.elements() * p.batch;
        share(n, p.x, p.y);
        p.exchange->sum(espalier::exchange_point::output, p.y, n);
        Falls::at(exchange_place::between_two);
        share(n, p.y, p.y);
        p.exchange->post_sum(espalier::exchange_point::output, p.y, n);
        Falls::at(exchange_place::with_one_posted);
        p.exchange->wait();
    }
    template <class T>
    static void backward(espalier::backward_pass<T> const& p, espalier::no_kernels) {
        if (p.dx == nullptr) return;
        std::int64_t const n = p.in.elements() * p.batch;
        share(n, p.dy, p.dx);
        p.exchange->post_sum(espalier::exchange_point::input_gradient, p.dx, n);
        Falls::at(exchange_place::with_one_posted_on_the_way_back);
        p.exchange->wait();
    }

private:
    template <class T>
    static void share(std::int64_t n, T const* from, T* to) {
        std::transform(from, from + n, to, [](T v) { return v / static_cast<T>(Cut::value.ranks); });
    }
};

}  // namespace espalier_test

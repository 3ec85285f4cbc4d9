// SPDX-License-Identifier: BSL-1.0
/// @file
/// Around a layer that is not cut, where ranks have their own steps of a sequence: what it reads is gathered, or what it gives.
/// Cut layers exchange by themselves (nn/cut_layer.hpp).
#pragma once

#include <espalier/nn/detail/slices.hpp>
#include <espalier/nn/exchange.hpp>
#include <espalier/nn/layer.hpp>

namespace espalier {

/// L over the whole sequence, gathered from ranks that each have their steps. Every rank computes it all, so the gradient of the input is
/// the same on every rank, and each takes its steps of it.
/// @tparam Ranks of the tensor axis
template <class L, int Ranks>
struct over_all_steps {
    static constexpr bool reads_input = reads_network_input<L>;

    [[nodiscard]] static constexpr shape whole(shape const& in) { return detail::with_steps(in, in.extent[0] * Ranks); }
    [[nodiscard]] static constexpr bool takes(shape in) { return in.rank >= 2 && L::takes(whole(in)); }
    [[nodiscard]] static constexpr shape gives(shape in) { return L::gives(whole(in)); }
    [[nodiscard]] static constexpr auto parameters(shape in) { return L::parameters(whole(in)); }
    [[nodiscard]] static constexpr std::int64_t cost(shape in) { return cost_of<L>(whole(in)); }
    [[nodiscard]] static constexpr std::int64_t keeps(shape in, std::int64_t batch) { return kept_elements<L>(whole(in), batch); }
    /// The input and its gradient, whole.
    [[nodiscard]] static constexpr std::int64_t scratch(shape in, std::int64_t batch) {
        return 2 * aligned_elements(whole(in).elements() * batch) + scratch_elements<L>(whole(in), batch);
    }
    static constexpr void exchanges(shape in, std::int64_t batch, pass_way way, bool wants_dx, exchange_tally& tally) {
        tally.gather(in.elements() * batch);
        count_exchanges<L>(whole(in), batch, way, wants_dx, tally);
    }

    template <class T>
    class kernels {
    public:
        kernels(shape in, std::int64_t batch, direction way) : of_layer_{make_kernels<L, T>(whole(in), batch, way)} {}
        void pack([[maybe_unused]] layer_weights<T> const& w) {
            if constexpr (requires { of_layer_.pack(w); }) of_layer_.pack(w);
        }
        [[nodiscard]] std::size_t workspace_bytes() const {
            if constexpr (requires { of_layer_.workspace_bytes(); }) return of_layer_.workspace_bytes();
            else return 0;
        }

    private:
        friend over_all_steps;
        kernels_of<L, T> of_layer_;
    };

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        L::forward(gathered(p), k.of_layer_);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        backward_pass<T> all = gathered(p);
        if (p.dx != nullptr) all.dx = p.scratch + aligned_elements(all.in.elements() * p.batch);
        L::backward(all, k.of_layer_);
        std::int64_t const own = p.in.elements() * p.batch;
        if (p.dx != nullptr) std::copy_n(all.dx + p.exchange->rank() * own, own, p.dx);
    }

private:
    template <class Pass>
    [[nodiscard]] static Pass gathered(Pass const& p) {
        Pass all               = p;
        std::int64_t const own = p.in.elements() * p.batch;
        std::copy_n(p.x, own, p.scratch + p.exchange->rank() * own);
        p.exchange->gather(exchange_point::input, p.scratch, own);
        all.in      = whole(p.in);
        all.x       = p.scratch;
        all.scratch = p.scratch + 2 * aligned_elements(all.in.elements() * p.batch);
        return all;
    }
};

/// L, whose output on each rank are its steps, and which gives all of them on every rank.
template <class L, int Ranks>
struct then_all_steps {
    static constexpr bool reads_input = reads_network_input<L>;

    [[nodiscard]] static constexpr shape input()
        requires requires { L::input(); }
    {
        return L::input();
    }
    [[nodiscard]] static constexpr bool takes(shape in) { return L::takes(in) && L::gives(in).rank >= 2; }
    [[nodiscard]] static constexpr shape gives(shape in) { return detail::with_steps(L::gives(in), L::gives(in).extent[0] * Ranks); }
    [[nodiscard]] static constexpr auto parameters(shape in) { return L::parameters(in); }
    [[nodiscard]] static constexpr std::int64_t cost(shape in) { return cost_of<L>(in); }
    [[nodiscard]] static constexpr std::int64_t keeps(shape in, std::int64_t batch) { return kept_elements<L>(in, batch); }
    [[nodiscard]] static constexpr std::int64_t scratch(shape in, std::int64_t batch) { return scratch_elements<L>(in, batch); }
    static constexpr void exchanges(shape in, std::int64_t batch, pass_way way, bool wants_dx, exchange_tally& tally) {
        count_exchanges<L>(in, batch, way, wants_dx, tally);
        if (way == pass_way::forward) tally.gather(L::gives(in).elements() * batch);
    }

    template <class T>
    using kernels = kernels_of<L, T>;

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        std::int64_t const own   = L::gives(p.in).elements() * p.batch;
        forward_pass<T> own_part = p;
        own_part.y += p.exchange->rank() * own;
        L::forward(own_part, k);
        p.exchange->gather(exchange_point::output, p.y, own);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        std::int64_t const own    = L::gives(p.in).elements() * p.batch;
        backward_pass<T> own_part = p;
        own_part.y += p.exchange->rank() * own, own_part.dy += p.exchange->rank() * own;
        L::backward(own_part, k);
    }
};

}  // namespace espalier

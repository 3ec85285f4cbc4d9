// SPDX-License-Identifier: BSL-1.0
/// @file
/// A layer that is cut across ranks, with the exchanges before and after it: the slices of this rank one after the other, sums along the lane
/// tree. What a slice computes is its own business; which exchanges a place in a network needs is partition/tensor/'s.
#pragma once

#include <espalier/core/placement.hpp>
#include <espalier/nn/detail/cut_sizes.hpp>
#include <espalier/nn/detail/slices.hpp>
#include <espalier/nn/layer.hpp>

#include <vector>

namespace espalier {

/// L is a layer for one slice (see docs/howto/own-cut-layer.md). What comes in and what is given are exchanged as In and Out say:
/// ```
///            forward                                          backward
///   In       whole                                            gradient summed over all slices
///            steps: gathered                                  summed, each rank gets its steps
///   Out      sum: over all slices, then the tail              as it comes
///            sum_to_steps: each rank gets its steps of it     gathered
///            joined: the features of all slices gathered      own features taken
/// ```
/// Where a slice splits its backward, the gradient of the input is summed while the gradients of weights are computed.
/// @par Source    Shoeybi et al. 2019, Korthikanti et al. 2022 (sequence parallelism)
template <class L, class Cut, entry In, exit_of_slices Out>
struct cut_layer {
    using sizes                       = detail::cut_sizes<L, Cut, In, Out>;
    using slice_layer                 = L;
    static constexpr bool reads_input = reads_network_input<L>;

    [[nodiscard]] static constexpr shape input()
        requires requires { L::input(); }
    {
        return L::input();
    }
    [[nodiscard]] static constexpr bool takes(shape in) { return sizes::takes(in); }
    [[nodiscard]] static constexpr shape gives(shape in) { return sizes::gives(in); }
    [[nodiscard]] static constexpr auto parameters(shape in) { return sizes::parameters(in); }
    [[nodiscard]] static constexpr std::int64_t cost(shape in) { return sizes::own * cost_of<L>(sizes::slice_in(in)); }
    [[nodiscard]] static constexpr std::int64_t keeps(shape in, std::int64_t batch) { return sizes::own * sizes::kept_by_slice(in, batch); }
    [[nodiscard]] static constexpr std::int64_t scratch(shape in, std::int64_t batch) { return sizes{in, batch}.scratch(); }
    static constexpr void exchanges(shape in, std::int64_t batch, pass_way way, bool wants_dx, exchange_tally& tally) {
        sizes{in, batch}.count(way, wants_dx, tally);
    }

    template <class T>
    class kernels {
    public:
        ESPALIER_COLD() kernels(shape in, std::int64_t batch, direction way) {
            for (int s = 0; s < sizes::own; ++s) of_slice_.push_back(make_kernels<L, T>(sizes::slice_in(in), batch, way));
        }
        void pack([[maybe_unused]] layer_weights<T> const& w) {
            if constexpr (requires { of_slice_[0].pack(w); })
                for (int s = 0; s < sizes::own; ++s) {
                    typename sizes::offsets const at{w.offset, s};
                    of_slice_[static_cast<std::size_t>(s)].pack({w.base, at.value});
                }
        }
        [[nodiscard]] std::size_t workspace_bytes() const {
            std::size_t bytes = 0;
            if constexpr (requires { of_slice_[0].workspace_bytes(); })
                for (auto const& k : of_slice_) bytes += k.workspace_bytes();
            return bytes;
        }
        [[nodiscard]] kernels_of<L, T>& of(int slice) noexcept { return of_slice_[static_cast<std::size_t>(slice)]; }

    private:
        std::vector<kernels_of<L, T>> of_slice_;
    };

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        sizes const n{p.in, p.batch};
        T const* const x = gathered_input(p, n);
        for (int s = 0; s < sizes::own; ++s) {
            typename sizes::offsets const at{p.offset, s};
            forward_pass<T> slice = p;
            slice.offset          = at.value;
            slice.in              = sizes::slice_in(p.in);
            slice.x               = In == entry::sliced ? p.x + s * n.x : x;
            slice.y               = output_of(p, n, s);
            slice.kept            = p.kept + s * sizes::kept_by_slice(p.in, p.batch);
            slice.scratch         = p.scratch + n.slice_scratch_at();
            slice.at.slice        = p.exchange->rank() * sizes::own + s;
            L::forward(slice, k.of(s));
        }
        leave(p, n, x);
    }

    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        sizes const n{p.in, p.batch};
        T const* const x = gathered_input(p, n);
        if constexpr (sizes::has_tail) finish_backward(p, n, x);
        come_in(p, n);
        auto const each = [&](auto part) {
            for (int s = 0; s < sizes::own; ++s) {
                typename sizes::offsets const at{p.offset, s};
                part(slice_back(p, n, x, s, at.value), k.of(s));
            }
        };
        if constexpr (SplitsBackward<L, T> && In != entry::sliced) {
            if (p.dx != nullptr) {
                each([](backward_pass<T> const& slice, auto& kernels) { L::backward_input(slice, kernels); });
                post_gradient(p, n);
                each([](backward_pass<T> const& slice, auto& kernels) { L::backward_weights(slice, kernels); });
                p.exchange->wait();
                return;
            }
        }
        each([](backward_pass<T> const& slice, auto& kernels) { L::backward(slice, kernels); });
        if (In == entry::sliced || p.dx == nullptr) return;
        post_gradient(p, n);
        p.exchange->wait();
    }

private:
    /// The input of a slice, where it is not cut by features.
    template <class Pass>
    [[nodiscard]] static auto gathered_input(Pass const& p, sizes const& n) -> decltype(p.x) {
        if constexpr (In == entry::steps) {
            auto* const whole        = p.scratch + n.gathered_input_at();
            std::int64_t const own_n = n.x / Cut::value.ranks;
            std::copy_n(p.x, own_n, whole + p.exchange->rank() * own_n);
            p.exchange->gather(exchange_point::input, whole, own_n);
            return whole;
        } else {
            return p.x;
        }
    }

    /// Where slice s writes.
    template <class T>
    [[nodiscard]] static T* output_of(forward_pass<T> const& p, sizes const& n, int s) {
        if constexpr (Out == exit_of_slices::sliced) return p.y + s * n.y;
        else if constexpr (Out == exit_of_slices::sum) return s == 0 ? p.y : p.scratch + n.outputs_at() + (s - 1) * n.y;
        else if constexpr (Out == exit_of_slices::joined) return p.scratch + n.outputs_at() + (p.exchange->rank() * sizes::own + s) * n.y;
        else return p.scratch + n.outputs_at() + s * n.y;
    }
    template <class T>
    static void leave(forward_pass<T> const& p, sizes const& n, [[maybe_unused]] T const* x) {
        if constexpr (Out == exit_of_slices::joined) {
            T* const all = p.scratch + n.outputs_at();
            p.exchange->gather(exchange_point::output, all, sizes::own * n.y);
            shape const out = L::gives(sizes::slice_in(p.in));
            detail::join_features(out.rows() * p.batch, out.features(), Cut::value.slices, static_cast<T const*>(all), p.y);
        } else if constexpr (Out != exit_of_slices::sliced) {
            detail::sum_along_tree({0, sizes::own}, n.y, [&](int s) { return output_of(p, n, s); });
            if constexpr (Out == exit_of_slices::sum) p.exchange->sum(exchange_point::output, p.y, n.y);
            else p.exchange->sum_to_parts(exchange_point::output, static_cast<T const*>(output_of(p, n, 0)), p.y, n.y / Cut::value.ranks);
            if constexpr (sizes::has_tail) {
                typename sizes::offsets const at{p.offset, 0};
                forward_pass<T> tail = p;
                tail.offset          = at.value;
                tail.scratch         = p.scratch + n.slice_scratch_at();
                sizes::place_tail(tail, x, 0, 1);
                L::finish(tail);
            }
        }
    }

    /// The gradients of the tail's parameters, block by block of steps as in row_blocks. It reads no weights, so offsets may be those of the
    /// gradients alone.
    template <class T>
    static void finish_backward(backward_pass<T> const& p, sizes const& n, T const* x) {
        int const blocks           = sizes::tail_blocks(p.in).count;
        std::int64_t const in_tail = sizes::tail_elements(p.in);
        T* const sums              = p.scratch + n.tail_at();
        auto const gradient_of     = [&](int b) { return sums + b * in_tail; };
        typename sizes::tail_offsets const gradients{p.offset};
        math::fill_zero(blocks * in_tail, sums);
        for (int b = 0; b < blocks; ++b) {
            backward_pass<T> tail = p;
            tail.offset           = gradients.value;
            tail.gradients        = gradient_of(b);
            tail.scratch          = sums + blocks * in_tail;
            tail.dx               = nullptr;
            sizes::place_tail(tail, x, b, blocks);
            L::finish_backward(tail);
        }
        detail::sum_along_tree({0, blocks}, in_tail, gradient_of);
        if constexpr (Out == exit_of_slices::sum_to_steps) p.exchange->sum(exchange_point::weights_gradient, sums, in_tail);
        math::add_to(in_tail, sums, p.gradients + p.offset[sizes::first_tail_parameter]);
    }

    /// The gradient at the output as slices need it.
    template <class T>
    static void come_in(backward_pass<T> const& p, sizes const& n) {
        if constexpr (Out == exit_of_slices::sum_to_steps) {
            T* const whole           = p.scratch + n.outputs_at();
            std::int64_t const own_n = n.y / Cut::value.ranks;
            std::copy_n(p.dy, own_n, whole + p.exchange->rank() * own_n);
            p.exchange->gather(exchange_point::output_gradient, whole, own_n);
        } else if constexpr (Out == exit_of_slices::joined) {
            shape const out      = L::gives(sizes::slice_in(p.in));
            std::int64_t const r = out.rows() * p.batch;
            int const first      = p.exchange->rank() * sizes::own;
            T* const dy          = p.scratch + n.outputs_at();
            detail::take_features(r, out.features(), Cut::value.slices, first, first + sizes::own, p.dy, dy);
            detail::take_features(r, out.features(), Cut::value.slices, first, first + sizes::own, p.y, dy + sizes::own * n.y);
        }
    }
    template <class T>
    [[nodiscard]] static T* gradient_of(backward_pass<T> const& p, sizes const& n, int s) {
        if (p.dx == nullptr) return nullptr;
        if constexpr (In == entry::sliced) return p.dx + s * n.x;
        else if constexpr (In == entry::whole) return s == 0 ? p.dx : p.scratch + n.input_gradients_at() + (s - 1) * n.x;
        else return p.scratch + n.input_gradients_at() + s * n.x;
    }
    template <class T>
    [[nodiscard]] static backward_pass<T> slice_back(backward_pass<T> const& p, sizes const& n, T const* x, int s, std::int64_t const* offset) {
        backward_pass<T> slice = p;
        slice.offset           = offset;
        slice.in               = sizes::slice_in(p.in);
        slice.x                = In == entry::sliced ? p.x + s * n.x : x;
        slice.y                = nullptr;  // of a summand nothing is left
        slice.dy               = p.dy;
        if constexpr (Out == exit_of_slices::sliced) slice.y = p.y + s * n.y, slice.dy = p.dy + s * n.y;
        else if constexpr (Out == exit_of_slices::sum_to_steps) slice.dy = p.scratch + n.outputs_at();
        else if constexpr (Out == exit_of_slices::joined) slice.dy = p.scratch + n.outputs_at() + s * n.y, slice.y = slice.dy + sizes::own * n.y;
        slice.kept     = p.kept + s * sizes::kept_by_slice(p.in, p.batch);
        slice.scratch  = p.scratch + n.slice_scratch_at();
        slice.dx       = gradient_of(p, n, s);
        slice.at.slice = p.exchange->rank() * sizes::own + s;
        return slice;
    }
    /// Sums the gradient of the input over the rank's slices, and begins to sum it over ranks.
    template <class T>
    static void post_gradient(backward_pass<T> const& p, sizes const& n) {
        if constexpr (In != entry::sliced) {
            detail::sum_along_tree({0, sizes::own}, n.x, [&](int s) { return gradient_of(p, n, s); });
            if constexpr (In == entry::whole) p.exchange->post_sum(exchange_point::input_gradient, p.dx, n.x);
            else p.exchange->post_sum_to_parts(exchange_point::input_gradient, static_cast<T const*>(gradient_of(p, n, 0)), p.dx, n.x / Cut::value.ranks);
        }
    }
};

}  // namespace espalier

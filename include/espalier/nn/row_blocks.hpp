// SPDX-License-Identifier: BSL-1.0
/// @file
/// A row-wise layer between cut layers: it works block by block of steps, so that the gradients of its parameters have the same bits whether
/// one rank has all steps or each has its own. The layer itself knows nothing of it.
#pragma once

#include <espalier/nn/detail/slices.hpp>
#include <espalier/nn/exchange.hpp>
#include <espalier/nn/layer.hpp>

#include <vector>

namespace espalier {

/// Whether a layer's row of y depends on its row of x alone, and on which row that is.
template <class L>
inline constexpr bool is_rowwise = false;
template <class L>
    requires requires { L::is_rowwise; }
inline constexpr bool is_rowwise<L> = L::is_rowwise;

/// L on the steps that this rank has: all of them in as many blocks as there are slices, or, where ranks keep their own steps, those.
/// Gradients of parameters are computed block by block and summed along the lane tree over all blocks.
/// @tparam ReadsWhole the input is whole on every rank, also where the output is not: at the network's beginning
template <class L, class Cut, bool ReadsWhole = false>
struct row_blocks {
    static constexpr tensor_cut cut   = Cut::value;
    static constexpr bool own_steps   = cut.cuts_steps;
    static constexpr bool reads_input = reads_network_input<L>;
    using rowwise_layer               = L;

    [[nodiscard]] static constexpr shape input()
        requires requires { L::input(); }
    {
        return L::input();
    }
    [[nodiscard]] static constexpr bool takes(shape in) { return in.rank >= 2 && L::takes(in); }
    [[nodiscard]] static constexpr shape gives(shape in) { return L::gives(own(in)); }
    [[nodiscard]] static constexpr auto parameters(shape in) { return L::parameters(in); }
    [[nodiscard]] static constexpr std::int64_t cost(shape in) { return cost_of<L>(own(in)); }
    [[nodiscard]] static constexpr std::int64_t keeps(shape in, std::int64_t batch) {
        std::int64_t n = 0;
        for (int b = 0; b < blocks(in).count; ++b) n += aligned_elements(kept_elements<L>(blocks(in).of(own(in), b), batch));
        return n;
    }
    [[nodiscard]] static constexpr std::int64_t scratch(shape in, std::int64_t batch) {
        std::int64_t most = 0;
        for (int b = 0; b < blocks(in).count; ++b) {
            std::int64_t const n = scratch_elements<L>(blocks(in).of(own(in), b), batch);
            most                 = n > most ? n : most;
        }
        return blocks(in).count * gradient_elements(in) + most;
    }
    static constexpr void exchanges(shape in, std::int64_t, pass_way way, bool, exchange_tally& tally) {
        if (own_steps && way == pass_way::backward && parameter_count > 0) tally.sum(gradient_elements(in));
    }

    template <class T>
    class kernels {
    public:
        ESPALIER_COLD() kernels(shape in, std::int64_t batch, direction way) {
            for (int b = 0; b < blocks(in).count; ++b) of_block_.push_back(make_kernels<L, T>(blocks(in).of(own(in), b), batch, way));
        }
        void pack([[maybe_unused]] layer_weights<T> const& w) {
            if constexpr (requires { of_block_[0].pack(w); })
                for (auto& k : of_block_) k.pack(w);
        }
        [[nodiscard]] std::size_t workspace_bytes() const {
            std::size_t bytes = 0;
            if constexpr (requires { of_block_[0].workspace_bytes(); })
                for (auto const& k : of_block_) bytes += k.workspace_bytes();
            return bytes;
        }

    private:
        friend row_blocks;
        std::vector<kernels_of<L, T>> of_block_;
    };

    template <class T>
    static void forward(forward_pass<T> const& p, kernels<T>& k) {
        auto const all = blocks(p.in);
        T* kept        = p.kept;
        for (int b = 0; b < all.count; ++b) {
            forward_pass<T> block = p;
            place(block, all, b, kept);
            block.y       = p.y + all.elements_before(gives(p.in), p.batch, b);
            block.scratch = p.scratch + all.count * gradient_elements(p.in);
            L::forward(block, k.of_block_[static_cast<std::size_t>(b)]);
        }
    }
    template <class T>
    static void backward(backward_pass<T> const& p, kernels<T>& k) {
        auto const all         = blocks(p.in);
        std::int64_t const n   = gradient_elements(p.in);
        auto const gradient_of = [&](int b) { return p.scratch + b * n; };
        std::int64_t offset[parameter_count > 0 ? parameter_count : 1];  // from the layer's first parameter
        for (int i = 0; i == 0 || i < parameter_count; ++i) offset[i] = p.offset[i] - p.offset[0];
        T* kept = p.kept;
        math::fill_zero(all.count * n, p.scratch);
        for (int b = 0; b < all.count; ++b) {
            backward_pass<T> block = p;
            place(block, all, b, kept);
            std::int64_t const before = all.elements_before(gives(p.in), p.batch, b);
            block.base += p.offset[0], block.offset = offset;
            block.gradients = gradient_of(b);
            block.y = p.y + before, block.dy = p.dy + before;
            if (p.dx != nullptr) block.dx = p.dx + (block.x - p.x);
            block.scratch = p.scratch + all.count * n;
            L::backward(block, k.of_block_[static_cast<std::size_t>(b)]);
        }
        if constexpr (parameter_count > 0) {
            detail::sum_along_tree({0, all.count}, n, gradient_of);
            if (own_steps) p.exchange->sum(exchange_point::weights_gradient, p.scratch, n);
            math::add_to(n, p.scratch, p.gradients + p.offset[0]);
        }
    }

private:
    static constexpr int parameter_count = decltype(L::parameters(shape{}))::count;

    /// What the rank's steps of an input are.
    [[nodiscard]] static constexpr shape own(shape in) noexcept {
        return ReadsWhole && own_steps ? detail::with_steps(in, in.extent[0] / cut.ranks) : in;
    }
    [[nodiscard]] static constexpr detail::step_blocks blocks(shape in) noexcept { return {own(in), cut.own_blocks()}; }
    [[nodiscard]] static constexpr std::int64_t gradient_elements(shape in) { return detail::padded_elements(L::parameters(in), 0, parameter_count); }

    /// Points a pass at block b of the rank's steps.
    template <class Pass, class T>
    static void place(Pass& block, detail::step_blocks const& all, int b, T*& kept) {
        shape const in            = own(block.in);
        std::int64_t const before = own_steps ? block.exchange->rank() * all.steps : 0;  // steps of other ranks
        block.at.first_row        = before + all.first(b);
        if (ReadsWhole) block.x += before * (in.elements() / all.steps) * block.batch;
        block.x += all.elements_before(in, block.batch, b);
        block.in   = all.of(in, b);
        block.kept = kept;
        kept += aligned_elements(kept_elements<L>(block.in, block.batch));
    }
};

}  // namespace espalier

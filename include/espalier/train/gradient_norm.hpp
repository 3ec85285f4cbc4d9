// SPDX-License-Identifier: BSL-1.0
/// @file
/// The global norm of a gradient, for clipping: the same bits however the flat parameters are cut into ranges of whole blocks.
/// Where ranks hold different ranges, what travels between them is the caller's.
#pragma once

#include <espalier/math/block_sum.hpp>
#include <espalier/math/elementwise.hpp>
#include <espalier/memory/buffer.hpp>
#include <espalier/nn/tensor_blocks.hpp>

#include <cmath>
#include <span>

namespace espalier {

/// Computes the Euclidean norm over all parameters of a network.
/// Squares are summed in blocks of 4,096 elements counted from each tensor's start; the sums of all blocks, tensors in name order, are
/// summed along the lane tree. Where a rank has a part of the gradient: `clear()`, `add_blocks(held, gradients)` for each range,
/// add `blocks()` up over the ranks (all but one of them hold a zero for each block, so no order matters), then `combined()`.
/// Of tensors that are cut along a tensor axis the blocks are those of all slices: the bits depend on the number of slices, not on the
/// number of ranks that share them.
/// @par Numerics  accumulates in double
/// @par Cost      one pass; allocates once, when it is constructed for use
/// @par Source    Pascanu et al. 2013, clipping by norm; torch.nn.utils.clip_grad_norm_
template <class Network>
class gradient_norm {
public:
    /// An object that computes nothing; assign one made by `for_use`.
    gradient_norm() = default;
    [[nodiscard]] static gradient_norm for_use() {
        gradient_norm norm;
        norm.sums_ = buffer<double>{list.count};
        norm.clear();
        return norm;
    }

    /// The norm of a whole gradient.
    /// @param gradients network<Network>::tensors.elements elements
    template <class T>
    [[nodiscard]] double operator()(T const* gradients) {
        add_blocks({0, tensors.elements}, gradients);
        return combined();
    }

    /// Sets the sums of all blocks to zero.
    void clear() { math::fill_zero(sums_.size(), sums_.data()); }
    /// Writes the sums of squares of the blocks of a range for which this rank speaks; those of others stay.
    /// @param gradients held.last − held.first elements, those of the range alone
    /// @throws invalid_setting where the range is cut inside a block
    template <class T>
    void add_blocks(flat_range held, T const* gradients, tensor_place const& at = {}) {
        for_each_piece(tensors, held, [&](block_piece const& p) {
            if (!speaks_for(tensors.item[p.tensor], at)) return;
            math::block_squares(p.elements.last - p.elements.first, gradients + (p.elements.first - held.first),
                                sums_.data() + list.part(tensors, p.tensor, at).first + p.block);
        });
    }
    /// The sums of squares of all blocks of the network.
    [[nodiscard]] std::span<double> blocks() noexcept { return {sums_.data(), static_cast<std::size_t>(sums_.size())}; }
    /// The norm that follows from them.
    [[nodiscard]] double combined() const noexcept { return std::sqrt(math::tree_sum(sums_.size(), sums_.data())); }

    [[nodiscard]] std::size_t workspace_bytes() const noexcept { return static_cast<std::size_t>(sums_.size()) * sizeof(double); }

private:
    static constexpr auto const& tensors = network<Network>::tensors;
    static constexpr block_list list{tensors};

    buffer<double> sums_;
};

}  // namespace espalier

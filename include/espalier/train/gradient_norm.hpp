// SPDX-License-Identifier: BSL-1.0
/// @file
/// The global norm of a gradient, for clipping: the same bits however the flat parameters are cut.
#pragma once

#include <espalier/math/block_sum.hpp>
#include <espalier/memory/buffer.hpp>
#include <espalier/nn/network.hpp>

#include <cmath>

namespace espalier {

/// Computes the Euclidean norm over all parameters of a network.
/// Squares are summed in blocks of 4,096 elements counted from each tensor's start; the sums of all blocks, tensors in name order, are
/// summed along the lane tree.
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
        norm.sums_ = buffer<double>{blocks()};
        return norm;
    }

    /// @param gradients the flat gradient, network<Network>::tensors.elements elements
    template <class T>
    [[nodiscard]] double operator()(T const* gradients) {
        double* out = sums_.data();
        for (int i = 0; i < net::tensors.count; ++i) {
            auto const& t        = net::tensors.item[net::tensors.by_name[i]];
            std::int64_t const n = t.extents.elements();
            math::block_squares(n, gradients + t.offset, out);
            out += math::blocks_of(n);
        }
        return std::sqrt(math::tree_sum(sums_.size(), sums_.data()));
    }
    [[nodiscard]] std::size_t workspace_bytes() const noexcept { return static_cast<std::size_t>(sums_.size()) * sizeof(double); }

private:
    using net = network<Network>;
    [[nodiscard]] static std::int64_t blocks() {
        std::int64_t n = 0;
        for (int i = 0; i < net::tensors.count; ++i) n += math::blocks_of(net::tensors.item[i].extents.elements());
        return n;
    }

    buffer<double> sums_;
};

}  // namespace espalier

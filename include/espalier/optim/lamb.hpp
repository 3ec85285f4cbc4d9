// SPDX-License-Identifier: BSL-1.0
/// @file
/// LAMB: Adam's update of each tensor, scaled to the norm of the tensor's weights, for large batches. It runs over pieces of tensors;
/// train/weight_update.hpp runs it over a network.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/memory/space.hpp>
#include <espalier/optim/concepts.hpp>
#include <espalier/optim/detail/lamb_passes.hpp>

#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>

#include <cmath>

namespace espalier {

/// LAMB: u = m̂ / (√v̂ + ε) + λ·w; w ← w − rate · ‖w‖/‖u‖ · u, with the norms of the whole tensor and Adam's moments m, v.
/// A step has one relative size for every tensor, so that rates hold for batches where Adam's no longer do; see `square_root_scaling`.
/// @par Cost      two passes; no scratch of the parameters' size: the second computes u again from the moments
/// @par Numerics  moments and u in the parameters' type, squares and their sums in double, summed a block: same bits however
///                tensors are cut into pieces
/// @par Source    You et al. 2020, arXiv 1904.00962, algorithm 2 with φ the identity; defaults as apex.optimizers.FusedLAMB
struct lamb {
    struct settings {
        double beta1        = 0.9;
        double beta2        = 0.999;
        double epsilon      = 1e-6;
        double weight_decay = 0.01;  ///< applied to every parameter
    };
    static constexpr int states            = 2;
    static constexpr std::string_view name = "lamb";
    [[nodiscard]] static constexpr std::string_view state_name(int i) noexcept { return i == 0 ? "exp_avg" : "exp_avg_sq"; }

    /// Moves the moments of a piece by its gradients, and writes for each of its blocks the sums of squares of w and of u.
    /// The weights stay as they are.
    /// @par Shapes    piece: a part of one tensor that begins where a block does; out: blocks_of(piece.elements) each
    template <class T, MemorySpace Space = host>
    static void measure(settings const& s, update_pass<T> const& piece, block_sums out) {
        run<Space>(detail::lamb_measured_block<T>{piece.elements, piece.weights, piece.gradients, piece.state, piece.state + piece.stride, out,
                                                  static_cast<T>(s.beta1), static_cast<T>(1 - s.beta1), static_cast<T>(s.beta2),
                                                  static_cast<T>(1 - s.beta2), static_cast<T>(piece.scale), update_of<T>(s, piece.step)},
                   math::blocks_of(piece.elements));
    }

    /// ‖w‖/‖u‖; 1 where one of them is zero: a tensor that starts at zero must be able to move.
    [[nodiscard]] static constexpr double trust_ratio(tensor_norms const& n) noexcept {
        return n.weights > 0 && n.update > 0 ? n.weights / n.update : 1.0;
    }

    /// Changes the weights of a piece that has been measured: w ← w − rate · ratio · u. Gradients are not read.
    template <class T, MemorySpace Space = host>
    static void apply(settings const& s, update_pass<T> const& piece, double ratio) {
        run<Space>(detail::lamb_applied_element<T>{piece.weights, piece.state, piece.state + piece.stride, static_cast<T>(piece.rate * ratio),
                                                   update_of<T>(s, piece.step)},
                   piece.elements);
    }

private:
    template <class T>
    [[nodiscard]] static detail::lamb_update<T> update_of(settings const& s, std::int64_t step) {
        double const n = static_cast<double>(step);
        return {static_cast<T>(1 / (1 - std::pow(s.beta1, n))), static_cast<T>(1 / std::sqrt(1 - std::pow(s.beta2, n))),
                static_cast<T>(s.epsilon), static_cast<T>(s.weight_decay)};
    }
    template <class Space, class F>
    ESPALIER_NOINLINE() static void run(F const f, std::int64_t n) {
        thrust::for_each_n(Space::policy(), thrust::counting_iterator<std::int64_t>{0}, n, f);
    }
};

static_assert(NamesItsState<lamb> && UsesTensorNorms<lamb>);

}  // namespace espalier

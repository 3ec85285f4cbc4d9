// SPDX-License-Identifier: BSL-1.0
/// @file
/// Adam with decoupled weight decay: one fused pass over weights, gradients and both moments.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/math/functions.hpp>
#include <espalier/memory/space.hpp>
#include <espalier/optim/concepts.hpp>

#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>

#include <cmath>

namespace espalier {

/// AdamW.
/// @par Numerics  powers of the decay rates in double on the host; the pass in the parameters' type
/// @par Source    Loshchilov and Hutter 2019, algorithm 2, with the learning rate as the schedule multiplier; bias correction and
///                epsilon placed as in torch.optim.AdamW
struct adamw {
    /// Defaults as torch.optim.AdamW.
    struct settings {
        double beta1        = 0.9;
        double beta2        = 0.999;
        double epsilon      = 1e-8;
        double weight_decay = 0.01;  ///< applied to every parameter
    };
    static constexpr int states            = 2;
    static constexpr std::string_view name = "adamw";
    [[nodiscard]] static constexpr std::string_view state_name(int i) noexcept { return i == 0 ? "exp_avg" : "exp_avg_sq"; }

    /// The update of one element, for Thrust on host and device.
    template <class T>
    struct element {
        T* ESPALIER_RESTRICT() weights;
        T const* ESPALIER_RESTRICT() gradients;
        T* ESPALIER_RESTRICT() mean;
        T* ESPALIER_RESTRICT() variance;
        T beta1, one_minus_beta1, beta2, one_minus_beta2, epsilon, shrink, size, root, scale;

        ESPALIER_HOST_DEVICE() void operator()(std::int64_t i) const {
            T const g   = scale * gradients[i];
            T const m   = beta1 * mean[i] + one_minus_beta1 * g;
            T const v   = beta2 * variance[i] + one_minus_beta2 * g * g;
            mean[i]     = m;
            variance[i] = v;
            weights[i]  = shrink * weights[i] - size * m / (root * math::square_root(v) + epsilon);
        }
    };

    template <class T, MemorySpace Space = host>
    static void update(settings const& s, update_pass<T> const& p) {
        double const n           = static_cast<double>(p.step);
        double const correction1 = 1 - std::pow(s.beta1, n);
        double const correction2 = 1 - std::pow(s.beta2, n);
        element<T> const f{p.weights,
                           p.gradients,
                           p.state,
                           p.state + p.stride,
                           static_cast<T>(s.beta1),
                           static_cast<T>(1 - s.beta1),
                           static_cast<T>(s.beta2),
                           static_cast<T>(1 - s.beta2),
                           static_cast<T>(s.epsilon),
                           static_cast<T>(1 - p.rate * s.weight_decay),
                           static_cast<T>(p.rate / correction1),
                           static_cast<T>(1 / std::sqrt(correction2)),
                           static_cast<T>(p.scale)};
        run<T, Space>(f, p.elements);
    }

private:
    template <class T, class Space>
    ESPALIER_NOINLINE() static void run(element<T> const f, std::int64_t n) {
        thrust::for_each_n(Space::policy(), thrust::counting_iterator<std::int64_t>{0}, n, f);
    }
};

static_assert(Optimizer<adamw>);

}  // namespace espalier

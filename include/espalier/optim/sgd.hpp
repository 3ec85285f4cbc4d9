// SPDX-License-Identifier: BSL-1.0
/// @file
/// Stochastic gradient descent with momentum and weight decay, one fused pass.
#pragma once

#include <espalier/core/config.hpp>
#include <espalier/memory/space.hpp>
#include <espalier/optim/concepts.hpp>

#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>

namespace espalier {

/// SGD with (optional) momentum: v ← momentum·v + g + decay·w; w ← w − rate·v.
/// @par Source    Polyak 1964; the form of torch.optim.SGD (no dampening; the first step's velocity is the gradient, as v starts at zero)
struct sgd {
    struct settings {
        double momentum     = 0.9;
        double weight_decay = 0;
        bool nesterov       = false;  ///< step along g + momentum·v instead of v
    };
    static constexpr int states            = 1;
    static constexpr std::string_view name = "sgd";
    [[nodiscard]] static constexpr std::string_view state_name(int) noexcept { return "momentum"; }

    /// The update of one element, for Thrust on host and device.
    template <class T>
    struct element {
        T* ESPALIER_RESTRICT() weights;
        T const* ESPALIER_RESTRICT() gradients;
        T* ESPALIER_RESTRICT() velocity;
        T momentum, decay, rate, scale, look_ahead;  // look_ahead: momentum with nesterov, else 0

        ESPALIER_HOST_DEVICE() void operator()(std::int64_t i) const {
            T const g   = scale * gradients[i] + decay * weights[i];
            T const v   = momentum * velocity[i] + g;
            velocity[i] = v;
            weights[i] -= rate * (look_ahead > T{0} ? g + look_ahead * v : v);
        }
    };

    template <class T, MemorySpace Space = host>
    static void update(settings const& s, update_pass<T> const& p) {
        run<T, Space>({p.weights, p.gradients, p.state, static_cast<T>(s.momentum), static_cast<T>(s.weight_decay),
                       static_cast<T>(p.rate), static_cast<T>(p.scale), s.nesterov ? static_cast<T>(s.momentum) : T{0}},
                      p.elements);
    }

private:
    template <class T, class Space>
    ESPALIER_NOINLINE() static void run(element<T> const f, std::int64_t n) {
        thrust::for_each_n(Space::policy(), thrust::counting_iterator<std::int64_t>{0}, n, f);
    }
};

static_assert(Optimizer<sgd>);

}  // namespace espalier

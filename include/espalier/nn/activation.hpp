// SPDX-License-Identifier: BSL-1.0
/// @file
/// Activation functions as layers: element by element, any shape, no parameters.
#pragma once

#include <espalier/math/elementwise.hpp>
#include <espalier/math/gelu.hpp>
#include <espalier/nn/layer.hpp>

namespace espalier {

namespace detail {
/// What layers share that keep the shape and have no parameters.
struct elementwise_layer {
    static constexpr bool is_elementwise = true;
    [[nodiscard]] static constexpr bool takes(shape) noexcept { return true; }
    [[nodiscard]] static constexpr shape gives(shape in) noexcept { return in; }
    [[nodiscard]] static constexpr parameter_list<0> parameters(shape) noexcept { return {}; }
};
}  // namespace detail

/// y = max(x, 0). The derivative at 0 is taken as 0.
struct relu : detail::elementwise_layer {
    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        math::relu_forward(p.in.elements() * p.batch, p.x, p.y);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels) {
        if (p.dx != nullptr) math::relu_backward(p.in.elements() * p.batch, p.y, p.dy, p.dx);
    }
};

/// y = tanh x. Not named `tanh`, which `using namespace espalier` would make ambiguous with the C function.
struct tanh_activation : detail::elementwise_layer {
    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        math::tanh_forward(p.in.elements() * p.batch, p.x, p.y);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels) {
        if (p.dx != nullptr) math::tanh_backward(p.in.elements() * p.batch, p.y, p.dy, p.dx);
    }
};

/// y = x · Φ(x), the exact Gaussian error linear unit.
struct gelu : detail::elementwise_layer {
    template <class T>
    static void forward(forward_pass<T> const& p, no_kernels) {
        math::gelu_forward(p.in.elements() * p.batch, p.x, p.y);
    }
    template <class T>
    static void backward(backward_pass<T> const& p, no_kernels) {
        if (p.dx != nullptr) math::gelu_backward(p.in.elements() * p.batch, p.x, p.dy, p.dx);
    }
};

}  // namespace espalier

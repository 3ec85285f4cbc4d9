// SPDX-License-Identifier: BSL-1.0
/// @file
/// A network, a loss and data that throw at a chosen call: a failure at any place of a pipeline's step. What the ranks then do is the
/// tests' business.
#pragma once

#include "support/mesh_problem.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>

namespace espalier_test {

/// Throws at the call that it is armed for, on whichever rank makes it. Calls of a rank come in order.
class trap {
public:
    void arm(int call) { left_ = call; }
    void step_on(char const* what) {
        if (left_.fetch_sub(1) == 1) throw std::runtime_error{what};
    }

private:
    std::atomic<int> left_{0};  // below 1: not armed
};
inline trap forward_trap[3], backward_trap[3], loss_trap;

/// y = x, with a trap on the way there and one on the way back.
template <int I>
struct trapped_layer {
    [[nodiscard]] static constexpr bool takes(espalier::shape) noexcept { return true; }
    [[nodiscard]] static constexpr espalier::shape gives(espalier::shape in) noexcept { return in; }
    [[nodiscard]] static constexpr espalier::parameter_list<0> parameters(espalier::shape) noexcept { return {}; }
    template <class T>
    static void forward(espalier::forward_pass<T> const& p, espalier::no_kernels) {
        forward_trap[I].step_on("a trap on the way forward");
        std::copy_n(p.x, p.in.elements() * p.batch, p.y);
    }
    template <class T>
    static void backward(espalier::backward_pass<T> const& p, espalier::no_kernels) {
        backward_trap[I].step_on("a trap on the way back");
        if (p.dx != nullptr) std::copy_n(p.dy, p.in.elements() * p.batch, p.dx);
    }
};

struct trapped_loss : espalier::mean_squared_error {
    template <class T>
    static espalier::loss_sum evaluate(espalier::shape out, std::int64_t batch, T const* y, T const* target, T* dy) {
        loss_trap.step_on("a trap in the loss");
        return espalier::mean_squared_error::evaluate(out, batch, y, target, dy);
    }
};

/// One rank's data, which fail at one of its reads.
struct trapped_data {
    espalier::in_memory<float> good;
    trap* at;
    [[nodiscard]] std::int64_t size() const { return good.size(); }
    [[nodiscard]] espalier::shape input() const { return good.input(); }
    [[nodiscard]] espalier::shape target() const { return good.target(); }
    template <class T>
    void gather(std::span<std::int64_t const> samples, T* x, T* y) const {
        at->step_on("a trap in the data");
        good.gather(samples, x, y);
    }
};

/// Two layers for each of three stages, a trap in each.
using trapped_model = espalier::model<espalier::sequence<espalier::linear<6, 16>, trapped_layer<0>, espalier::linear<16, 12>, trapped_layer<1>,
                                                         espalier::linear<12, 1>, trapped_layer<2>>,
                                      trapped_loss, espalier::adamw>;

}  // namespace espalier_test

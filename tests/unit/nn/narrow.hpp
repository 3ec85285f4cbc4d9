// SPDX-License-Identifier: BSL-1.0
/// @file
/// A layer whose slices read whole values and give summands, with a tail of parameters that every rank has: the case that no layer of the
/// library has with a gradient for its input. Written as loops, for clearness alone.
#pragma once

#include <espalier/core/placement.hpp>
#include <espalier/nn/layer.hpp>

namespace espalier_test {

/// y = Σ_m u_m (v_m · x) + (1 + t) b + (x_0 > 0 ? c : 0) in step t, over `Middle` pairs of vectors. The tail looks at x and at t, and has no
/// slope in x.
/// @par Shapes    x (…,Inputs); v (Middle,Inputs); u (Middle,Outputs); b, c (Outputs); y (…,Outputs)
template <int Inputs, int Middle, int Outputs, int K>
struct narrow_slice {
    using takes_placement = espalier::replicated;
    using gives_placement = espalier::partial;
    static constexpr int m = Middle / K;

    static constexpr bool takes(espalier::shape in) { return in.rank >= 1 && in.features() == Inputs; }
    static constexpr espalier::shape gives(espalier::shape in) { return in.with_features(Outputs); }
    static constexpr espalier::parameter_list<4> parameters(espalier::shape) {
        using namespace espalier;
        return {{{text{"v"}, dims(m, Inputs), initial_value::normal(1), {.slices = K, .whole = dims(Middle, Inputs)}},
                 {text{"u"}, dims(m, Outputs), initial_value::normal(1), {.slices = K, .whole = dims(Middle, Outputs)}},
                 {text{"b"}, dims(Outputs), initial_value::zeros()},
                 {text{"c"}, dims(Outputs), initial_value::zeros()}}};
    }
    template <class T>
    static void forward(espalier::forward_pass<T> const& p, espalier::no_kernels) {
        for (std::int64_t r = 0; r < p.in.rows() * p.batch; ++r)
            for (int j = 0; j < Outputs; ++j) {
                p.y[r * Outputs + j] = 0;
                for (int i = 0; i < m; ++i) p.y[r * Outputs + j] += p.weight(1)[i * Outputs + j] * inner(p, r, i);
            }
    }
    template <class T>
    static void finish(espalier::forward_pass<T> const& p) {
        for (std::int64_t r = 0; r < p.in.rows() * p.batch; ++r)
            for (int j = 0; j < Outputs; ++j) p.y[r * Outputs + j] += number_of(p, r) * p.weight(2)[j] + is_on(p, r) * p.weight(3)[j];
    }
    template <class T>
    static void backward(espalier::backward_pass<T> const& p, espalier::no_kernels) {
        for (std::int64_t r = 0; r < p.in.rows() * p.batch; ++r) {
            T const* const dy = p.dy + r * Outputs;
            if (p.dx != nullptr)
                for (int k = 0; k < Inputs; ++k) p.dx[r * Inputs + k] = 0;
            for (int i = 0; i < m; ++i) {
                T d = 0;
                for (int j = 0; j < Outputs; ++j) d += dy[j] * p.weight(1)[i * Outputs + j], p.gradient(1)[i * Outputs + j] += dy[j] * inner(p, r, i);
                for (int k = 0; k < Inputs; ++k) {
                    p.gradient(0)[i * Inputs + k] += d * p.x[r * Inputs + k];
                    if (p.dx != nullptr) p.dx[r * Inputs + k] += d * p.weight(0)[i * Inputs + k];
                }
            }
        }
    }
    template <class T>
    static void finish_backward(espalier::backward_pass<T> const& p) {
        for (std::int64_t r = 0; r < p.in.rows() * p.batch; ++r)
            for (int j = 0; j < Outputs; ++j) {
                p.gradient(2)[j] += number_of(p, r) * p.dy[r * Outputs + j];
                p.gradient(3)[j] += is_on(p, r) * p.dy[r * Outputs + j];
            }
    }

private:
    template <template <class> class Pass, class T>
    static T inner(Pass<T> const& p, std::int64_t r, int i) {
        T sum = 0;
        for (int k = 0; k < Inputs; ++k) sum += p.weight(0)[i * Inputs + k] * p.x[r * Inputs + k];
        return sum;
    }
    template <template <class> class Pass, class T>
    static T number_of(Pass<T> const& p, std::int64_t r) {
        return static_cast<T>(1 + p.at.first_row + r / p.batch);
    }
    template <template <class> class Pass, class T>
    static T is_on(Pass<T> const& p, std::int64_t r) {
        return p.x[r * Inputs] > 0 ? T{1} : T{0};
    }
};

/// The layer that is not cut.
template <int Inputs, int Middle, int Outputs>
struct narrow : narrow_slice<Inputs, Middle, Outputs, 1> {
    using one = narrow_slice<Inputs, Middle, Outputs, 1>;
    template <int K>
    using sharded                     = narrow_slice<Inputs, Middle, Outputs, K>;
    static constexpr int units_to_cut = Middle;

    template <class T>
    static void forward(espalier::forward_pass<T> const& p, espalier::no_kernels k) {
        one::forward(p, k);
        one::finish(p);
    }
    template <class T>
    static void backward(espalier::backward_pass<T> const& p, espalier::no_kernels k) {
        one::backward(p, k);
        one::finish_backward(p);
    }
};

}  // namespace espalier_test

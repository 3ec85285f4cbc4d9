// SPDX-License-Identifier: BSL-1.0
/// @file
/// An optimizer that can be told to put the gradient in the place of the weights, so that a test reads the gradients of a step, whole and
/// to the last bit, where it reads weights. Otherwise it is the one that it is made of.
#pragma once

#include <espalier/optim/concepts.hpp>

#include <algorithm>

namespace espalier_test {

template <class O>
struct gradients_or : O {
    struct settings : O::settings {
        bool shows_gradients = false;
    };

    template <class T>
        requires espalier::UpdatesElements<O>
    static void update(settings const& s, espalier::update_pass<T> const& p) {
        if (!s.shows_gradients) return O::update(s, p);
        copy_gradients(p, p.weights);
    }

    template <class T>
        requires espalier::UsesTensorNorms<O>
    static void measure(settings const& s, espalier::update_pass<T> const& p, espalier::block_sums out) {
        O::measure(s, p, out);
        if (s.shows_gradients) copy_gradients(p, p.state);
    }
    template <class T>
        requires espalier::UsesTensorNorms<O>
    static void apply(settings const& s, espalier::update_pass<T> const& p, double ratio) {
        if (!s.shows_gradients) return O::apply(s, p, ratio);
        std::copy_n(p.state, p.elements, p.weights);
    }

private:
    template <class T>
    static void copy_gradients(espalier::update_pass<T> const& p, T* to) {
        std::transform(p.gradients, p.gradients + p.elements, to, [&](T g) { return static_cast<T>(p.scale) * g; });
    }
};

}  // namespace espalier_test

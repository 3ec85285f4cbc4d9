// SPDX-License-Identifier: BSL-1.0
/// @file
/// Backward against central differences in double precision, for any network description. The loss is a fixed linear functional of
/// the output, so that every output element matters.
#pragma once

#include <espalier/nn/network.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace espalier_test {

/// The largest deviations between backward and central differences, each relative to the largest difference quotient.
struct gradient_errors {
    double weights = 0;
    double input   = 0;
    double largest = 0;  ///< difference quotient seen: a check against 0 = 0
};

/// Runs forward and backward of `Network` on `batch` samples and compares every weight's and every input's derivative.
template <class Network>
[[nodiscard]] gradient_errors check_gradients(std::int64_t batch, espalier::sampling draw = {}, double delta = 1e-5) {
    using namespace espalier;
    using net = network<Network>;
    typename net::chain::template bound<double> chain{net::input, batch, direction::forward_and_backward};
    auto const& places   = chain.layout();
    auto const filled    = [](std::int64_t n, std::uint64_t seed) {
        std::vector<double> v(static_cast<std::size_t>(n));
        random_key const key{seed, "gradient check"};
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = to_normal(key.at(i).word[0], key.at(i).word[1]);
        return v;
    };
    auto const zeros = [](std::int64_t n) { return std::vector<double>(static_cast<std::size_t>(n > 0 ? n : 1), 0.0); };

    std::vector<double> weights = zeros(net::tensors.elements), gradients = weights;
    initialise<Network>(11, weights.data());
    auto x = filled(net::input.elements() * batch, 1), c = filled(net::output.elements() * batch, 2);
    auto activations = zeros(places.activation_elements), scratch = zeros(places.scratch_elements);
    auto first = zeros(places.signal_elements[0]), second = zeros(places.signal_elements[1]), dx = zeros(net::input.elements() * batch);

    auto const loss = [&] {
        chain.pack(weights.data());
        double const* y = chain.forward(weights.data(), x.data(), activations.data(), scratch.data(), draw, net::keys.value);
        double sum      = 0;
        for (std::size_t i = 0; i < c.size(); ++i) sum += c[i] * y[i];
        return sum;
    };
    (void)loss();
    std::copy(c.begin(), c.end(), first.begin());
    chain.backward(weights.data(), gradients.data(), x.data(), activations.data(), scratch.data(), {first.data(), second.data()}, dx.data(),
                   draw, net::keys.value);

    gradient_errors worst;
    auto const compare = [&](double& value, double analytic, double& error) {
        double const before = value;
        value = before + delta;
        double const above = loss();
        value = before - delta;
        double const below = loss();
        value                  = before;
        double const quotient = (above - below) / (2 * delta);
        error         = std::max(error, std::abs(quotient - analytic));
        worst.largest = std::max(worst.largest, std::abs(quotient));
    };
    for (int k = 0; k < net::tensors.count; ++k) {
        auto const& t = net::tensors.item[k];
        for (std::int64_t i = 0; i < t.extents.elements(); ++i) {
            auto const at = static_cast<std::size_t>(t.offset + i);
            compare(weights[at], gradients[at], worst.weights);
        }
    }
    for (std::size_t i = 0; i < x.size(); ++i) compare(x[i], dx[i], worst.input);
    worst.weights /= worst.largest;
    worst.input /= worst.largest;
    return worst;
}

}  // namespace espalier_test

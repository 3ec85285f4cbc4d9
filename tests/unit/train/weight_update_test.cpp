// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/made_up_cut.hpp"

#include <espalier/nn/linear.hpp>
#include <espalier/optim/adamw.hpp>
#include <espalier/optim/lamb.hpp>
#include <espalier/train/weight_update.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace espalier;

namespace {
using layers = linear<192, 50>;  // a weight of 9,600 elements in three blocks, and a bias of 50, behind which 14 elements are padding
using net    = network<layers>;

/// The flat arrays of a run. Weights are drawn, the bias starts at zero; gradients are NaN in the padding, which nobody may read.
template <class T>
struct arrays {
    std::vector<T> weights, gradients, state;

    arrays() : weights(elements(), T{0}), gradients(elements(), std::numeric_limits<T>::quiet_NaN()), state(2 * elements(), T{0}) {
        for_each_element(0, [&](int tensor, std::size_t i, double x) { weights[i] = static_cast<T>(tensor == 0 ? 0.1 * x : 0); });
    }
    static std::size_t elements() { return static_cast<std::size_t>(net::tensors.elements); }

    /// f(tensor, position, a normal number) for each element of each tensor.
    template <class F>
    static void for_each_element(std::int64_t step, F&& f) {
        random_key const key{6, "weight update test"};
        for (int k = 0; k < net::tensors.count; ++k)
            for (std::int64_t i = 0; i < net::tensors.item[k].extents.elements(); ++i) {
                auto const position = static_cast<std::size_t>(net::tensors.item[k].offset + i);
                auto const block    = key.at(position, 0, static_cast<std::uint64_t>(step));
                f(k, position, to_normal(block.word[0], block.word[1]));
            }
    }
    void draw_gradients(std::int64_t step) {
        for_each_element(step, [&](int, std::size_t i, double x) { gradients[i] = static_cast<T>(x); });
    }
    update_pass<T> pass(std::int64_t step, double rate, double scale = 1) {
        return {net::tensors.elements, weights.data(), gradients.data(), state.data(), net::tensors.elements, step, rate, scale};
    }
};

/// Algorithm 2 of You et al. for the tensors of the network in double.
void reference_step(arrays<double>& a, lamb::settings const& s, double t, double rate) {
    for (auto const& tensor : net::tensors.item) {
        auto const n  = static_cast<std::size_t>(tensor.extents.elements());
        double* const w = a.weights.data() + tensor.offset;
        double *const m = a.state.data() + tensor.offset, *const v = m + net::tensors.elements;
        std::vector<double> u(n);
        long double of_w = 0, of_u = 0;
        for (std::size_t i = 0; i < n; ++i) {
            double const g = a.gradients[static_cast<std::size_t>(tensor.offset) + i];
            m[i]           = s.beta1 * m[i] + (1 - s.beta1) * g;
            v[i]           = s.beta2 * v[i] + (1 - s.beta2) * g * g;
            u[i] = m[i] / (1 - std::pow(s.beta1, t)) / (std::sqrt(v[i] / (1 - std::pow(s.beta2, t))) + s.epsilon) + s.weight_decay * w[i];
            of_w += static_cast<long double>(w[i]) * w[i];
            of_u += static_cast<long double>(u[i]) * u[i];
        }
        double const ratio = of_w > 0 && of_u > 0 ? static_cast<double>(std::sqrt(of_w / of_u)) : 1;
        for (std::size_t i = 0; i < n; ++i) w[i] -= rate * ratio * u[i];
    }
}

template <class T>
void agrees(double tolerance) {
    arrays<T> run;
    arrays<double> expected;
    auto update = weight_update<layers, lamb>::for_use();
    for (std::int64_t t = 1; t <= 4; ++t) {
        run.draw_gradients(t);
        expected.draw_gradients(t);
        update({}, run.pass(t, 0.02));
        reference_step(expected, {}, static_cast<double>(t), 0.02);
        double largest = 0;
        for (std::size_t i = 0; i < run.weights.size(); ++i)
            largest = std::max(largest, std::abs(static_cast<double>(run.weights[i]) - expected.weights[i]));
        CHECK(largest < tolerance);
        // The bias started at zero: its first step has the ratio 1, and so the size of the rate.
        if (t == 1) CHECK(std::abs(run.weights[9600]) == Approx(0.02).epsilon(1e-3));
    }
    for (std::size_t i = 9650; i < run.weights.size(); ++i) {
        CHECK(run.weights[i] == T{0});
        CHECK(run.state[i] == T{0});
        CHECK(run.state[run.weights.size() + i] == T{0});
    }
}
}  // namespace

TEST_CASE("LAMB over a network agrees with algorithm 2 tensor by tensor; padding is neither read nor written") {
    REQUIRE(net::tensors.elements == 9664);
    agrees<double>(1e-13);
    agrees<float>(1e-6);
}

TEMPLATE_TEST_CASE("ranks that hold ranges of whole blocks and add up their block sums give the bits of one rank", "", float, double) {
    arrays<TestType> whole;
    auto one = weight_update<layers, lamb>::for_use();
    for (std::int64_t t = 1; t <= 3; ++t) {
        whole.draw_gradients(t);
        one({}, whole.pass(t, 0.02, 0.5));
    }
    for (std::int64_t ranks : {1, 2, 3, 4}) {
        arrays<TestType> cut;
        auto const border = [&](std::int64_t r) { return block_border(net::tensors, net::tensors.elements * r / ranks); };
        auto const range  = [&](std::int64_t r) { return flat_range{border(r), border(r + 1)}; };
        auto const held   = [&](flat_range const& r, std::int64_t t) {
            auto p = cut.pass(t, 0.02, 0.5);
            p.elements = r.last - r.first;
            p.weights += r.first;
            p.gradients += r.first;
            p.state += r.first;
            return p;
        };
        std::vector<weight_update<layers, lamb>> rank;
        for (std::int64_t r = 0; r < ranks; ++r) rank.push_back(weight_update<layers, lamb>::for_use());
        for (std::int64_t t = 1; t <= 3; ++t) {
            cut.draw_gradients(t);
            std::vector<double> sum(rank[0].blocks().size(), 0.0);
            for (std::int64_t r = 0; r < ranks; ++r) {
                auto& mine = rank[static_cast<std::size_t>(r)];
                mine.clear();
                mine.measure({}, range(r), held(range(r), t));
                for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += mine.blocks()[i];
            }
            for (std::int64_t r = 0; r < ranks; ++r) {
                auto& mine = rank[static_cast<std::size_t>(r)];
                std::copy(sum.begin(), sum.end(), mine.blocks().begin());
                mine.apply({}, range(r), held(range(r), t));
            }
        }
        INFO(ranks << " ranks");
        CHECK(cut.weights == whole.weights);
        CHECK(cut.state == whole.state);
    }
}

TEST_CASE("an optimizer that needs no norms updates in its own one pass, and holds nothing here") {
    arrays<float> a, b;
    auto update = weight_update<layers, adamw>::for_use();
    for (std::int64_t t = 1; t <= 2; ++t) {
        a.draw_gradients(t);
        b.draw_gradients(t);
        std::fill(a.gradients.begin() + 9650, a.gradients.end(), 0.0f);
        std::fill(b.gradients.begin() + 9650, b.gradients.end(), 0.0f);
        update({.weight_decay = 0.5}, a.pass(t, 0.02, 0.5));
        adamw::update({.weight_decay = 0.5}, b.pass(t, 0.02, 0.5));
    }
    CHECK(a.weights == b.weights);
    CHECK(a.state == b.state);
    CHECK(update.workspace_bytes() == 0);
    CHECK(weight_update<layers, lamb>{}.workspace_bytes() == 0);
    CHECK(weight_update<layers, lamb>::for_use().workspace_bytes() == 2 * 4 * sizeof(double));
}

TEST_CASE("LAMB under a falling rate finds the minimum of a badly scaled parabola") {
    arrays<float> a, target;
    arrays<float>::for_each_element(99, [&](int, std::size_t i, double x) { target.weights[i] = static_cast<float>(x); });
    auto const curvature = [](std::size_t i) { return i % 3 == 0 ? 0.01 : i % 3 == 1 ? 1.0 : 100.0; };
    auto const loss      = [&](auto&& each) {
        double sum = 0;
        arrays<float>::for_each_element(0, [&](int, std::size_t i, double) {
            double const apart = static_cast<double>(a.weights[i]) - static_cast<double>(target.weights[i]);
            sum += curvature(i) * apart * apart;
            each(i, curvature(i) * apart);
        });
        return sum;
    };
    auto const nothing = [](std::size_t, double) {};
    double const before = loss(nothing);
    auto update         = weight_update<layers, lamb>::for_use();
    constexpr std::int64_t steps = 400;
    for (std::int64_t t = 1; t <= steps; ++t) {
        (void)loss([&](std::size_t i, double slope) { a.gradients[i] = static_cast<float>(slope); });
        update({.weight_decay = 0}, a.pass(t, 0.05 * static_cast<double>(steps - t) / static_cast<double>(steps)));
    }
    CHECK(loss(nothing) < 1e-4 * before);
}

namespace {
/// LAMB on the made-up network in K slices over T ranks: weights and both moments of the whole after three steps, put together
/// element by element.
template <int K, int T>
std::vector<float> lamb_over_ranks() {
    using local = espalier_test::made_up_network<K, K / T>;
    using whole = espalier_test::made_up_network<1, 1>;
    std::int64_t const n = network<local>::tensors.elements, m = network<whole>::tensors.elements;
    auto const drawn     = [](std::int64_t at, std::uint64_t step) {
        auto const block = random_key{7, "LAMB in slices"}.at(static_cast<std::uint64_t>(at), 0, step);
        return at < 0 ? 0.0f : static_cast<float>(to_normal(block.word[0], block.word[1]));
    };
    struct one_rank {
        std::vector<std::int64_t> at;
        std::vector<float> weights, gradients, state;
        weight_update<local, lamb> update = weight_update<local, lamb>::for_use();
    };
    std::vector<one_rank> rank(T);
    for (int t = 0; t < T; ++t) {
        auto& r = rank[static_cast<std::size_t>(t)];
        r.at    = espalier_test::positions_in_whole<local, whole>(t);
        for (auto const at : r.at) r.weights.push_back(0.1f * drawn(at, 0));
        r.gradients.resize(r.at.size()), r.state.resize(2 * r.at.size());
    }
    for (std::int64_t step = 1; step <= 3; ++step) {
        std::vector<double> sum(rank[0].update.blocks().size(), 0.0);
        auto const pass = [&](one_rank& r) { return update_pass<float>{n, r.weights.data(), r.gradients.data(), r.state.data(), n, step, 0.02, 0.5}; };
        for (int t = 0; t < T; ++t) {
            auto& r = rank[static_cast<std::size_t>(t)];
            for (std::size_t i = 0; i < r.at.size(); ++i) r.gradients[i] = drawn(r.at[i], static_cast<std::uint64_t>(step));
            r.update.clear();
            r.update.measure({}, {0, n}, pass(r), {{T, K}, t});
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += r.update.blocks()[i];
        }
        for (auto& r : rank) {
            std::copy(sum.begin(), sum.end(), r.update.blocks().begin());
            r.update.apply({}, {0, n}, pass(r));
        }
    }
    std::vector<float> all(static_cast<std::size_t>(3 * m), 0.0f);
    int differ = 0;  // of ranks that have the same tensor
    for (auto const& r : rank)
        for (std::size_t i = 0; i < r.at.size(); ++i) {
            if (r.at[i] < 0) continue;
            float const three[] = {r.weights[i], r.state[i], r.state[r.at.size() + i]};
            for (std::size_t k = 0; k < 3; ++k) {
                float& known = all[k * static_cast<std::size_t>(m) + static_cast<std::size_t>(r.at[i])];
                differ += known != 0.0f && known != three[k];
                known = three[k];
            }
        }
    CHECK(differ == 0);
    return all;
}
}  // namespace

TEST_CASE("LAMB takes the norms of whole tensors where ranks have slices: the same bits on 1, 2 and 4 ranks") {
    auto const sliced = lamb_over_ranks<4, 1>(), whole = lamb_over_ranks<1, 1>();
    CHECK(lamb_over_ranks<4, 2>() == sliced);
    CHECK(lamb_over_ranks<4, 4>() == sliced);
    // The sums of slices round otherwise than those of whole tensors, and no more than that.
    double largest = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) largest = std::max(largest, std::abs(static_cast<double>(whole[i]) - static_cast<double>(sliced[i])));
    CHECK(largest < 1e-6);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/philox.hpp>
#include <espalier/math/attention.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

using namespace espalier;

namespace {

using doubles = std::vector<double>;

doubles normal_numbers(std::int64_t n, std::string_view purpose) {
    random_key const key{9, purpose};
    doubles v(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(static_cast<float>(to_normal(key.at(i).word[0], key.at(i).word[1])));
    return v;
}

/// Queries, keys and values side by side (S,B,3,A·d), the gradient of the output, and a mask (S,B), in double.
struct problem {
    math::attention_extents e;
    doubles qkv, dy, mask;

    problem(std::int64_t steps, std::int64_t batch, std::int64_t heads, std::int64_t features)
        : e{steps, batch, heads, features, 3 * heads * features}, qkv{normal_numbers(steps * batch * 3 * heads * features, "qkv")},
          dy{normal_numbers(steps * batch * heads * features, "dy")}, mask(static_cast<std::size_t>(steps * batch), 1.0) {}

    void hide_every(std::size_t n) {
        for (std::size_t i = 0; i < mask.size(); i += n) mask[i] = 0;
    }
};
struct result {
    doubles y, gradient;  // (S,B,A·d), (S,B,3,A·d)
};

/// The formulas with all scores in memory.
result by_formula(problem const& p) {
    std::int64_t const steps = p.e.steps, batch = p.e.batch, heads = p.e.heads, d = p.e.features, hidden = heads * d;
    result r{doubles(p.dy.size(), 0.0), doubles(p.qkv.size(), 0.0)};
    auto const n = static_cast<std::size_t>(steps);
    for (std::int64_t b = 0; b < batch; ++b)
        for (std::int64_t a = 0; a < heads; ++a) {
            auto const in  = [&](std::size_t t, std::int64_t which, std::int64_t j) {
                return static_cast<std::size_t>((static_cast<std::int64_t>(t) * batch + b) * 3 * hidden + which * hidden + a * d + j);
            };
            auto const out = [&](std::size_t t, std::int64_t j) {
                return static_cast<std::size_t>((static_cast<std::int64_t>(t) * batch + b) * hidden + a * d + j);
            };
            double const scale = 1 / std::sqrt(static_cast<double>(d));
            for (std::size_t i = 0; i < n; ++i) {
                doubles share(n, 0.0), slope(n, 0.0);
                double largest = -std::numeric_limits<double>::infinity(), sum = 0, mean = 0;
                for (std::size_t j = 0; j < n; ++j) {
                    for (std::int64_t c = 0; c < d; ++c) share[j] += scale * p.qkv[in(i, 0, c)] * p.qkv[in(j, 1, c)];
                    if (p.mask[j * static_cast<std::size_t>(batch) + static_cast<std::size_t>(b)] == 0) share[j] = -std::numeric_limits<double>::infinity();
                    largest = std::max(largest, share[j]);
                }
                if (std::isinf(largest)) continue;
                for (double& s : share) s = std::exp(s - largest), sum += s;
                for (std::size_t j = 0; j < n; ++j) {
                    share[j] /= sum;
                    for (std::int64_t c = 0; c < d; ++c) {
                        r.y[out(i, c)] += share[j] * p.qkv[in(j, 2, c)];
                        slope[j] += p.dy[out(i, c)] * p.qkv[in(j, 2, c)];
                        r.gradient[in(j, 2, c)] += share[j] * p.dy[out(i, c)];
                    }
                    mean += share[j] * slope[j];
                }
                for (std::size_t j = 0; j < n; ++j)
                    for (std::int64_t c = 0; c < d; ++c) {
                        double const change = scale * share[j] * (slope[j] - mean);
                        r.gradient[in(i, 0, c)] += change * p.qkv[in(j, 1, c)];
                        r.gradient[in(j, 1, c)] += change * p.qkv[in(i, 0, c)];
                    }
            }
        }
    return r;
}

/// What the kernels give in T.
template <class T>
result by_kernels(problem const& p, bool with_mask = true) {
    std::vector<T> qkv(p.qkv.begin(), p.qkv.end()), dy(p.dy.begin(), p.dy.end()), mask(p.mask.begin(), p.mask.end()), y(dy.size());
    std::vector<T> log_sums(static_cast<std::size_t>(p.e.log_sums())), work(static_cast<std::size_t>(p.e.workspace()), T{7});
    math::attention_mask<T> const shown{with_mask ? mask.data() : nullptr, 1};
    T *const q = qkv.data(), *const k = q + p.e.hidden(), *const v = k + p.e.hidden();
    math::attention_forward<T>(p.e, q, k, v, shown, y.data(), log_sums.data(), work.data());
    math::attention_backward<T>(p.e, q, k, v, shown, y.data(), dy.data(), log_sums.data(), work.data());
    return {doubles(y.begin(), y.end()), doubles(qkv.begin(), qkv.end())};
}

double largest_difference(doubles const& a, doubles const& b) {
    double worst = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) worst = std::isnan(a[i]) ? std::numeric_limits<double>::infinity() : std::max(worst, std::abs(a[i] - b[i]));
    return worst;
}

}  // namespace

TEMPLATE_TEST_CASE("attention and its gradients agree with the formulas in double, whatever the length and the head", "", float, double) {
    double const bound = std::is_same_v<TestType, float> ? 2e-5 : 1e-12;
    for (std::int64_t steps : {1, 2, 63, 64, 65, 128, 200})
        for (std::int64_t features : {1, 7, 32, 33, 64})
            for (std::int64_t hidden_keys : {0, 3}) {
                problem p{steps, 2, 2, features};
                if (hidden_keys > 0) p.hide_every(static_cast<std::size_t>(hidden_keys));
                auto const expected = by_formula(p);
                auto const got      = by_kernels<TestType>(p, hidden_keys > 0);
                CAPTURE(steps, features, hidden_keys);
                REQUIRE(largest_difference(got.y, expected.y) < bound);
                REQUIRE(largest_difference(got.gradient, expected.gradient) < 10 * bound);
            }
}

TEST_CASE("a head of 768 features and scores that differ by thousands are no matter") {
    problem p{70, 1, 1, 768};
    CHECK(largest_difference(by_kernels<float>(p).gradient, by_formula(p).gradient) < 1e-3);
    for (double& x : p.qkv) x *= 40;
    auto const expected = by_formula(p), got = by_kernels<float>(p);
    CHECK(largest_difference(got.y, expected.y) < 0.3);  // scores near 40,000 are known to 0.004 in float: shares to half a percent
}

TEMPLATE_TEST_CASE("a sample without a key that counts gives zeros, forward and back, and leaves the others alone", "", float, double) {
    problem p{70, 3, 2, 8};
    for (std::size_t t = 0; t < 70; ++t) p.mask[3 * t + 1] = 0;
    auto const expected = by_formula(p), got = by_kernels<TestType>(p);
    for (std::size_t i = 0; i < got.y.size(); ++i)
        if (i / 16 % 3 == 1) REQUIRE(got.y[i] == 0);
    for (std::size_t i = 0; i < got.gradient.size(); ++i)
        if (i / 48 % 3 == 1) REQUIRE(got.gradient[i] == 0);
    CHECK(largest_difference(got.y, expected.y) < 1e-5);
    CHECK(largest_difference(got.gradient, expected.gradient) < 1e-4);
}

TEST_CASE("a sample's bits depend on neither its batch nor the other heads, nor on how often it is computed") {
    problem const p{130, 3, 2, 32};
    auto const all = by_kernels<float>(p);
    CHECK(by_kernels<float>(p).gradient == all.gradient);
    for (std::size_t b = 0; b < 3; ++b)
        for (std::size_t a = 0; a < 2; ++a) {
            problem one{130, 1, 1, 32};
            doubles y, gradient;
            for (std::size_t t = 0; t < 130; ++t)
                for (std::size_t j = 0; j < 32; ++j) {
                    std::size_t const out = (t * 3 + b) * 64 + a * 32 + j;
                    one.dy[t * 32 + j]    = p.dy[out];
                    y.push_back(all.y[out]);
                }
            for (std::size_t t = 0; t < 130; ++t)
                for (std::size_t which = 0; which < 3; ++which)
                    for (std::size_t j = 0; j < 32; ++j) {
                        std::size_t const in = (t * 3 + b) * 192 + which * 64 + a * 32 + j;
                        one.qkv[(t * 3 + which) * 32 + j] = p.qkv[in];
                        gradient.push_back(all.gradient[in]);
                    }
            auto const alone = by_kernels<float>(one);
            CHECK(alone.y == y);
            CHECK(alone.gradient == gradient);
        }
}

TEST_CASE("keys that do not count may hold anything finite: what is computed for the others has the same bits") {
    problem p{100, 2, 2, 16};
    for (std::size_t t = 60; t < 100; ++t) p.mask[2 * t] = p.mask[2 * t + 1] = 0;
    auto const before = by_kernels<float>(p);
    for (std::size_t t = 60; t < 100; ++t)
        for (std::size_t i = 32; i < 96; ++i) p.qkv[2 * t * 96 + i] = -1000, p.qkv[(2 * t + 1) * 96 + i] = 500;  // keys and values
    auto const after = by_kernels<float>(p);
    CHECK(after.y == before.y);
}

TEST_CASE("a NaN in a value reaches every query of its head") {
    problem p{66, 1, 2, 8};
    p.qkv[50 * 48 + 32] = std::numeric_limits<double>::quiet_NaN();  // value, head 0, feature 0 of step 50
    auto const r        = by_kernels<float>(p);
    for (std::size_t t = 0; t < 66; ++t) {
        CHECK(std::isnan(r.y[t * 16]));
        CHECK_FALSE(std::isnan(r.y[t * 16 + 8]));
    }
}

TEST_CASE("the workspace grows with the length, not with its square") {
    auto const elements = [](std::int64_t steps) { return math::attention_extents{steps, 1, 1, 64, 64}.workspace(); };
    CHECK(elements(4096) - elements(2048) == elements(6144) - elements(4096));
    CHECK(elements(4096) < 5 * 4096 * 64);
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/dropout.hpp>

#include <algorithm>
#include <cmath>

using namespace espalier;
using espalier_test::forward_run;

namespace {
/// What dropout makes of ones: the mask, scaled.
template <class Layer>
std::vector<float> mask(shape in, std::int64_t batch, sampling const& draw, std::uint64_t layer = 1) {
    forward_run<Layer, float> run{in, batch};
    return run(std::vector<float>(static_cast<std::size_t>(in.elements() * batch), 1.0f), draw, layer);
}

/// One sample's elements of a batch (T,B,F), in its own order (T,F).
std::vector<float> sample_of(std::vector<float> const& y, shape in, std::int64_t batch, std::int64_t b) {
    std::vector<float> out(static_cast<std::size_t>(in.elements()));
    for (std::int64_t t = 0; t < in.rows(); ++t)
        std::copy_n(y.begin() + (t * batch + b) * in.features(), in.features(), out.begin() + t * in.features());
    return out;
}

double share_of_zeros(std::vector<float> const& y) {
    return static_cast<double>(std::count(y.begin(), y.end(), 0.0f)) / static_cast<double>(y.size());
}

constexpr sampling training{.seed = 5, .step = 3, .first_sample = 0, .training = true};
}  // namespace

TEST_CASE("dropout drops the share that it is told to and scales the rest, so that the mean stays") {
    auto const check = [](auto layer, double p) {
        auto const y = mask<decltype(layer)>(dims(50, 20), 100, training);
        CHECK(std::abs(share_of_zeros(y) - p) < 5 * std::sqrt(p * (1 - p) / static_cast<double>(y.size())));
        float const kept = static_cast<float>(1 / (1 - p));
        CHECK(std::all_of(y.begin(), y.end(), [&](float v) { return v == 0.0f || std::abs(v - kept) < 1e-6f * kept; }));
    };
    check(dropout<probability{0.1f}>{}, static_cast<double>(0.1f));
    check(dropout<probability{0.5f}>{}, 0.5);
    check(dropout<probability{0.9f}>{}, static_cast<double>(0.9f));
}

TEST_CASE("dropout is the identity outside training and with probability 0") {
    auto const x = espalier_test::drawn<float>(3 * 7 * 4, 1);
    CHECK(forward_run<dropout<probability{0.5f}>, float>{dims(3, 7), 4}(x, {.seed = 5, .step = 3}) == x);
    CHECK(forward_run<dropout<probability{0.0f}>, float>{dims(3, 7), 4}(x, training) == x);
}

TEST_CASE("a sample's mask is the same however the step is cut into batches") {
    using layer = dropout<probability{0.3f}>;
    for (shape const in : {dims(13), dims(6, 5), dims(4, 3), dims(3, 8)}) {
        auto const whole = mask<layer>(in, 8, training);
        sampling second  = training;
        second.first_sample = 4;
        auto const left = mask<layer>(in, 4, training), right = mask<layer>(in, 4, second);
        for (std::int64_t b = 0; b < 8; ++b) {
            INFO("sample " << b << " of " << in.rows() << " rows of " << in.features());
            CHECK(sample_of(whole, in, 8, b) == sample_of(b < 4 ? left : right, in, 4, b % 4));
            sampling alone     = training;
            alone.first_sample = b;
            CHECK(sample_of(whole, in, 8, b) == mask<layer>(in, 1, alone));
        }
    }
}

TEST_CASE("an element is numbered within its sample: a sequence (T,F) and a vector (T·F) have the same mask") {
    using layer = dropout<probability{0.3f}>;
    auto const sequence_mask = mask<layer>(dims(7, 5), 3, training), vector_mask = mask<layer>(dims(35), 3, training);
    for (std::int64_t b = 0; b < 3; ++b)
        CHECK(sample_of(sequence_mask, dims(7, 5), 3, b) == sample_of(vector_mask, dims(35), 3, b));
}

TEST_CASE("another seed, step, layer or sample has another mask, independent of the first") {
    using layer      = dropout<probability{0.5f}>;
    auto const first = mask<layer>(dims(4000), 1, training);
    CHECK(mask<layer>(dims(4000), 1, training) == first);
    auto const is_independent = [&](sampling const& draw, std::uint64_t key = 1) {
        auto const other = mask<layer>(dims(4000), 1, draw, key);
        int equal        = 0;
        for (std::size_t i = 0; i < first.size(); ++i) equal += first[i] == other[i];
        CHECK(std::abs(equal - 2000) < 5 * std::sqrt(1000.0));
    };
    is_independent({.seed = 6, .step = 3, .training = true});
    is_independent({.seed = 5, .step = 4, .training = true});
    is_independent({.seed = 5, .step = 3, .first_sample = 1, .training = true});
    is_independent(training, 2);
}

TEST_CASE("double precision drops the same elements as float") {
    using layer        = dropout<probability{0.3f}>;
    auto const x       = std::vector<double>(60, 1.0);
    auto const doubles = forward_run<layer, double>{dims(30), 2}(x, training);
    auto const floats  = mask<layer>(dims(30), 2, training);
    for (std::size_t i = 0; i < x.size(); ++i) CHECK((doubles[i] == 0) == (floats[i] == 0));
}

TEST_CASE("blocks of a sequence's steps have the mask of the whole sequence, forward and backward") {
    using layer                = dropout<probability{0.3f}>;
    std::int64_t const of_step = 3 * 5;
    auto const x               = espalier_test::drawn<float>(7 * of_step, 1);
    auto const whole           = forward_run<layer, float>{dims(7, 5), 3}(x, training);
    CHECK(whole != x);
    for (std::int64_t const block : {1, 2, 3, 7}) {
        std::vector<float> y(x.size(), 9.0f), dx(x.size(), 9.0f);
        for (std::int64_t first = 0; first < 7; first += block) {
            shape const here      = dims(std::min(block, 7 - first), 5);
            std::int64_t const at = first * of_step;
            layer::forward(forward_pass<float>{{nullptr, nullptr}, here, 3, x.data() + at, y.data() + at, nullptr, nullptr, training, 1, {}, nullptr, {.first_row = first}},
                           no_kernels{});
            layer::backward(backward_pass<float>{{nullptr, nullptr}, nullptr, here, 3, nullptr, nullptr, nullptr, nullptr, x.data() + at, dx.data() + at, training, 1, {}, nullptr,
                                                 {.first_row = first}},
                            no_kernels{});
        }
        CHECK(y == whole);
        CHECK(dx == whole);  // linear in its input: of the same numbers backward makes the same
    }
    STATIC_REQUIRE(layer::is_rowwise);
}

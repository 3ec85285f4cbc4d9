// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/value_embedding.hpp>

#include <algorithm>

using namespace espalier;
using espalier_test::drawn;

TEST_CASE("value_embedding projects every step and adds its position's row") {
    using layer = value_embedding<4, 3, 5>;
    espalier_test::forward_run<layer, double> run{dims(4, 3), 2};
    run.draw_weights(3);
    auto const x = drawn<double>(24, 1);
    auto const y = run(x);
    for (std::size_t r = 0; r < 8; ++r)
        for (std::size_t h = 0; h < 5; ++h) {
            double expected = run.weight(0, 1)[h] + run.weight(0, 2)[5 * (r / 2) + h];
            for (std::size_t f = 0; f < 3; ++f) expected += x[3 * r + f] * run.weight(0, 0)[3 * h + f];
            CHECK(y[5 * r + h] == Approx(expected).epsilon(1e-12));
        }
}

TEST_CASE("value_embedding says what it takes: its steps of its features") {
    using layer = value_embedding<4, 3, 5>;
    CHECK(layer::input() == dims(4, 3));
    CHECK(layer::takes(dims(4, 3)));
    CHECK_FALSE(layer::takes(dims(4, 2)));
    CHECK_FALSE(layer::takes(dims(3)));
    CHECK(layer::gives(dims(4, 3)) == dims(4, 5));
}

TEST_CASE("blocks of a sequence's steps give the rows of the whole sequence, and together its gradients") {
    using layer              = value_embedding<7, 3, 5>;
    std::int64_t const batch = 2, offset[] = {0, 16, 32}, weights = 80;
    auto const w = drawn<double>(weights, 2), x = drawn<double>(7 * batch * 3, 1);
    std::vector<double> dy;
    for (std::int64_t i = 0; i < 7 * batch * 5; ++i) dy.push_back(static_cast<double>(i * 7 % 31));
    struct outcome {
        std::vector<double> y, dx, gradients;
    };
    auto const run = [&](std::int64_t block) {
        outcome o{std::vector<double>(dy.size(), 9.0), std::vector<double>(x.size(), 9.0), std::vector<double>(weights, 0.25)};
        for (std::int64_t first = 0; first < 7; first += block) {
            shape const in          = dims(std::min(block, 7 - first), 3);
            cut_place const at      = {.first_row = first};
            std::int64_t const x_at = first * batch * 3, y_at = first * batch * 5;
            auto k = make_kernels<layer, double>(in, batch, direction::forward_and_backward);
            k.pack({w.data(), offset});
            layer::forward(forward_pass<double>{{w.data(), offset}, in, batch, x.data() + x_at, o.y.data() + y_at, nullptr, nullptr, {}, 0, {}, nullptr, at}, k);
            layer::backward(backward_pass<double>{{w.data(), offset}, o.gradients.data(), in, batch, x.data() + x_at, nullptr, nullptr, nullptr, dy.data() + y_at,
                                                  o.dx.data() + x_at, {}, 0, {}, nullptr, at},
                            k);
        }
        return o;
    };
    auto const whole = run(7);
    for (std::int64_t const block : {1, 2, 4}) {
        auto const blocks = run(block);
        CHECK(blocks.y == whole.y);
        CHECK(blocks.dx == whole.dx);
        for (std::size_t i = 0; i < 16; ++i) CHECK(blocks.gradients[i] == Approx(whole.gradients[i]).epsilon(1e-12));
        CHECK(std::equal(blocks.gradients.begin() + 16, blocks.gradients.end(), whole.gradients.begin() + 16));  // sums of whole numbers
    }
    for (std::size_t t = 0; t < 7; ++t)
        for (std::size_t h = 0; h < 5; ++h) CHECK(whole.gradients[32 + 5 * t + h] == 0.25 + dy[10 * t + h] + dy[10 * t + 5 + h]);
    STATIC_REQUIRE(layer::is_rowwise);
}

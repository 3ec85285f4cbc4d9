// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/token_embedding.hpp>

#include <limits>
#include <string>

using namespace espalier;

namespace {
using layer = token_embedding<7, 3, 4>;

/// Two samples of three steps, step by step: (id, segment, mask).
std::vector<float> tokens() {
    return {5, 0, 1, 0, 1, 1,    // step 0
            6, 0, 1, 5, 1, 1,    // step 1
            0, 0, 0, 5, 0, 1};  // step 2
}
/// The words of the error for a batch in which one number is wrong.
std::string words_of(std::size_t at, float wrong) {
    espalier_test::forward_run<layer, float> run{dims(3, 3), 2};
    auto x = tokens();
    x[at]  = wrong;
    try {
        (void)run(x);
    } catch (bad_index const& e) {
        return e.what();
    }
    return "nothing thrown";
}
}  // namespace

TEST_CASE("token_embedding sums a word's, a segment's and a position's row") {
    espalier_test::forward_run<layer, float> run{dims(3, 3), 2};
    run.draw_weights(3);
    auto const x = tokens();
    auto const y = run(x);
    for (std::size_t r = 0; r < 6; ++r)
        for (std::size_t j = 0; j < 4; ++j) {
            auto const id = static_cast<std::size_t>(x[3 * r]), segment = static_cast<std::size_t>(x[3 * r + 1]);
            float const expected = run.weight(0, 0)[4 * id + j] + run.weight(0, 1)[4 * segment + j] + run.weight(0, 2)[4 * (r / 2) + j];
            CHECK(y[4 * r + j] == expected);
        }
}

TEST_CASE("an id or a segment out of its range is an error that says which, where and what to do") {
    CHECK(words_of(9, 7) == "espalier: token_embedding: requires token ids from 0 to 6; got 7 at step 1 of sample 1 of the batch. "
                            "Check the tokens, or take the tokenizer's vocabulary. See docs/policies/model.md.");
    CHECK(words_of(13, 2) == "espalier: token_embedding: requires segments from 0 to 1; got 2 at step 2 of sample 0 of the batch. "
                             "Check the second of a step's three numbers. See docs/policies/model.md.");
    for (float const wrong : {-1.0f, 0.5f, 1e30f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
        CHECK(words_of(0, wrong).find("requires token ids from 0 to 6") != std::string::npos);
    CHECK(words_of(0, 6) == "nothing thrown");
    CHECK(words_of(0, -0.0f) == "nothing thrown");
    CHECK(words_of(2, 9) == "nothing thrown");  // the mask is not this layer's
}

TEST_CASE("the gradient of a row is the sum over the tokens that looked it up, and other rows are left alone") {
    auto const x = tokens();
    std::vector<float> dy(24), gradients(3 * 32, 0.5f), scratch(static_cast<std::size_t>(layer::scratch(dims(3, 3), 2))), dx(18, 9.0f);
    for (std::size_t i = 0; i < dy.size(); ++i) dy[i] = static_cast<float>(i);  // small whole numbers: every order of sums is exact
    std::int64_t const offset[] = {0, 32, 64};
    backward_pass<float> const p{{nullptr, offset}, gradients.data(), dims(3, 3), 2, x.data(), nullptr, nullptr, scratch.data(), dy.data(), dx.data(), {}, 0};
    layer::backward(p, no_kernels{});
    std::vector<float> expected(3 * 32, 0.5f);
    for (std::size_t r = 0; r < 6; ++r)
        for (std::size_t j = 0; j < 4; ++j) {
            expected[4 * static_cast<std::size_t>(x[3 * r]) + j] += dy[4 * r + j];
            expected[32 + 4 * static_cast<std::size_t>(x[3 * r + 1]) + j] += dy[4 * r + j];
            expected[64 + 4 * (r / 2) + j] += dy[4 * r + j];
        }
    CHECK(gradients == expected);
    CHECK(dx == std::vector<float>(18, 0.0f));
}

TEST_CASE("token_embedding says what it takes: its steps of three numbers") {
    CHECK(layer::input() == dims(3, 3));
    CHECK(layer::takes(dims(3, 3)));
    CHECK_FALSE(layer::takes(dims(3)));
    CHECK_FALSE(layer::takes(dims(4, 3)));
    CHECK(layer::gives(dims(3, 3)) == dims(3, 4));
}

// SPDX-License-Identifier: BSL-1.0
// The slices of an embedding one by one, against whole tables in plain loops; nothing is exchanged here.
#include "support/catch.hpp"

#include "unit/nn/forward.hpp"

#include <espalier/nn/token_embedding_slice.hpp>

#include <algorithm>
#include <concepts>
#include <string>
#include <vector>

using namespace espalier;
using espalier_test::drawn;

namespace {

constexpr int steps = 6, hidden = 4, segments = 3;
constexpr std::int64_t batch = 3, rows = steps * batch;

/// A batch of tokens (T,B,3): every word of a small vocabulary, the first and the last one of a large one.
template <class T>
std::vector<T> tokens(int vocabulary) {
    std::vector<T> x;
    for (int r = 0; r < rows; ++r)
        for (int const n : {r == 0 ? vocabulary - 1 : r * 7919 % vocabulary, r * r % segments, 1}) x.push_back(static_cast<T>(n));
    return x;
}
/// What a row of the batch asks for.
struct asked {
    std::int64_t id, segment, step;
};
template <class T>
asked of_row(std::vector<T> const& x, std::int64_t r) {
    return {static_cast<std::int64_t>(x[static_cast<std::size_t>(3 * r)]), static_cast<std::int64_t>(x[static_cast<std::size_t>(3 * r + 1)]), r / batch};
}

/// Whole tables side by side, with as many words as all slices have rows.
template <class T>
struct tables {
    std::int64_t offset[3];
    std::vector<T> value;

    explicit tables(std::int64_t words, std::uint64_t seed = 2)
        : offset{0, words * hidden, (words + segments) * hidden}, value{drawn<T>((words + segments + steps) * hidden, seed)} {}
    T& at(int table, std::int64_t row, std::int64_t j) { return value[static_cast<std::size_t>(offset[table] + row * hidden + j)]; }
};
/// The offsets of a slice in whole tables: its words lie there without a gap.
template <class Slice>
struct slice_offsets {
    std::int64_t value[3];
    slice_offsets(std::int64_t const* whole, int k) : value{k * Slice::words * hidden, whole[1], whole[2]} {}
};

/// What all slices give, summed, with the tail added in blocks of some steps.
template <class Slice, int K, class T>
std::vector<T> summed(tables<T> const& w, std::vector<T> const& x, std::int64_t block) {
    std::vector<T> y(static_cast<std::size_t>(rows * hidden), T{0});
    for (int k = 0; k < K; ++k) {
        slice_offsets<Slice> const at{w.offset, k};
        std::vector<T> part(y.size(), T{9});
        Slice::forward(forward_pass<T>{{w.value.data(), at.value}, dims(steps, 3), batch, x.data(), part.data(), nullptr, nullptr, {}, 0, {}, nullptr, {.slice = k}},
                       no_kernels{});
        for (std::size_t i = 0; i < y.size(); ++i) y[i] += part[i];
    }
    for (std::int64_t first = 0; first < steps; first += block)
        Slice::finish(forward_pass<T>{{w.value.data(), w.offset}, dims(std::min(block, steps - first), 3), batch, x.data() + first * batch * 3,
                                      y.data() + first * batch * hidden, nullptr, nullptr, {}, 0, {}, nullptr, {.first_row = first}});
    return y;
}
/// The gradients that all slices and the tail, in blocks of some steps, add to 0.25.
template <class Slice, int K, class T>
tables<T> gradients(std::vector<T> const& x, std::vector<T> const& dy, std::int64_t block) {
    tables<T> g{K * Slice::words};
    g.value.assign(g.value.size(), T{0.25});
    std::vector<T> scratch(static_cast<std::size_t>(Slice::scratch(dims(steps, 3), batch))), dx(x.size(), T{9});
    auto const pass = [&](std::int64_t const* offset, std::int64_t first, std::int64_t count, cut_place at) {
        return backward_pass<T>{{nullptr, offset}, g.value.data(), dims(count, 3), batch, x.data() + first * batch * 3, nullptr, nullptr, scratch.data(),
                                dy.data() + first * batch * hidden, dx.data(), {}, 0, {}, nullptr, at};
    };
    for (int k = 0; k < K; ++k) {
        Slice::backward(pass(slice_offsets<Slice>{g.offset, k}.value, 0, steps, {.slice = k}), no_kernels{});
        CHECK(dx == std::vector<T>(x.size(), T{0}));
        dx.assign(x.size(), T{9});
    }
    for (std::int64_t first = 0; first < steps; first += block)
        Slice::finish_backward(pass(g.offset, first, std::min(block, steps - first), {.first_row = first}));
    return g;
}

template <int Vocabulary, int K, class T>
void equals_the_whole() {
    using slice = token_embedding_slice<Vocabulary, steps, hidden, segments, K>;
    tables<T> w{K * slice::words}, sums{K * slice::words};
    auto const x  = tokens<T>(Vocabulary);
    auto const dy = drawn<T>(rows * hidden, 3);
    std::vector<T> y;
    sums.value.assign(sums.value.size(), T{0.25});
    for (std::int64_t r = 0; r < rows; ++r) {
        auto const [id, segment, step] = of_row(x, r);
        for (int j = 0; j < hidden; ++j) {
            y.push_back(w.at(0, id, j) + w.at(1, segment, j) + w.at(2, step, j));
            T const d = dy[static_cast<std::size_t>(r * hidden + j)];
            sums.at(0, id, j) += d, sums.at(1, segment, j) += d;
        }
    }
    for (int t = 0; t < steps; ++t)
        for (int j = 0; j < hidden; ++j)
            for (int b = 0; b < batch; ++b) sums.at(2, t, j) += dy[static_cast<std::size_t>((t * batch + b) * hidden + j)];
    INFO(Vocabulary << " words, " << K << " slices");
    for (std::int64_t const block : {6, 3, 4, 1}) CHECK(summed<slice, K>(w, x, block) == y);
    CHECK(gradients<slice, K, T>(x, dy, steps).value == sums.value);
}

}  // namespace

TEMPLATE_TEST_CASE("slices of a vocabulary, summed, and the tail are the lookup to the bit, and their gradients its gradients", "", float, double) {
    equals_the_whole<8, 1, TestType>();
    equals_the_whole<8, 2, TestType>();
    equals_the_whole<8, 4, TestType>();
    equals_the_whole<7, 4, TestType>();  // the last slice has one word less
    equals_the_whole<9, 4, TestType>();  // and here none
    equals_the_whole<3, 8, TestType>();
    equals_the_whole<30522, 1, TestType>();
    equals_the_whole<30522, 4, TestType>();
}

TEST_CASE("the tail's gradients, block by block of steps, are those of the whole sequence") {
    using slice  = token_embedding_slice<7, steps, hidden, segments, 2>;
    auto const x = tokens<double>(7);
    std::vector<double> dy;
    for (std::int64_t i = 0; i < rows * hidden; ++i) dy.push_back(static_cast<double>(i * 7 % 31));  // whole numbers: every order of sums is exact
    auto const whole = gradients<slice, 2>(x, dy, steps).value;
    for (std::int64_t const block : {3, 4, 1}) CHECK(gradients<slice, 2>(x, dy, block).value == whole);
}

TEST_CASE("every slice refuses an id or a segment that is none, in the words of the whole layer") {
    using whole = token_embedding<7, steps, hidden, segments>;
    using slice = token_embedding_slice<7, steps, hidden, segments, 4>;
    tables<float> const w{8};
    auto const words_of = [&](auto layer, std::size_t at, float wrong, int k) -> std::string {
        auto x = tokens<float>(7);
        x[at]  = wrong;
        std::vector<float> y(static_cast<std::size_t>(rows * hidden));
        try {
            decltype(layer)::forward(forward_pass<float>{{w.value.data(), w.offset}, dims(steps, 3), batch, x.data(), y.data(), nullptr, nullptr, {}, 0, {}, nullptr, {.slice = k}},
                                     no_kernels{});
        } catch (bad_index const& e) {
            return e.what();
        }
        return "nothing thrown";
    };
    for (int k = 0; k < 4; ++k) {
        CHECK(words_of(slice{}, 9, 7, k) == "espalier: token_embedding: requires token ids from 0 to 6; got 7 at step 1 of sample 0 of the batch. "
                                            "Check the tokens, or take the tokenizer's vocabulary. See docs/policies/model.md.");
        for (float const wrong : {-1.0f, 0.5f, 8.0f}) CHECK(words_of(slice{}, 10, wrong, k) == words_of(whole{}, 10, wrong, 0));
        CHECK(words_of(slice{}, 9, 6, k) == "nothing thrown");
    }
}

TEST_CASE("a slice says of which table its words are a part, and that it gives a summand") {
    using slice         = token_embedding<30522, 128, 768>::sharded<4>;
    constexpr auto list = slice::parameters(slice::input());
    STATIC_REQUIRE(Layer<slice>);
    STATIC_REQUIRE(SplitsBackward<slice, float>);
    STATIC_REQUIRE(std::same_as<slice::takes_placement, replicated>);
    STATIC_REQUIRE(std::same_as<slice::gives_placement, partial>);
    STATIC_REQUIRE(slice::gives(slice::input()) == dims(128, 768));
    STATIC_REQUIRE(list.count == 3);
    CHECK(list.item[0].extents == dims(7631, 768));  // 4 · 7631 = 30524
    CHECK(list.item[0].cut.slices == 4);
    CHECK(list.item[0].cut.along == 0);
    CHECK(list.item[0].cut.whole == dims(30522, 768));
    for (int i : {1, 2}) CHECK(list.item[i].cut.slices == 1);
    CHECK(list.item[2].extents == dims(128, 768));
}

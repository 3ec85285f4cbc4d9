// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/made_up_cut.hpp"

#include <espalier/nn/linear.hpp>
#include <espalier/train/gradient_norm.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace espalier;

namespace {
using two_layers = sequence<linear<100, 50>, linear<50, 3>>;  // a weight of 5,000 elements: two blocks, the second short
using net        = network<two_layers>;

/// Gradients drawn at random, and their norm in long double. What lies between tensors is `padding`.
template <class T>
std::vector<T> drawn(T padding, long double& norm) {
    std::vector<T> g(static_cast<std::size_t>(net::tensors.elements), padding);
    random_key const key{8, "gradient norm test"};
    long double squares = 0;
    for (auto const& t : net::tensors.item)
        for (std::int64_t i = 0; i < t.extents.elements(); ++i) {
            auto const block = key.at(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(t.offset));
            T const value                               = static_cast<T>(to_normal(block.word[0], block.word[1]));
            g[static_cast<std::size_t>(t.offset + i)] = value;
            squares += static_cast<long double>(value) * value;
        }
    norm = std::sqrt(squares);
    return g;
}

template <class T>
void agrees() {
    long double expected = 0;
    auto const g         = drawn<T>(T{0}, expected);
    auto norm            = gradient_norm<two_layers>::for_use();
    double const found   = norm(g.data());
    CHECK(found == Approx(static_cast<double>(expected)).epsilon(1e-14));
    CHECK(norm(g.data()) == found);
}
}  // namespace

TEST_CASE("the norm of a gradient agrees with a sum of squares in extended precision, for float and double") {
    agrees<float>();
    agrees<double>();
}

TEST_CASE("a 3 in one tensor and a 4 in another have the norm 5") {
    std::vector<float> g(static_cast<std::size_t>(net::tensors.elements), 0.0f);
    auto norm = gradient_norm<two_layers>::for_use();
    CHECK(norm(g.data()) == 0.0);
    g[static_cast<std::size_t>(net::tensors.item[0].offset) + 4999] = 3;  // in the short block
    g[static_cast<std::size_t>(net::tensors.item[3].offset) + 2]    = -4;
    CHECK(norm(g.data()) == 5.0);
}

TEST_CASE("every element counts, and what lies between tensors does not") {
    auto norm = gradient_norm<two_layers>::for_use();
    std::vector<float> g(static_cast<std::size_t>(net::tensors.elements), 0.0f);
    bool all_count = true;
    for (auto const& t : net::tensors.item)
        for (std::int64_t i = 0; i < t.extents.elements(); ++i) {
            float& element = g[static_cast<std::size_t>(t.offset + i)];
            element        = 2;
            all_count      = all_count && norm(g.data()) == 2.0;
            element        = 0;
        }
    CHECK(all_count);
    long double expected = 0;
    auto const padded    = drawn<float>(1e30f, expected);
    CHECK(norm(padded.data()) == Approx(static_cast<double>(expected)));
}

TEST_CASE("large float gradients do not overflow, and a NaN is seen") {
    auto norm = gradient_norm<two_layers>::for_use();
    std::vector<float> g(static_cast<std::size_t>(net::tensors.elements), 0.0f);
    g[0] = g[1] = 1e30f;
    CHECK(norm(g.data()) == Approx(std::sqrt(2.0) * static_cast<double>(1e30f)));
    g[1] = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(norm(g.data())));
}

TEST_CASE("block sums of ranges, added up over ranks, give the bits of the whole gradient's norm") {
    long double unused = 0;
    auto const g       = drawn<float>(0.0f, unused);
    auto whole         = gradient_norm<two_layers>::for_use();
    double const norm  = whole(g.data());
    for (std::int64_t ranks : {1, 2, 3, 7}) {
        std::vector<double> sum(static_cast<std::size_t>(whole.blocks().size()), 0.0);
        auto const border = [&](std::int64_t r) { return block_border(net::tensors, net::tensors.elements * r / ranks); };
        auto mine         = gradient_norm<two_layers>::for_use();
        for (std::int64_t r = 0; r < ranks; ++r) {
            mine.clear();
            std::vector<float> const held(g.begin() + border(r), g.begin() + border(r + 1));  // what that rank has of it
            mine.add_blocks({border(r), border(r + 1)}, held.data());
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += mine.blocks()[i];
        }
        std::copy(sum.begin(), sum.end(), mine.blocks().begin());
        CHECK(mine.combined() == norm);
    }
}

TEST_CASE("a rank that holds several ranges adds the blocks of each; others are zero") {
    long double unused = 0;
    auto const g       = drawn<float>(0.0f, unused);
    auto whole = gradient_norm<two_layers>::for_use(), mine = gradient_norm<two_layers>::for_use();
    (void)whole(g.data());
    (void)mine(g.data());
    mine.clear();
    mine.add_blocks({0, 4096}, g.data());
    mine.add_blocks({5072, net::tensors.elements}, g.data() + 5072);
    // In name order: 0.bias, 0.weight's two blocks, 1.bias, 1.weight. The second block of 0.weight and 0.bias are another rank's.
    for (std::size_t i : {0u, 2u}) CHECK(mine.blocks()[i] == 0);
    for (std::size_t i : {1u, 3u, 4u}) {
        CHECK(mine.blocks()[i] > 0);
        CHECK(mine.blocks()[i] == whole.blocks()[i]);
    }
}

TEST_CASE("the norm holds one double a block, and nothing before it is for use") {
    CHECK(gradient_norm<two_layers>{}.workspace_bytes() == 0);
    // 5,000 elements in two blocks, and three short tensors.
    CHECK(gradient_norm<two_layers>::for_use().workspace_bytes() == 5 * sizeof(double));
}

namespace {
/// A gradient of the made-up network in slices: element i of the whole flat array is drawn for i alone, padding is zero.
template <int K, int T>
std::vector<float> drawn_part(int rank) {
    random_key const key{9, "gradient in slices"};
    std::vector<float> g;
    for (auto const at : espalier_test::positions_in_whole<espalier_test::made_up_network<K, K / T>, espalier_test::made_up_network<1, 1>>(rank)) {
        auto const block = key.at(static_cast<std::uint64_t>(at));
        g.push_back(at < 0 ? 0.0f : static_cast<float>(to_normal(block.word[0], block.word[1])));
    }
    return g;
}
/// The norm that T ranks find together, each with its slices in `ranges` ranges of whole blocks.
template <int K, int T>
double norm_over_ranks(std::int64_t ranges) {
    using local = espalier_test::made_up_network<K, K / T>;
    auto norm   = gradient_norm<local>::for_use();
    std::vector<double> sum(norm.blocks().size(), 0.0);
    std::vector<int> speakers(sum.size(), 0);
    auto const border = [&](std::int64_t r) { return block_border(network<local>::tensors, network<local>::tensors.elements * r / ranges); };
    for (int t = 0; t < T; ++t) {
        auto const g = drawn_part<K, T>(t);
        norm.clear();
        for (std::int64_t r = 0; r < ranges; ++r) norm.add_blocks({border(r), border(r + 1)}, g.data() + border(r), {{T, K}, t});
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += norm.blocks()[i], speakers[i] += norm.blocks()[i] != 0.0;
    }
    CHECK(*std::max_element(speakers.begin(), speakers.end()) == 1);  // each number from one rank, so that no order matters
    std::copy(sum.begin(), sum.end(), norm.blocks().begin());
    return norm.combined();
}
}  // namespace

TEST_CASE("the norm of tensors in four slices has the same bits on 1, 2 and 4 ranks") {
    long double squares = 0;
    for (float const x : drawn_part<1, 1>(0)) squares += static_cast<long double>(x) * static_cast<long double>(x);
    double const alone = norm_over_ranks<4, 1>(1);
    CHECK(alone == Approx(static_cast<double>(std::sqrt(squares))).epsilon(1e-14));
    for (std::int64_t const ranges : {1, 3}) {
        CHECK(norm_over_ranks<4, 1>(ranges) == alone);
        CHECK(norm_over_ranks<4, 2>(ranges) == alone);
        CHECK(norm_over_ranks<4, 4>(ranges) == alone);
    }
}

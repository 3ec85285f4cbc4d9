// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include "support/tensor_ranks.hpp"

#include <espalier/comm/self.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace espalier;
using espalier_test::on_tensor_ranks;
using espalier_test::tested_exchange;

namespace {
/// Slice k's summand of element i: magnitudes so far apart that a sum in another order has other bits.
float summand_of(int k, std::int64_t i) {
    float const sizes[] = {1.0f, 3e7f, -3e7f, 0.3f, 5e5f, 1e-3f, -7e6f, 11.0f};
    return sizes[(k + i) % 8] * (1.0f + static_cast<float>(i % 13) / 7.0f);
}
/// The sum along the tree as lane_tree.hpp draws it.
float tree_sum(int first, int last, std::int64_t i) {
    if (last - first == 1) return summand_of(first, i);
    int power = 1;
    while (2 * power < last - first) power *= 2;
    return tree_sum(first, first + power, i) + tree_sum(first + power, last, i);
}
/// What a rank brings of n elements from element `from` on: its slices folded.
std::vector<float> brought(tensor_cut const& cut, int rank, std::int64_t n) {
    std::vector<float> v;
    for (std::int64_t i = 0; i < n; ++i) v.push_back(tree_sum(rank * cut.own_slices(), (rank + 1) * cut.own_slices(), i));
    return v;
}
std::vector<float> whole_sum(int slices, std::int64_t n) {
    std::vector<float> v;
    for (std::int64_t i = 0; i < n; ++i) v.push_back(tree_sum(0, slices, i));
    return v;
}
std::vector<tensor_cut> const cuts{{1, 1}, {1, 4}, {2, 2}, {2, 4}, {2, 8}, {3, 3}, {4, 4}, {4, 8}};
}  // namespace

TEST_CASE("a sum over slices has the bits of the lane tree, whatever the ranks, blocking or posted") {
    for (auto const& cut : cuts)
        for (std::int64_t const n : {0, 1, 37, 300}) {
            INFO(cut.ranks << " ranks, " << cut.slices << " slices, " << n << " elements");
            auto const expected = whole_sum(cut.slices, n);
            for (bool const posted : {false, true}) {
                auto const sums = on_tensor_ranks<float>(cut, [&](tested_exchange<float>& x) {
                    auto v = brought(cut, x.rank(), n);
                    if (posted) x.post_sum(exchange_point::output, v.data(), n), x.wait();
                    else x.sum(exchange_point::output, v.data(), n);
                    return v;
                });
                for (auto const& sum : sums) CHECK(sum == expected);
            }
        }
}

TEST_CASE("a sum to parts gives rank r the r-th part and leaves the summands, blocking or posted") {
    for (auto const& cut : cuts)
        for (std::int64_t const n : {1, 21, 100}) {
            INFO(cut.ranks << " ranks, " << cut.slices << " slices, parts of " << n);
            auto const whole = whole_sum(cut.slices, n * cut.ranks);
            for (bool const posted : {false, true}) {
                auto const parts = on_tensor_ranks<float>(cut, [&](tested_exchange<float>& x) {
                    auto const v = brought(cut, x.rank(), n * cut.ranks);
                    auto const before = v;
                    std::vector<float> part(static_cast<std::size_t>(n));
                    if (posted) x.post_sum_to_parts(exchange_point::output, v.data(), part.data(), n), x.wait();
                    else x.sum_to_parts(exchange_point::output, v.data(), part.data(), n);
                    return v == before ? part : std::vector<float>{};
                });
                for (int r = 0; r < cut.ranks; ++r)
                    CHECK(parts[static_cast<std::size_t>(r)] == std::vector<float>(whole.begin() + r * n, whole.begin() + (r + 1) * n));
            }
        }
}

TEST_CASE("every rank gathers all parts, of the model's scalar and of doubles") {
    for (auto const& cut : cuts) {
        std::int64_t const n = 5;
        auto const filled    = [&](auto& x, auto zero, auto&& gather) {
            std::vector<decltype(zero)> v(static_cast<std::size_t>(n * cut.ranks), decltype(zero){-1});
            for (std::int64_t i = x.rank() * n; i < (x.rank() + 1) * n; ++i) v[static_cast<std::size_t>(i)] = decltype(zero)(i) / 3;
            gather(v.data());
            bool same = true;
            for (std::int64_t i = 0; i < n * cut.ranks; ++i) same = same && v[static_cast<std::size_t>(i)] == decltype(zero)(i) / 3;
            return same;
        };
        auto const right = on_tensor_ranks<float>(cut, [&](tested_exchange<float>& x) {
            bool const scalars = filled(x, 0.0f, [&](float* v) { x.gather(exchange_point::state, v, n); });
            bool const doubles = filled(x, 0.0, [&](double* v) { x.gather_doubles(exchange_point::scores, v, n); });
            return static_cast<int>(scalars && doubles);
        });
        for (int const r : right) CHECK(r == 1);
    }
}

TEST_CASE("exchanges are counted as layers state them") {
    // 3 ranks, 100 elements: chunks of 32, 32 and 36. Rank 0 sends 100 − 32 of its summand, then its 32 to two others; so on.
    auto const tallies = on_tensor_ranks<float>({3, 3}, [](tested_exchange<float>& x) {
        std::vector<float> v(100), part(10);
        std::vector<double> d(6);
        x.sum(exchange_point::output, v.data(), 100);
        auto const after_sum = x.tally;
        x.sum_to_parts(exchange_point::output, v.data(), part.data(), 10);  // 20 of 30 elements leave
        x.gather(exchange_point::output, v.data(), 10);                     // 10 to each of two
        x.gather_doubles(exchange_point::scores, d.data(), 2);              // 2 to each of two
        return std::vector<exchange_tally>{after_sum, x.tally};
    });
    std::int64_t const sent_by_sum[] = {68 + 64, 68 + 64, 64 + 72};
    for (std::size_t r = 0; r < 3; ++r) {
        CHECK(tallies[r][0].times == 1);
        CHECK(tallies[r][0].sent == sent_by_sum[r]);
        CHECK(tallies[r][1].times == 4);
        CHECK(tallies[r][1].sent == sent_by_sum[r] + 20 + 20 + 4);
    }
}

TEST_CASE("a group of another size, and an exchange while a sum goes on, are errors with a name") {
    self alone;
    CHECK_THROWS_WITH((detail::exchange_over<self, float>{alone, {2, 2}}),
                      "espalier: tensor_parallel: requires a group of 2 ranks for its exchanges; got 1. Split the world by tensor axis, its ranks "
                      "innermost. See docs/policies/partition.md.");
    detail::exchange_over<self, float> x{alone, {1, 2}};
    float v[4] = {};
    x.post_sum(exchange_point::output, v, 4);
    CHECK_THROWS_WITH(x.gather(exchange_point::output, v, 4),
                      "espalier: exchange: requires a wait for the sum that was posted before the next exchange; got another exchange before it. Call "
                      "wait() first. See docs/policies/model.md.");
    x.wait();
    CHECK_NOTHROW(x.gather(exchange_point::output, v, 4));
}

TEST_CASE("a pass makes as many exchanges as its plan allows: more and fewer are errors with a name") {
    auto const texts = on_tensor_ranks<float>({2, 2}, [](tested_exchange<float>& x) {
        std::vector<std::string> said;
        float v[4] = {};
        auto const catching = [&](auto what) {
            try {
                what();
                said.emplace_back("nothing");
            } catch (invalid_setting const& e) {
                said.emplace_back(e.what());
            }
        };
        catching([&] { x.sum(exchange_point::output, v, 4); });  // no plan yet
        x.allow(2);
        catching([&] { x.sum(exchange_point::output, v, 4); });
        catching([&] { x.close(); });
        x.allow(1);
        catching([&] { x.sum(exchange_point::output, v, 4); });
        catching([&] { x.sum(exchange_point::input_gradient, v, 4); });
        catching([&] { x.close(); });
        catching([&] { x.gather(exchange_point::state, v, 2); });  // closed
        x.allow_any();
        catching([&] { x.gather(exchange_point::state, v, 2); });
        return said;
    });
    auto const refused = [](std::string const& got) {
        return "espalier: exchange: requires as many exchanges in a pass as its layers state beforehand; got " + got +
               ". Let exchanges(in, batch, way, wants_dx, tally) of the layer say what forward and backward do. See docs/explanation/tensor-axis.md.";
    };
    for (auto const& said : texts)
        CHECK(said == std::vector<std::string>{"nothing", "nothing", refused("fewer"), "nothing", refused("one more, at its input_gradient"), "nothing",
                                               refused("one more, at its state"), "nothing"});
}

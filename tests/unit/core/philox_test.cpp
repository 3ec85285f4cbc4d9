// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"

#include <espalier/core/philox.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

using namespace espalier;

namespace {
using words = std::array<std::uint32_t, 4>;

constexpr words words_of(random_block const& b) { return {b.word[0], b.word[1], b.word[2], b.word[3]}; }

/// The block of a key for a counter that a test has packed itself, by the documented layout: 32, 48 and 48 bits, lowest first.
words by_hand(std::uint64_t key, words counter) {
    return words_of(philox4x32({{counter[0], counter[1], counter[2], counter[3]}}, static_cast<std::uint32_t>(key),
                               static_cast<std::uint32_t>(key >> 32)));
}
}  // namespace

TEST_CASE("Philox4x32-10 gives the three published vectors, at compile time too") {
    constexpr random_block zeros = philox4x32({{0, 0, 0, 0}}, 0, 0);
    STATIC_REQUIRE(words_of(zeros) == words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    std::uint32_t const ones = 0xffffffffu;
    CHECK(words_of(philox4x32({{ones, ones, ones, ones}}, ones, ones)) == words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(words_of(philox4x32({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0)) ==
          words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a key's counter has the block in 32 bits, the sample in 48 and the step in 48") {
    random_key key;
    key.value = 0x0123456789abcdefull;
    CHECK(words_of(key.at(0x89abcdefu)) == by_hand(key.value, {0x89abcdefu, 0, 0, 0}));
    CHECK(words_of(key.at(0, 0x123456789abcull)) == by_hand(key.value, {0, 0x56789abcu, 0x1234u, 0}));
    CHECK(words_of(key.at(0, 0, 0xfedcba987654ull)) == by_hand(key.value, {0, 0, 0x76540000u, 0xfedcba98u}));
    CHECK(words_of(key.at(7, 0x123456789abcull, 0xfedcba987654ull)) ==
          by_hand(key.value, {7, 0x56789abcu, 0x76541234u, 0xfedcba98u}));
}

TEST_CASE("blocks, samples, steps, purposes and seeds have streams of their own") {
    std::set<words> seen;
    std::size_t drawn = 0;
    for (std::uint64_t seed : {0u, 1u})
        for (char const* purpose : {"init", "dropout"})
            for (std::uint64_t block : {0ull, 1ull, 2ull, 0xffffffffull})
                for (std::uint64_t sample : {0ull, 1ull, 2ull, 1ull << 16, 1ull << 32, (1ull << 48) - 1})
                    for (std::uint64_t step : {0ull, 1ull, 2ull, 1ull << 16, 1ull << 32, (1ull << 48) - 1}) {
                        seen.insert(words_of(random_key{seed, purpose}.at(block, sample, step)));
                        ++drawn;
                    }
    CHECK(drawn == 2u * 2u * 4u * 6u * 6u);
    CHECK(seen.size() == drawn);
}

TEST_CASE("a word becomes a number from 0 up to, not including, 1, exact in float") {
    STATIC_REQUIRE(to_unit(0) == 0.0f);
    STATIC_REQUIRE(to_unit(0x80000000u) == 0.5f);
    STATIC_REQUIRE(to_unit(0xffffffffu) == 1.0f - 0x1p-24f);
    STATIC_REQUIRE(to_unit(0x1ffu) == 0x1p-24f);
}

TEST_CASE("normal numbers are Box and Muller's, and finite for every word") {
    double const root = std::sqrt(2 * std::log(2.0));  // the radius that belongs to one half
    CHECK(to_normal(0x80000000u, 0) == Approx(root).epsilon(1e-9));
    CHECK(to_normal(0x80000000u, 0x80000000u) == Approx(-root).epsilon(1e-9));
    CHECK(to_normal(0x80000000u, 0x40000000u) == Approx(0).margin(1e-9));
    CHECK(to_normal(0, 0) == Approx(std::sqrt(2 * 33 * std::log(2.0))));
    CHECK(std::isfinite(to_normal(0xffffffffu, 0)));
}

TEST_CASE("normal numbers have the mean, the variance and the shares of the normal distribution") {
    constexpr int n = 100000;
    random_key const key{1, "test"};
    double sum = 0, squares = 0;
    int within_one = 0, within_two = 0;
    for (int i = 0; i < n; ++i) {
        auto const block = key.at(static_cast<std::uint64_t>(i));
        double const z   = to_normal(block.word[0], block.word[1]);
        sum += z;
        squares += z * z;
        within_one += std::abs(z) < 1;
        within_two += std::abs(z) < 2;
    }
    double const five_sigma = 5 / std::sqrt(double{n});
    CHECK(std::abs(sum / n) < five_sigma);
    CHECK(std::abs(squares / n - 1) < std::sqrt(2.0) * five_sigma);
    CHECK(std::abs(double(within_one) / n - std::erf(std::sqrt(0.5))) < five_sigma / 2);
    CHECK(std::abs(double(within_two) / n - std::erf(std::sqrt(2.0))) < five_sigma / 2);
}

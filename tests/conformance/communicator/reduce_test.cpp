// SPDX-License-Identifier: BSL-1.0
/// @file
/// Laws of reductions: the order of the sum, in place and out of place, every size, and the scatter and gather that make one.
#include "conformance/communicator/laws.hpp"

#include <limits>

using namespace laws;

TEMPLATE_LIST_TEST_CASE("an ordered all-reduce gives the bits of the serial tree sum for any number of ranks", "[comm]",
                        counted_communicators) {
    constexpr std::int64_t n = 1111;
    for (int lanes : {1, 2, 3, 5, 6, 8, 13}) {
        auto const expected = tree_sum<float>(n, 0, lanes);
        for (int ranks : rank_counts<TestType>()) {
            auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
                contribution<float> const mine{n, lanes, lanes_of(lanes, ranks, world.rank())};
                field<float> out(n);
                world.all_reduce(mine.sum(), out.data(), n);
                return out;
            });
            REQUIRE(result.all_returned());
            for (auto const& out : result.value) CHECK(same_bits(out, expected));
        }
    }
}

TEMPLATE_LIST_TEST_CASE("an ordered all-reduce gives the same bits however unevenly the lanes lie", "[comm]", counted_communicators) {
    constexpr std::int64_t n = 100;
    constexpr int lanes      = 11;
    auto const expected      = tree_sum<double>(n, 0, lanes);
    for (int ranks : rank_counts<TestType>())
        for (int lead : {0, 1, 4, 7, 11}) {  // rank 0 has this many lanes, the last one what the others leave
            auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
                int const r      = world.rank();
                auto const start = [&](int at) {
                    if (at == 0 || at == ranks) return at == 0 ? 0 : lanes;
                    return std::min(lanes, lead + (at - 1) / 2);
                };
                contribution<double> const mine{n, lanes, {start(r), start(r + 1)}};
                field<double> out(n);
                world.all_reduce(mine.sum(), out.data(), n);
                return out;
            });
            REQUIRE(result.all_returned());
            for (auto const& out : result.value) CHECK(same_bits(out, expected));
        }
}

TEMPLATE_LIST_TEST_CASE("an ordered all-reduce into one of its summands equals one into other memory, at every size", "[comm]",
                        counted_communicators) {
    constexpr int lanes = 6;
    for (std::int64_t n : sizes()) {
        auto const expected = tree_sum<float>(n, 0, lanes);
        for (int ranks : rank_counts<TestType>()) {
            auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
                contribution<float> mine{n, lanes, lanes_of(lanes, ranks, world.rank())};
                if (mine.data.empty()) mine.data.emplace_back(static_cast<std::size_t>(n));
                world.all_reduce(mine.sum(), mine.data.back().data(), n);
                return mine.data.back();
            });
            REQUIRE(result.all_returned());
            for (auto const& out : result.value) CHECK(same_bits(out, expected));
        }
    }
}

TEMPLATE_LIST_TEST_CASE("an all-reduce combines one operand a rank along the tree, in place or not, at every size", "[comm]",
                        counted_communicators) {
    for (std::int64_t n : sizes())
        for (int ranks : rank_counts<TestType>()) {
            auto const expected = tree_sum<float>(n, 0, ranks);
            auto const result   = on_ranks<TestType>(ranks, [&](TestType& world) {
                auto x = operand<float>(n, world.rank());
                field<float> out(x.size());
                world.all_reduce(x.data(), out.data(), n, sum{});
                world.all_reduce(x.data(), x.data(), n, sum{});
                return std::pair{out, x};
            });
            REQUIRE(result.all_returned());
            for (auto const& [out, x] : result.value) {
                CHECK(same_bits(out, expected));
                CHECK(same_bits(x, expected));
            }
        }
}

TEMPLATE_LIST_TEST_CASE("an all-reduce finds the largest and the smallest, and shows a NaN to every rank", "[comm]",
                        counted_communicators) {
    for (int ranks : rank_counts<TestType>())
        for (int sick = 0; sick < ranks; ++sick) {
            auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
                int const r = world.rank();
                float x[3]  = {static_cast<float>(10 + r), static_cast<float>(10 - r),
                               r == sick ? std::numeric_limits<float>::quiet_NaN() : 1.f};
                float largest[3], smallest[3];
                world.all_reduce(x, largest, 3, maximum{});
                world.all_reduce(x, smallest, 3, minimum{});
                return largest[0] == static_cast<float>(9 + ranks) && largest[1] == 10.f && smallest[0] == 10.f &&
                       smallest[1] == static_cast<float>(11 - ranks) && std::isnan(largest[2]) && std::isnan(smallest[2]);
            });
            REQUIRE(result.all_returned());
            for (bool right : result.value) CHECK(right);
        }
}

TEMPLATE_LIST_TEST_CASE("a whole-number all-reduce is exact", "[comm]", counted_communicators) {
    for (int ranks : rank_counts<TestType>()) {
        auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
            std::int64_t x = (std::int64_t{1} << 55) + world.rank();
            world.all_reduce(&x, &x, 1, sum{});
            return x;
        });
        REQUIRE(result.all_returned());
        for (auto x : result.value) CHECK(x == ranks * (std::int64_t{1} << 55) + ranks * (ranks - 1) / 2);
    }
}

TEMPLATE_LIST_TEST_CASE("an all-gather after a reduce-scatter is an all-reduce", "[comm]", counted_communicators) {
    if constexpr (SupportsOrderedReduceScatter<TestType, float> && SupportsReduceScatter<TestType, float, sum> && SupportsAllGather<TestType, float>) {
        constexpr int lanes = 5;
        for (std::int64_t n : sizes())
            for (int ranks : rank_counts<TestType>()) {
                auto const by_lanes = tree_sum<float>(n, 0, lanes);
                auto const by_ranks = tree_sum<float>(n, 0, ranks);
                auto const borders  = uneven_borders(n, ranks);
                auto const result   = on_ranks<TestType>(ranks, [&](TestType& world) {
                    auto const r = static_cast<std::size_t>(world.rank());
                    contribution<float> const mine{n, lanes, lanes_of(lanes, ranks, world.rank())};
                    field<float> out(static_cast<std::size_t>(n));
                    world.reduce_scatter(mine.sum(), out.data() + borders[r], borders);
                    world.all_gather(out.data(), borders);

                    auto x = operand<float>(n, world.rank());
                    world.reduce_scatter(x.data(), x.data() + borders[r], borders, sum{});
                    world.all_gather(x.data(), borders);
                    return std::pair{out, x};
                });
                REQUIRE(result.all_returned());
                for (auto const& [out, x] : result.value) {
                    CHECK(same_bits(out, by_lanes));
                    CHECK(same_bits(x, by_ranks));
                }
            }
    }
}

TEMPLATE_LIST_TEST_CASE("summands that do not tile the tree are refused on every rank", "[comm]", counted_communicators) {
    for (int ranks : rank_counts<TestType>()) {
        auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
            float x[2] = {1, 2}, out = 0;
            // Lanes 1 and 2 are neighbours, but no node of the tree over four lanes.
            summand<float> const odd[] = {{{0, 1}, x}, {{1, 3}, x + 1}, {{3, 4}, x}};
            bool const is_first        = world.rank() == 0;
            std::span<summand<float> const> mine{odd, is_first ? std::size_t{3} : std::size_t{0}};
            world.all_reduce(ordered_sum<float>{4, mine}, &out, 1);
        });
        for (int r = 0; r < ranks; ++r) {
            CHECK(result.template threw<invalid_setting>(r));
            CHECK(result.text(r).find("requires summands that tile the tree over 4 lanes") != std::string::npos);
        }
    }
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Laws of operations that only move elements: broadcast and all-gather, and groups made by split.
#include "conformance/communicator/laws.hpp"

using namespace laws;

TEMPLATE_LIST_TEST_CASE("a broadcast gives every rank what the root had, from each root and at every size", "[comm]",
                        counted_communicators) {
    for (std::int64_t n : sizes())
        for (int ranks : rank_counts<TestType>())
            for (int root = 0; root < ranks; ++root) {
                auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
                    auto x = operand<float>(n, world.rank());
                    world.broadcast(x.data(), n, root);
                    return x;
                });
                REQUIRE(result.all_returned());
                for (auto const& x : result.value) CHECK(same_bits(x, operand<float>(n, root)));
            }
}

TEMPLATE_LIST_TEST_CASE("an all-gather gives every rank the parts of all, equal or not, at every size", "[comm]", counted_communicators) {
    if constexpr (SupportsAllGather<TestType, double>) {
        for (std::int64_t n : sizes())
            for (int ranks : rank_counts<TestType>())
                for (bool even : {false, true}) {
                    auto borders = uneven_borders(n, ranks);
                    if (even)
                        for (int r = 0; r <= ranks; ++r) borders[static_cast<std::size_t>(r)] = n * r / ranks;
                    auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
                        auto x = operand<double>(n, world.rank());
                        world.all_gather(x.data(), borders);
                        return x;
                    });
                    REQUIRE(result.all_returned());
                    field<double> expected(static_cast<std::size_t>(n));
                    for (int r = 0; r < ranks; ++r) {
                        auto const part = operand<double>(n, r);
                        for (auto i = borders[static_cast<std::size_t>(r)]; i < borders[static_cast<std::size_t>(r) + 1]; ++i)
                            expected[static_cast<std::size_t>(i)] = part[static_cast<std::size_t>(i)];
                    }
                    for (auto const& x : result.value) CHECK(same_bits(x, expected));
                }
    }
}

TEMPLATE_LIST_TEST_CASE("split orders a part by key and then by rank", "[comm]", counted_communicators) {
    for (int ranks : rank_counts<TestType>()) {
        auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
            auto backward = world.split(0, -world.rank());
            auto forward  = world.split(7, 3);
            return std::array{backward.rank(), backward.size(), forward.rank(), forward.size()};
        });
        REQUIRE(result.all_returned());
        for (int r = 0; r < ranks; ++r)
            CHECK(result.value[static_cast<std::size_t>(r)] == std::array{ranks - 1 - r, ranks, r, ranks});
    }
}

TEMPLATE_LIST_TEST_CASE("groups made by split do not see each other", "[comm]", counted_communicators) {
    // Each part works at its own pace: as many operations as its colour says, of its own size, and the world goes on after.
    for (int ranks : rank_counts<TestType>()) {
        auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
            int const color = world.rank() % 3;
            auto part       = world.split(color, world.rank());
            std::int64_t in_part = 1, in_world = 1;
            for (int i = 0; i <= 5 * color; ++i) {
                std::vector<std::int64_t> x(static_cast<std::size_t>(1 + color), world.rank());
                part.all_reduce(x.data(), x.data(), 1 + color, sum{});
                part.barrier();
                in_part = x.back();
            }
            world.all_reduce(&in_world, &in_world, 1, sum{});
            return std::pair{in_part, in_world};
        });
        REQUIRE(result.all_returned());
        for (int r = 0; r < ranks; ++r) {
            std::int64_t expected = 0;
            for (int other = r % 3; other < ranks; other += 3) expected += other;
            CHECK(result.value[static_cast<std::size_t>(r)] == std::pair{expected, std::int64_t{ranks}});
        }
    }
}

TEMPLATE_LIST_TEST_CASE("a part can be split again", "[comm]", counted_communicators) {
    for (int ranks : rank_counts<TestType>()) {
        auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
            auto part = world.split(world.rank() / 2, 0);
            auto one  = part.split(part.rank(), 0);
            int x     = world.rank();
            one.broadcast(&x, 1, 0);
            one.all_reduce(&x, &x, 1, sum{});
            return std::pair{one.size(), x};
        });
        REQUIRE(result.all_returned());
        for (int r = 0; r < ranks; ++r) CHECK(result.value[static_cast<std::size_t>(r)] == std::pair{1, r});
    }
}

TEMPLATE_LIST_TEST_CASE("memory for an arena is aligned and the rank's own", "[comm]", counted_communicators) {
    for (int ranks : rank_counts<TestType>()) {
        auto const result = on_ranks<TestType>(ranks, [&](TestType& world) {
            auto memory = world.allocate(1000);
            memory.data()[999] = static_cast<std::byte>(world.rank());
            world.barrier();
            return reinterpret_cast<std::uintptr_t>(memory.data()) % 64 == 0 && memory.size() == 1000 &&
                   memory.data()[999] == static_cast<std::byte>(world.rank());
        });
        REQUIRE(result.all_returned());
        for (bool right : result.value) CHECK(right);
    }
}

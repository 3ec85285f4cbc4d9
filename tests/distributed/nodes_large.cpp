// SPDX-License-Identifier: BSL-1.0
/// @file
/// Messages of more than 2³¹ bytes, which no count of MPI's can say: between two nodes, and on one. Needs 6 GB of memory.
#include "support/catch.hpp"

#include <espalier/comm/mpi.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

using namespace espalier;

namespace {

constexpr std::int64_t bytes = (std::int64_t{1} << 31) + 150'000'001;

/// Byte i of what rank r brings.
std::byte byte_of(std::int64_t i, int r) {
    return static_cast<std::byte>((static_cast<std::uint64_t>(i + 1) * 0x9e3779b97f4a7c15ull >> 56) ^ static_cast<std::uint64_t>(r + 1));
}

/// Bytes first … last − 1 that are not rank r's: around every power of two, at both ends, and a sample between.
std::int64_t wrong_bytes(std::byte const* x, std::int64_t first, std::int64_t last, int r) {
    std::int64_t wrong = 0;
    auto const look    = [&](std::int64_t from, std::int64_t to, std::int64_t step) {
        for (std::int64_t i = std::max(from, first); i < std::min(to, last); i += step) wrong += x[i] != byte_of(i, r);
    };
    look(first, last, 1021);
    look(first, first + 5000, 1);
    look(last - 5000, last, 1);
    for (std::int64_t power : {std::int64_t{1} << 29, std::int64_t{1} << 30, std::int64_t{1} << 31}) look(power - 5000, power + 5000, 1);
    return wrong;
}

void moves_all(int ranks_per_node) {
    mpi world{boost::mpi::communicator{}, {.ranks_per_node = ranks_per_node}};
    REQUIRE(world.size() == 2);
    std::unique_ptr<std::byte[]> const memory{new std::byte[static_cast<std::size_t>(bytes)]};
    auto* const x = memory.get();
    if (world.rank() == 1)
        for (std::int64_t i = 0; i < bytes; ++i) x[i] = byte_of(i, 1);
    world.broadcast(x, bytes, 1);
    CHECK(wrong_bytes(x, 0, bytes, 1) == 0);

    std::int64_t const border = bytes - 1000;
    std::vector<std::int64_t> const borders{0, border, bytes};
    if (world.rank() == 0)
        for (std::int64_t i = 0; i < border; ++i) x[i] = byte_of(i, 0);
    else
        for (std::int64_t i = 0; i < border; ++i) x[i] = std::byte{0};
    world.all_gather(x, borders);
    CHECK(wrong_bytes(x, 0, border, 0) == 0);
    CHECK(wrong_bytes(x, border, bytes, 1) == 0);
}

}  // namespace

TEST_CASE("more than 2 GiB move between two nodes") { moves_all(1); }
TEST_CASE("more than 2 GiB move on one node") { moves_all(0); }

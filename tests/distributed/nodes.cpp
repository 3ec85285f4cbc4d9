// SPDX-License-Identifier: BSL-1.0
/// @file
/// Several "nodes" on one machine: so many consecutive ranks count as one. Whatever the nodes, an operation gives the bits of threads, and an error its name.
/// The laws of every operation run on such nodes as well: tests/conformance/communicator with ESPALIER_TEST_RANKS_PER_NODE.
#include "support/catch.hpp"

#include <espalier/comm/errors.hpp>
#include <espalier/comm/mpi.hpp>
#include <espalier/comm/threads.hpp>

#include <boost/mpi/collectives.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

using namespace espalier;

namespace {

std::vector<float> operand(std::int64_t n, int which) {
    std::mt19937 draw{static_cast<unsigned>(which) * 7919u + 17u};
    std::uniform_real_distribution<float> value{-1.0f, 1.0f};
    std::vector<float> x(static_cast<std::size_t>(n));
    for (auto& v : x) v = value(draw) * static_cast<float>(1u << draw() % 12);
    return x;
}

/// Everything that a rank ends with after reductions and moves of n elements and 13 lanes, which rank r has from the r-th on: one after the other, or in turn.
template <class C>
std::vector<float> everything(C& world, std::int64_t n, bool in_turn) {
    constexpr int lanes = 13;
    int const ranks = world.size(), rank = world.rank();
    std::vector<std::vector<float>> data;
    std::vector<summand<float>> parts;
    for (int l = 0; l < lanes; ++l)
        if (in_turn ? l % ranks == rank : lanes_of(lanes, ranks, rank).first <= l && l < lanes_of(lanes, ranks, rank).last) {
            data.push_back(operand(n, l));
            parts.push_back({{l, l + 1}, data.back().data()});
        }
    auto const count = static_cast<std::size_t>(n);
    std::vector<std::int64_t> borders{0};
    for (int r = 1; r < ranks; ++r) borders.push_back(n * r * r / (ranks * ranks));
    borders.push_back(n);

    std::vector<float> all;
    auto const keep = [&](std::vector<float> const& x) { all.insert(all.end(), x.begin(), x.end()); };
    ordered_sum<float> const sum_of_all{lanes, parts};
    std::vector<float> out(count);
    world.all_reduce(sum_of_all, out.data(), n);
    keep(out);
    std::vector<float> part(static_cast<std::size_t>(borders[static_cast<std::size_t>(rank) + 1] - borders[static_cast<std::size_t>(rank)]));
    world.reduce_scatter(sum_of_all, part.data(), borders);
    world.all_gather(part.data(), out.data(), borders);
    keep(out);
    auto const own = operand(n, 100 + rank);
    auto one = world.post_all_reduce(own.data(), out.data(), n, sum{});
    std::vector<float> least(count), first(count);
    auto two = world.post_all_reduce(own.data(), least.data(), n, minimum{}, fastest);
    world.reduce(own.data(), first.data(), n, sum{}, ranks - 1);
    world.broadcast(first.data(), n, ranks - 1);
    keep(first);
    world.wait(two);
    world.wait(one);
    keep(out);
    keep(least);
    return all;
}

bool same_bits(std::vector<float> const& a, std::vector<float> const& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

}  // namespace

TEST_CASE("ranks on one node, two and many have the bits of threads") {
    boost::mpi::communicator const all;
    for (bool in_turn : {false, true})
        for (std::int64_t n : {1, 61, 4097, 70001}) {
            std::vector<std::vector<float>> expected(static_cast<std::size_t>(all.size()));
            threads::launch(all.size(), [&](threads& world) { expected[static_cast<std::size_t>(world.rank())] = everything(world, n, in_turn); });
            for (int ranks_per_node : {0, 1, 2, 3}) {
                mpi world{all, {.ranks_per_node = ranks_per_node}};
                INFO(n << " elements, " << ranks_per_node << " ranks a node" << (in_turn ? ", lanes in turn" : ""));
                CHECK(same_bits(everything(world, n, in_turn), expected[static_cast<std::size_t>(all.rank())]));
            }
        }
}

TEST_CASE("memory that the ranks of a node share serves between nodes too") {
    boost::mpi::communicator const all;
    mpi world{all, {.ranks_per_node = 2}};
    constexpr std::int64_t n = 10007;
    auto memory   = world.allocate(n * sizeof(std::int64_t));
    auto* const x = reinterpret_cast<std::int64_t*>(memory.data());
    for (std::int64_t i = 0; i < n; ++i) x[i] = i + world.rank();
    world.all_reduce(x, x, n, sum{}, fastest);
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < n; ++i) wrong += x[i] != world.size() * i + world.size() * (world.size() - 1) / 2;
    CHECK(wrong == 0);
}

TEST_CASE("groups that split a world of nodes do not see each other") {
    boost::mpi::communicator const all;
    mpi world{all, {.ranks_per_node = 2}};
    mpi every_other = world.split(world.rank() % 2, -world.rank());  // ranks of several nodes, the last one first
    std::vector<std::int64_t> x(1000, world.rank());
    every_other.broadcast(x.data(), 1000, 0);
    int last = world.size() - 1;
    while (last % 2 != world.rank() % 2) --last;
    CHECK(x == std::vector<std::int64_t>(1000, last));
}

TEST_CASE("groups and memory come and go while a posted operation of the world is under way between nodes") {
    boost::mpi::communicator const all;
    mpi world{all, {.ranks_per_node = 1}};
    std::vector<std::int64_t> const mine(5000, world.rank());
    std::vector<std::int64_t> total(5000);
    mpi::request posted;
    if (world.rank() == 0) posted = world.post_all_reduce(mine.data(), total.data(), 5000, sum{});  // waits for the others from here on
    for (int i = 0; i < 10; ++i) {
        mpi part          = world.split(world.rank() % 2, 0);
        auto const memory = part.allocate(1000);
        std::vector<std::int64_t> x(1000, i);
        part.all_reduce(x.data(), x.data(), 1000, sum{});
        CHECK(x == std::vector<std::int64_t>(1000, i * part.size()));
    }
    if (world.rank() != 0) posted = world.post_all_reduce(mine.data(), total.data(), 5000, sum{});
    world.wait(posted);
    CHECK(total == std::vector<std::int64_t>(5000, world.size() * (world.size() - 1) / 2));
}

TEST_CASE("a mismatch between nodes names both calls on all ranks, and the group goes on") {
    boost::mpi::communicator const all;
    mpi world{all, {.ranks_per_node = 1}};
    std::vector<float> x(1000);
    std::string text;
    try {
        if (world.rank() == 1) world.broadcast(x.data(), 1000, 0);
        else world.all_reduce(x.data(), x.data(), 1000, sum{});
    } catch (mismatched_collective const& e) {
        text = e.what();
    }
    CHECK(text.find("all_reduce of 1000 float by espalier::sum") != std::string::npos);
    CHECK(text.find("broadcast of 1000 float, root 0") != std::string::npos);
    CHECK(text.find("nodes.cpp:") != text.rfind("nodes.cpp:"));
    int one = 1;
    world.all_reduce(&one, &one, 1, sum{});
    CHECK(one == all.size());
}

TEST_CASE("a rank of another node that does not come is named with what it did last") {
    boost::mpi::communicator const all;
    mpi world{all, {.deadline_seconds = 0.2, .ranks_per_node = 1}};
    std::vector<float> x(1000);
    world.broadcast(x.data(), 1000, 0);
    std::string text;
    bool is_late = false;
    try {
        if (all.rank() != 1) world.all_reduce(x.data(), x.data(), 1000, sum{});
    } catch (deadline_passed const& e) {
        text    = e.what();
        is_late = true;
    } catch (rank_failed const& e) {  // another one was first
        text = e.what();
    }
    bool const somebody_was_late = boost::mpi::all_reduce(all, is_late, std::logical_or<bool>{});
    CHECK(somebody_was_late);
    if (all.rank() == 1) {
        CHECK_THROWS_AS(world.barrier(), rank_failed);
        return;
    }
    CHECK(text.find("requires every rank to join all_reduce of 1000 float by espalier::sum (") != std::string::npos);
    CHECK(text.find("rank 1 is in no operation, its last was broadcast (") != std::string::npos);
    CHECK(text.find("as operation 2 of group ") != std::string::npos);
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the laws of communicators share: which ones obey them, the sizes, the operands, and a serial sum along the lane tree
/// that knows nothing of the library's.
#pragma once

#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/ranks.hpp"

#include <espalier/core/chunks.hpp>
#include <espalier/comm/errors.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>
#include <espalier/core/bf16.hpp>
#ifdef ESPALIER_TEST_COMMUNICATOR
#    include ESPALIER_TEST_COMMUNICATOR_HEADER
#else
#    include "../examples/support/round_table.hpp"
#endif
#ifdef ESPALIER_TEST_PROCESSES
#    include "support/processes.hpp"
#endif

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <tuple>
#include <type_traits>
#include <vector>

namespace laws {

using namespace espalier;
using espalier_test::counting;
using espalier_test::on_ranks;
using espalier_test::rank_counts;

#if defined(ESPALIER_TEST_COMMUNICATOR)  // one of somebody's own: docs/policies/communicator.md
using communicators            = std::tuple<ESPALIER_TEST_COMMUNICATOR>;
using counted_communicators    = communicators;
using communicators_that_send  = std::conditional_t<SupportsSendReceive<ESPALIER_TEST_COMMUNICATOR, float>, communicators, std::tuple<>>;
using communicators_of_many    = std::tuple<>;
using communicators_of_threads = std::tuple<>;
#elif defined(ESPALIER_TEST_PROCESSES)  // the same files under mpirun
using communicators            = std::tuple<mpi>;
using counted_communicators    = std::tuple<mpi, counting<mpi>>;
using communicators_that_send  = counted_communicators;
using communicators_of_many    = counted_communicators;
using communicators_of_threads = std::tuple<threads, counting<threads>>;
#else
/// Every communicator that must obey; a new one is added here.
using communicators = std::tuple<self, threads, round_table>;
/// And those whose elements are counted.
using counted_communicators = std::tuple<self, threads, round_table, counting<self>, counting<threads>>;
using communicators_that_send = std::tuple<threads, counting<threads>>;
/// Those of them that can have several ranks, and end them all when one fails.
using communicators_of_many = std::tuple<threads, counting<threads>>;
/// Those whose ranks share a process, for laws that look into one rank from another.
using communicators_of_threads = std::tuple<threads, counting<threads>>;
#endif

/// The numbers of ranks with which the laws are tried: 1 to 8, or as many as the communicator can have.
template <class C>
std::vector<int> group_sizes() {
    if constexpr (espalier_test::processes_of<C>::are_there || requires { C::static_size; }) return rank_counts<C>();
    else return {1, 2, 3, 4, 5, 6, 7, 8};
}

/// Nothing, one, primes, around the grain of a chunk, around a block, and many.
inline std::vector<std::int64_t> sizes() { return {0, 1, 2, 13, 16, 17, 127, 4095, 4096, 4097, 100003}; }

/// The same for laws of many forms: also around 256 bytes, where small operands end, and around a block of 1024, and several blocks.
template <class T>
std::vector<std::int64_t> few_sizes() {
    constexpr std::int64_t small = 256 / static_cast<std::int64_t>(sizeof(T));
    return {0, 1, 7, small - 1, small, small + 1, 1023, 1025, 5003};
}

template <class T>
using field = std::vector<T>;

/// Operands whose sum depends on the order in which it is taken.
template <class T>
field<T> operand(std::int64_t n, int which) {
    std::mt19937 draw{static_cast<unsigned>(which) * 7919u + 17u};
    std::uniform_real_distribution<double> mantissa{-1.0, 1.0};
    field<T> x(static_cast<std::size_t>(n));
    for (auto& v : x) v = static_cast<T>(mantissa(draw) * std::ldexp(1.0, static_cast<int>(draw() % 12)));
    return x;
}

template <class T>
bool same_bits(field<T> const& a, field<T> const& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// The sum of operands first … last − 1: left part the largest power of two below their number.
template <class T>
field<T> tree_sum(std::int64_t n, int first, int last) {
    if (last - first == 1) return operand<T>(n, first);
    int const middle   = first + static_cast<int>(std::bit_floor(static_cast<unsigned>(last - first - 1)));
    field<T> left        = tree_sum<T>(n, first, middle);
    field<T> const right = tree_sum<T>(n, middle, last);
    for (std::size_t i = 0; i < left.size(); ++i) left[i] += right[i];
    return left;
}

/// What a rank with lanes first … last − 1 brings: its memory and the view of it.
template <class T>
struct contribution {
    contribution(std::int64_t n, int lanes, lane_range mine) : lanes_{lanes} {
        auto const nodes = maximal_subtrees(lanes, mine);
        for (int i = 0; i < nodes.count; ++i) data.push_back(tree_sum<T>(n, nodes.node[i].first, nodes.node[i].last));
        for (int i = 0; i < nodes.count; ++i) parts.push_back({nodes.node[i], data[static_cast<std::size_t>(i)].data()});
    }
    ordered_sum<T> sum() const { return {lanes_, parts}; }

    std::vector<field<T>> data;
    std::vector<summand<T>> parts;

private:
    int lanes_;
};

/// Uneven borders of `n` elements, with an empty part where there are three ranks or more.
inline std::vector<std::int64_t> uneven_borders(std::int64_t n, int ranks) {
    std::vector<std::int64_t> borders{0};
    for (int r = 1; r < ranks; ++r) borders.push_back(r == 2 ? borders.back() : borders.back() + (n - borders.back()) / 3);
    borders.push_back(n);
    return borders;
}

}  // namespace laws

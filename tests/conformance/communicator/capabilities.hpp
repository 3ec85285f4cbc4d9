// SPDX-License-Identifier: BSL-1.0
/// @file
/// What each communicator says that it does not offer, so that a law which does not run for it is no accident.
/// What it offers the concepts find; capabilities_test.cpp compares.
#pragma once

#include "conformance/communicator/laws.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace laws {

/// Names of operations, in the order of `offers`. Of somebody's own communicator nothing is said: then the test prints what it finds.
inline constexpr std::string_view unknown = "?";
template <class C>
inline constexpr std::string_view not_offered = unknown;

template <>
inline constexpr std::string_view not_offered<self> = "send and receive, blocking send and receive";  // there is nobody else
template <>
inline constexpr std::string_view not_offered<threads> = "";
template <>
inline constexpr std::string_view not_offered<round_table> =
    "reduce, ordered reduce_scatter, reduce_scatter, fastest, all_gather, all_gather elsewhere, gather, scatter, all_to_all, "
    "send and receive, blocking send and receive, posted ordered all_reduce, posted ordered reduce_scatter, posted all_reduce, posted reduce, "
    "posted reduce_scatter, posted all_gather, posted gather, posted scatter, posted all_to_all, posted broadcast";
#ifdef ESPALIER_TEST_PROCESSES
template <>
inline constexpr std::string_view not_offered<mpi> = "";
#endif

/// Every operation, of floats and their sum, and whether C has it.
template <class C>
std::vector<std::pair<char const*, bool>> offers() {
    using T = float;
    return {{"ordered all_reduce", SupportsOrderedAllReduce<C, T>},
            {"all_reduce", SupportsAllReduce<C, T, sum>},
            {"reduce", SupportsReduce<C, T, sum>},
            {"ordered reduce_scatter", SupportsOrderedReduceScatter<C, T>},
            {"reduce_scatter", SupportsReduceScatter<C, T, sum>},
            {"fastest", SupportsAllReduce<C, T, sum, fastest_t> && SupportsReduce<C, T, sum, fastest_t> && SupportsReduceScatter<C, T, sum, fastest_t>},
            {"all_gather", SupportsAllGather<C, T>},
            {"all_gather elsewhere", SupportsAllGatherElsewhere<C, T>},
            {"gather", SupportsGather<C, T>},
            {"scatter", SupportsScatter<C, T>},
            {"all_to_all", SupportsAllToAll<C, T>},
            {"broadcast", SupportsBroadcast<C, T>},
            {"send and receive", SupportsSendReceive<C, T>},
            {"blocking send and receive", SupportsBlockingSendReceive<C, T>},
            {"posted ordered all_reduce", SupportsPostedOrderedAllReduce<C, T>},
            {"posted ordered reduce_scatter", SupportsPostedOrderedReduceScatter<C, T>},
            {"posted all_reduce", SupportsPostedAllReduce<C, T, sum>},
            {"posted reduce", SupportsPostedReduce<C, T, sum>},
            {"posted reduce_scatter", SupportsPostedReduceScatter<C, T, sum>},
            {"posted all_gather", SupportsPostedAllGather<C, T>},
            {"posted gather", SupportsPostedGather<C, T>},
            {"posted scatter", SupportsPostedScatter<C, T>},
            {"posted all_to_all", SupportsPostedAllToAll<C, T>},
            {"posted broadcast", SupportsPostedBroadcast<C, T>}};
}

}  // namespace laws

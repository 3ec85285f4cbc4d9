// SPDX-License-Identifier: BSL-1.0
/// @file
/// `mpi` against the concepts of communicators; near-miss types are in tests/static/comm_concepts.cpp, laws in conformance/.
#include <espalier/comm/launch.hpp>
#include <espalier/comm/mpi.hpp>
#include <espalier/comm/self.hpp>
#include <espalier/comm/threads.hpp>

#include <cstdint>

namespace {

using namespace espalier;

static_assert(Communicator<mpi>);
static_assert(requires(mpi_settings const& s, void (*f)(mpi&)) { mpi::launch(s, f); });
static_assert(Launchable<mpi> && LaunchedFromOutside<mpi>);
static_assert(!LaunchedFromOutside<threads> && !LaunchedFromOutside<self>);
static_assert(SupportsOrderedAllReduce<mpi, float> && SupportsOrderedAllReduce<mpi, double>);
static_assert(SupportsOrderedReduceScatter<mpi, float>);
static_assert(SupportsAllReduce<mpi, std::int64_t, maximum> && SupportsReduceScatter<mpi, double, sum>);
static_assert(SupportsAllGather<mpi, float> && SupportsBroadcast<mpi, std::int64_t> && SupportsSendReceive<mpi, float>);

}  // namespace

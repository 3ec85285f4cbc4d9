// SPDX-License-Identifier: BSL-1.0
/// @file
/// What failing.cpp knows of failing_exchange.cpp: the two are compiled apart, because a trainer takes its time.
#pragma once

#include <espalier/comm/mpi.hpp>

#include <string>

/// Trains on four ranks, two of which share each layer; rank 1 throws. False where `how` is another failure.
bool throws_in_an_exchange(espalier::mpi& world, std::string const& how);

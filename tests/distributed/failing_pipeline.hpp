// SPDX-License-Identifier: BSL-1.0
/// @file
/// What failing.cpp knows of failing_pipeline.cpp: the two are compiled apart, because a trainer takes its time.
#pragma once

#include <espalier/comm/mpi.hpp>

#include <string>

/// Trains a pipeline whose middle stage throws; false where `schedule` names none.
bool throws_in_a_pipeline(espalier::mpi& world, std::string const& schedule);

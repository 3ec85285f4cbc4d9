// SPDX-License-Identifier: BSL-1.0
/// @file
/// The rows of the table of cut layouts, in parts that are compiled one by one: each layout is a trainer of its own.
#pragma once

#include "equivalence/layouts/cut_table.hpp"

namespace espalier_test {

/// Those that every change must pass.
void rows_in_ci(cut_table& table);
/// A tensor axis alone and with replicas.
void rows_alone(cut_table& table);
/// With shards of ZeRO, buckets, recomputed layers.
void rows_sharded(cut_table& table);
/// With two stages: four schedules.
void rows_of_two_stages(cut_table& table);
/// Four tensor ranks in meshes of eight.
void rows_of_four_ranks(cut_table& table);
/// As many slices as ranks, so that each number of ranks has bits of its own.
void rows_without_exact(cut_table& table);

/// Cut over T ranks into four slices.
template <int T, class... Options>
using four_slices = espalier::tensor_parallel<T, espalier::exact<4>, Options...>;

}  // namespace espalier_test

// SPDX-License-Identifier: BSL-1.0
#include "equivalence/layouts/cut_rows.hpp"

using namespace espalier;

void espalier_test::rows_sharded(cut_table& table) {
    table.row<mesh<step_of_4_lanes<zero<1>>, four_slices<2>>>("tensor 2, ZeRO 1", {4, 8});
    table.row<mesh<step_of_4_lanes<zero<2>, buckets<2>>, four_slices<4, sequence_parallel>>>("tensor 4 by steps, ZeRO 2, 2 buckets", {8});
    table.row<mesh<step_of_4_lanes<zero<3>, buckets<2>>, four_slices<2, sequence_parallel>>>("tensor 2 by steps, ZeRO 3, 2 buckets", {8, 4});
    table.row<mesh<step_of_4_lanes<>, four_slices<2, sequence_parallel>>, cut_table::tested::recomputed>("tensor 2 by steps, recomputed", {2, 4});
}

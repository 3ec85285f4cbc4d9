// SPDX-License-Identifier: BSL-1.0
#include "equivalence/layouts/cut_rows.hpp"

using namespace espalier;

void espalier_test::rows_alone(cut_table& table) {
    table.row<mesh<step_of_4_lanes<>, four_slices<1>>>("tensor 1", {1, 2});
    table.row<mesh<step_of_4_lanes<>, four_slices<4>>>("tensor 4", {4, 8});
    table.row<mesh<step_of_4_lanes<>, four_slices<1, sequence_parallel>>>("tensor 1 by steps", {1, 2});
    table.row<mesh<step_of_4_lanes<>, four_slices<2, sequence_parallel>>>("tensor 2 by steps", {2, 4, 8});
    table.row<mesh<step_of_4_lanes<>, four_slices<4, sequence_parallel>>>("tensor 4 by steps", {4, 8});
}

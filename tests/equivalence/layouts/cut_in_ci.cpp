// SPDX-License-Identifier: BSL-1.0
#include "equivalence/layouts/cut_rows.hpp"

using namespace espalier;

void espalier_test::rows_in_ci(cut_table& table) {
    table.row<mesh<step_of_4_lanes<>, four_slices<2>>>("tensor 2", {2, 4, 8});
    table.row<mesh<step_of_4_lanes<>, pipeline<2, one_f_one_b>, four_slices<2, sequence_parallel>>>("tensor 2 by steps, pipeline 2, 1F1B", {8, 4});
}

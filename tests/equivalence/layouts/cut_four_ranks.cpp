// SPDX-License-Identifier: BSL-1.0
#include "equivalence/layouts/cut_rows.hpp"

using namespace espalier;

void espalier_test::rows_of_four_ranks(cut_table& table) {
    table.row<mesh<step_of_4_lanes<>, pipeline<2, gpipe>, four_slices<4, sequence_parallel>>>("tensor 4 by steps, pipeline 2, GPipe", {8});
    table.row<mesh<step_of_4_lanes<>, pipeline<2, one_f_one_b>, four_slices<4>>>("tensor 4, pipeline 2, 1F1B", {8});
    table.row<mesh<step_of_4_lanes<>, pipeline<2, interleaved<2>>, four_slices<4, sequence_parallel>>>("tensor 4 by steps, pipeline 2, interleaved", {8});
    table.row<mesh<step_of_4_lanes<>, pipeline<2, zb_h1>, four_slices<4>>, cut_table::tested::recomputed>("tensor 4, pipeline 2, ZB-H1, recomputed", {8});
}

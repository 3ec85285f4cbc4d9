// SPDX-License-Identifier: BSL-1.0
#include "equivalence/layouts/cut_rows.hpp"

using namespace espalier;

void espalier_test::rows_of_two_stages(cut_table& table) {
    table.row<mesh<step_of_4_lanes<>, pipeline<2, gpipe>, four_slices<2>>>("tensor 2, pipeline 2, GPipe", {8, 4});
    table.row<mesh<step_of_4_lanes<zero<2>>, pipeline<2, interleaved<2>>, four_slices<2>>>("tensor 2, pipeline 2, interleaved, ZeRO 2", {8, 4});
    table.row<mesh<step_of_4_lanes<zero<3>>, pipeline<2, zb_h1>, four_slices<2, sequence_parallel>>>("tensor 2 by steps, pipeline 2, ZB-H1, ZeRO 3", {8});
    table.row<mesh<step_of_4_lanes<>, pipeline<2, one_f_one_b>, four_slices<1>>>("tensor 1, pipeline 2, 1F1B", {2, 4});
}

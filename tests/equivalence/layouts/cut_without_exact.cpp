// SPDX-License-Identifier: BSL-1.0
#include "equivalence/layouts/cut_rows.hpp"

using namespace espalier;

void espalier_test::rows_without_exact(cut_table& table) {
    table.row<mesh<step_of_4_lanes<>, tensor_parallel<2>>>("tensor 2, not exact", {2, 4});
    table.row<mesh<step_of_4_lanes<>, tensor_parallel<2, sequence_parallel>>>("tensor 2 by steps, not exact", {2, 4});
    table.row<mesh<step_of_4_lanes<>, pipeline<2, one_f_one_b>, tensor_parallel<2>>>("tensor 2, pipeline 2, not exact", {8, 4});
    table.row<mesh<step_of_4_lanes<>, pipeline<2, zb_h1>, tensor_parallel<2, sequence_parallel>>>("tensor 2 by steps, pipeline 2, not exact", {8, 4});
}

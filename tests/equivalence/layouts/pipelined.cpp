// SPDX-License-Identifier: BSL-1.0
// The table of layouts with a pipeline axis: four schedules on two and four stages, alone and as replicas, with shards.
//
//     pipelined [--all]
#include "equivalence/layouts/models.hpp"
#include "equivalence/layouts/table.hpp"

using namespace espalier;
using namespace espalier_test;

template <int P, class S, class... More>
using piped = mesh<step_of_8_lanes<More...>, pipeline<P, S>>;

int main(int argc, char** argv) {
#ifdef ESPALIER_TEST_PROCESSES
    boost::mpi::environment const started{argc, argv};
#endif
    layout_table<ESPALIER_TEST_MODEL> table{argc, argv};
    table.row<piped<2, gpipe>>("pipeline 2, GPipe", {2, 8});
    table.row<piped<2, one_f_one_b>>("pipeline 2, 1F1B", {2, 4, 6});
    table.row<piped<2, interleaved<2>>>("pipeline 2, interleaved", {2, 8});
    table.row<piped<2, zb_h1>>("pipeline 2, ZB-H1", {2, 8});
    table.row<piped<4, gpipe>>("pipeline 4, GPipe", {4, 8});
    table.row<piped<4, one_f_one_b>>("pipeline 4, 1F1B", {8, 4});
    table.row<piped<4, interleaved<2>>>("pipeline 4, interleaved", {4, 8});
    table.row<piped<4, zb_h1>>("pipeline 4, ZB-H1", {4, 8});
    table.row<piped<4, one_f_one_b, zero<1>>>("pipeline 4, 1F1B, ZeRO 1", {8});
    table.row<piped<2, interleaved<2>, zero<2>>>("pipeline 2, interleaved, ZeRO 2", {8, 4, 6});
    table.row<piped<2, zb_h1, zero<3>>>("pipeline 2, ZB-H1, ZeRO 3", {8, 4});
    table.row<piped<4, zb_h1>, ESPALIER_TEST_MODEL::recomputed>("pipeline 4, ZB-H1, recomputed", {4, 8});
    return table.status();
}

// SPDX-License-Identifier: BSL-1.0
// The table of layouts whose ranks hold the whole network: replicas, the stages of ZeRO, buckets, recomputed layers.
//
//     sharded [--all]
#include "equivalence/layouts/models.hpp"
#include "equivalence/layouts/table.hpp"

using namespace espalier;
using namespace espalier_test;

int main(int argc, char** argv) {
#ifdef ESPALIER_TEST_PROCESSES
    boost::mpi::environment const started{argc, argv};
#endif
    layout_table<ESPALIER_TEST_MODEL> table{argc, argv};
    table.row<step_of_8_lanes<>>("data", {3, 1, 2, 4, 8});
    table.row<step_of_8_lanes<buckets<4>>>("data, 4 buckets", {2, 1, 3, 4, 8});
    table.row<step_of_8_lanes<zero<1>, buckets<4>>>("data, ZeRO 1", {4, 2, 3, 8});
    table.row<step_of_8_lanes<zero<2>, buckets<4>>>("data, ZeRO 2", {8, 2, 3, 4});
    table.row<step_of_8_lanes<zero<3>, buckets<4>>>("data, ZeRO 3", {3, 2, 4, 8});
    table.row<step_of_8_lanes<>, ESPALIER_TEST_MODEL::recomputed>("data, recomputed", {2, 4});
    return table.status();
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/exchanging_layer.hpp"
#include "support/mesh_traps.hpp"

using namespace espalier;
using espalier_test::exchange_place;
using espalier_test::trap;

namespace {
trap between_two, with_one_posted, on_the_way_back;

/// On whichever rank makes the call for which a trap is armed.
struct falls_into_traps {
    static void at(exchange_place place) {
        if (place == exchange_place::between_two) between_two.step_on("between two exchanges");
        else if (place == exchange_place::with_one_posted) with_one_posted.step_on("with an exchange under way");
        else on_the_way_back.step_on("with an exchange under way on the way back");
    }
};
/// The layer stands between two that are cut by themselves, so that other ranks wait in their exchanges as well.
using exchanging_model = model<sequence<linear<6, 16>, relu, linear<16, 12>, espalier_test::exchanging_layer<falls_into_traps>, linear<12, 16>, relu, linear<16, 1>>,
                               mean_squared_error, adamw>;

/// At the first micro-batch, in the middle of a step, and in the second step.
template <class P>
void every_place_ends_all(int ranks) {
    for (int call : {1, 3, 6, 13}) {
        INFO("call " << call);
        between_two.arm(call);
        espalier_test::one_error_ends_all<exchanging_model, P>(ranks, "between two exchanges");
        with_one_posted.arm(call);
        espalier_test::one_error_ends_all<exchanging_model, P>(ranks, "with an exchange under way");
        on_the_way_back.arm(call);
        espalier_test::one_error_ends_all<exchanging_model, P>(ranks, "with an exchange under way on the way back");
    }
}
using step_of_4_lanes = data_parallel<lanes<4>, samples<3>>;
}  // namespace

TEST_CASE("an error in the middle of exchanges ends every rank that shares layers, and their replicas, with it") {
    every_place_ends_all<mesh<step_of_4_lanes, tensor_parallel<2>>>(4);
    every_place_ends_all<mesh<step_of_4_lanes, tensor_parallel<4>>>(4);
}

TEST_CASE("an error in the middle of exchanges of a stage ends every rank of all stages with it") {
    every_place_ends_all<mesh<data_parallel<lanes<4>, samples<3>, zero<1>>, pipeline<2, one_f_one_b>, tensor_parallel<2, exact<4>>>>(8);
}

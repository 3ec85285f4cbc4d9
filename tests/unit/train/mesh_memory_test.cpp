// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_memory.hpp"

using namespace espalier;
using espalier_test::memory_fault;
using espalier_test::mesh_model;

namespace {
auto const data = espalier_test::mesh_problem(150);
}

TEST_CASE("what is left of the paint is padding only where it is short and ends at an alignment") {
    std::vector<bool> touched(64, true);
    auto const first_untouched = [&] {
        return espalier_test::first_untouched(touched, {region_kind::parameters, 0, static_cast<std::int64_t>(touched.size())});
    };
    CHECK(first_untouched() == -1);
    for (std::size_t i = 17; i < 32; ++i) touched[i] = false;
    CHECK(first_untouched() == -1);
    touched[16] = false;
    CHECK(first_untouched() == 16);
    touched[16] = touched[31] = true;
    CHECK(first_untouched() == 17);
    touched.assign(64, true);
    touched[63] = false;
    CHECK(first_untouched() == -1);
    touched.push_back(false);
    CHECK(first_untouched() == 63);
}

TEST_CASE("stages of a pipeline touch every planned word and none beyond, whatever the schedule") {
    CHECK(memory_fault<mesh_model, mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>>, pipeline<3, gpipe>>>(3, data) == "");
    CHECK(memory_fault<mesh_model, mesh<data_parallel<lanes<5>, samples<7>>, pipeline<2, one_f_one_b>>>(4, data) == "");
    CHECK(memory_fault<mesh_model, mesh<data_parallel<lanes<4>, samples<5>>, pipeline<4, zb_h1>>>(8, data) == "");
}

TEST_CASE("chunks of unlike sizes touch every slot that their stage plans for") {
    CHECK(memory_fault<mesh_model, mesh<data_parallel<lanes<2>, samples<5>>, pipeline<2, interleaved<2>>>>(2, data) == "");
    CHECK(memory_fault<mesh_model, mesh<data_parallel<lanes<6>, samples<5>>, pipeline<2, interleaved<3>>>>(4, data) == "");
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_memory.hpp"

using namespace espalier;
using espalier_test::memory_fault;
using espalier_test::mesh_model;

namespace {
auto const data = espalier_test::mesh_problem(150);
}

TEST_CASE("replicas with shards of optimizer state, gradients or parameters touch every planned word and none beyond") {
    CHECK(memory_fault<mesh_model, data_parallel<lanes<5>, micro_batches<2>, samples<3>, zero<1>>>(3, data) == "");
    CHECK(memory_fault<mesh_model, data_parallel<lanes<4>, samples<5>, zero<2>, buckets<3>>>(4, data) == "");  // a shard of gradients and a bucket
    CHECK(memory_fault<mesh_model, data_parallel<lanes<4>, micro_batches<2>, samples<5>, zero<2>, buckets<2>>>(4, data) == "");  // whole gradients
    CHECK(memory_fault<mesh_model, data_parallel<lanes<5>, samples<5>, zero<3>, buckets<3>>>(5, data) == "");
}

// SPDX-License-Identifier: BSL-1.0
#include "support/catch.hpp"
#include "support/mesh_memory.hpp"

#include <espalier/nn/last_step.hpp>
#include <espalier/nn/lstm.hpp>
#include <espalier/optim/sgd.hpp>

using namespace espalier;
using espalier_test::memory_fault;
using espalier_test::mesh_model;

namespace {
/// Layers that keep values, need scratch, have no parameters, or other layers inside.
using layers_of_kinds = sequence<lstm<lstm_shape{.steps = 3, .inputs = 2, .units = 9}>, dropout<probability{0.2f}>, last_step,
                                 residual<linear<9, 9>, tanh_activation>, linear<9, 1>>;
using model_of_kinds  = model<layers_of_kinds, huber<>, sgd>;

auto const data = espalier_test::mesh_problem(150);
/// The same samples as three steps of two features.
auto const in_steps = [] {
    std::vector<float> x(150 * 6), y(150);
    for (std::int64_t i = 0; i < 150; ++i) data.gather(std::span{&i, 1}, x.data() + 6 * i, y.data() + i);
    return in_memory<float>{dims(3, 2), dims(1), std::move(x), std::move(y)};
}();
}  // namespace

TEST_CASE("replicas of pipelines with shards touch every planned word and none beyond, on 4 to 8 ranks") {
    CHECK(memory_fault<mesh_model, mesh<data_parallel<lanes<4>, samples<3>, zero<1>>, pipeline<2, interleaved<2>>>>(8, data) == "");
    CHECK(memory_fault<mesh_model, mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<3>>, pipeline<3, zb_h1>>>(6, data) == "");
}

TEST_CASE("layers of many kinds in stages and in buckets touch every planned word and none beyond") {
    CHECK(memory_fault<model_of_kinds, mesh<data_parallel<lanes<4>, micro_batches<2>, samples<3>, zero<2>>, pipeline<2, zb_h1>>>(4, in_steps) == "");
    CHECK(memory_fault<model_of_kinds, data_parallel<lanes<3>, samples<4>, buckets<3>, prefetch<2>>>(2, in_steps) == "");
}

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: sequence_parallel: requires that the slices of the tensor axis divide the steps of a sequence; got the numbers named here. Use fewer slices, or leave sequence_parallel away. See docs/explanation/tensor-axis.md.
// expect: 5, 2>
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using net = sequence<value_embedding<4, 2, 8>, residual<self_attention<8, 2>, linear<8, 8>>, layer_norm<8>, first_step, linear<8, 1>>;
constexpr int in_steps = 4;
#else
using net = sequence<value_embedding<5, 2, 8>, residual<self_attention<8, 2>, linear<8, 8>>, layer_norm<8>, first_step, linear<8, 1>>;
constexpr int in_steps = 5;
#endif

using partition = mesh<data_parallel<lanes<1>, samples<1>>, tensor_parallel<2, sequence_parallel>>;
using trained   = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7}};
        t.fit(in_memory<float>{dims(in_steps, 2), dims(1), std::vector<float>(2 * in_steps, 1.0f), {3}});
    });
}

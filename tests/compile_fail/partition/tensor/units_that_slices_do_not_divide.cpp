// SPDX-License-Identifier: BSL-1.0
// expect: espalier: tensor_parallel: requires that its slices divide the heads, units or features between two products of a layer; got the layer, their number and the slices named here. Use fewer slices, or keep the layer whole with uncut<>. See docs/explanation/tensor-axis.md.
// expect: units_divide<espalier::lstm_layer<4, 2, 6>, 6, 4>
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using net = sequence<lstm<lstm_shape{.steps = 4, .inputs = 2, .units = 8}>, last_step, linear<8, 1>>;
#else
using net = sequence<lstm<lstm_shape{.steps = 4, .inputs = 2, .units = 6}>, last_step, linear<6, 1>>;
#endif

using partition = mesh<data_parallel<lanes<1>, samples<1>>, tensor_parallel<2, exact<4>>>;
using trained   = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7}};
        t.fit(in_memory<float>{dims(4, 2), dims(1), std::vector<float>(8, 1.0f), {3}});
    });
}

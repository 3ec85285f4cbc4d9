// SPDX-License-Identifier: BSL-1.0
// expect: espalier: sequence: requires a first layer that knows its input shape; got the one named here. Begin with a layer that has input(), such as lstm or linear. See docs/policies/model.md.
// expect: knows_its_input<espalier::relu>
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using net = sequence<linear<2, 3>, relu, linear<3, 1>>;
#else
using net = sequence<relu, linear<2, 1>>;
#endif

using fitted  = model<net, mean_squared_error, adamw>;
using trained = trainer<fitted, data_parallel<lanes<1>, samples<1>>, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

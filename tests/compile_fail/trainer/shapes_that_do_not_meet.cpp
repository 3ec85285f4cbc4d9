// SPDX-License-Identifier: BSL-1.0
// expect: espalier: sequence: requires that each layer takes what the one before it gives; got the two layers and the shape named here. Change one of them. See docs/policies/model.md.
// expect: layers_meet<espalier::relu, espalier::linear<31, 1>, 2, espalier::detail::given<32>>
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using net = sequence<linear<2, 32>, relu, linear<32, 1>>;
#else
using net = sequence<linear<2, 32>, relu, linear<31, 1>>;
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

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a Model as its first argument; got the type named here. Write model<Network, Loss, Optimizer>. See docs/policies/model.md.
// expect: is_model<espalier::linear<2, 1>>
#include <espalier/espalier.hpp>

using namespace espalier;

using alone = data_parallel<lanes<1>, samples<1>>;

#ifdef ESPALIER_TWIN
using trained = trainer<model<linear<2, 1>, mean_squared_error, adamw>, alone, self, checkpoint::none>;
#else
using trained = trainer<linear<2, 1>, alone, self, checkpoint::none>;
#endif

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

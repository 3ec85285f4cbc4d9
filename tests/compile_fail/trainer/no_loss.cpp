// SPDX-License-Identifier: BSL-1.0
// expect: espalier: model: requires a Loss as its second argument
// expect: is_loss<espalier::relu>
// expect: See docs/policies/model.md.
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, self, checkpoint::none>;
#else
using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, relu, adamw>, data_parallel<lanes<1>, samples<1>>, self, checkpoint::none>;
#endif

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

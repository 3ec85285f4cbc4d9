// SPDX-License-Identifier: BSL-1.0
// expect: espalier: model: requires a Precision as its fourth argument; got the type named here. Use fp32 or fp64. See docs/policies/model.md.
// expect: is_precision<float>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
using fitted = model<net, mean_squared_error, adamw, fp32>;
#else
using fitted = model<net, mean_squared_error, adamw, float>;
#endif

using trained = trainer<fitted, data_parallel<lanes<1>, samples<1>>, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

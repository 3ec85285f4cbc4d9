// SPDX-License-Identifier: BSL-1.0
// expect: espalier: sequence: requires distinct parameter names; got two tensors of one name. Give layers other names with named<>. See docs/policies/model.md.
// expect: names_are_distinct<espalier::sequence<espalier::named<
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using net = sequence<named<text{"a"}, linear<2, 3>>, named<text{"b"}, linear<3, 1>>>;
#else
using net = sequence<named<text{"a"}, linear<2, 3>>, named<text{"a"}, linear<3, 1>>>;
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

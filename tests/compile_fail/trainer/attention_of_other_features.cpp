// SPDX-License-Identifier: BSL-1.0
// expect: espalier: sequence: requires that each layer takes what the one before it gives; got the two layers and the shape named here. Change one of them. See docs/policies/model.md.
// expect: layers_meet<espalier::value_embedding<4, 2, 8>, espalier::self_attention<6, 2
// expect: given<4, 8>
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using net = sequence<value_embedding<4, 2, 8>, self_attention<8, 2>, first_step, linear<8, 1>>;
#else
using net = sequence<value_embedding<4, 2, 8>, self_attention<6, 2>, first_step, linear<6, 1>>;
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](self& world) {
        trained t{world, {.seed = 7}};
        t.fit(in_memory<float>{dims(4, 2), dims(1), std::vector<float>(8, 1.0f), {3}});
    });
}

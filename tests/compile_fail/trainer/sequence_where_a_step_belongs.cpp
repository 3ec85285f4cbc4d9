// SPDX-License-Identifier: BSL-1.0
// expect: espalier: sequence: requires that each layer takes what the one before it gives; got the two layers and the shape named here. Change one of them. See docs/policies/model.md.
// expect: espalier::last_step, espalier::last_step, 2, espalier::detail::given<8>>
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using net = sequence<lstm<lstm_shape{.steps = 4, .inputs = 2, .units = 8}>, last_step, linear<8, 1>>;
#else
using net = sequence<lstm<lstm_shape{.steps = 4, .inputs = 2, .units = 8}>, last_step, last_step, linear<8, 1>>;
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](self& world) {
        trained t{world, {.seed = 7}};
        t.fit(in_memory<float>{dims(4, 2), dims(1), std::vector<float>(8, 1.0f), {3}});
    });
}

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a CheckpointPlace as its fourth argument; got the type named here. Use checkpoint::none or checkpoint::directory, or write put, get, commit, discard, list and remove. See docs/policies/checkpoint.md.
// expect: is_checkpoint_place<no_place>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
using kept_in = checkpoint::none;
#else
struct no_place {};
using kept_in = no_place;
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, self, kept_in>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

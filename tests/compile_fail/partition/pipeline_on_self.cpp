// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a communicator that can send and receive, for a pipeline of several stages; got the one named
// expect: espalier::self
// expect: See docs/policies/communicator.md.
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<1>>;
#else
using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<2>>;
#endif
using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, mean_squared_error, adamw>, partition, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a communicator that can send and receive, for a pipeline of several stages; got the one named here. Use threads or mpi, or add post_send, post_recv and wait. See docs/policies/communicator.md.
// expect: sends_and_receives<espalier::self, float>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<1>>;
#else
using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<2>>;
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, partition, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

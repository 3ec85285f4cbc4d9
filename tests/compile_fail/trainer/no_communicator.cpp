// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a Communicator as its third argument; got the type named here. Use self or threads, or write rank, size, split, barrier and allocate. See docs/policies/communicator.md.
// expect: is_communicator<no_communicator>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
using world_type = self;
#else
struct no_communicator {};
using world_type = no_communicator;
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, world_type, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
    });
}

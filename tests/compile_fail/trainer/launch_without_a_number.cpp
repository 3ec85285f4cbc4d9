// SPDX-License-Identifier: BSL-1.0
// expect: espalier: launch: requires the number of ranks; got a communicator that starts its own ranks, and no number. Write launch<Trainer>(ranks, f). See docs/policies/communicator.md.
// expect g++: threads, checkpoint::none>
// expect clang++: espalier::threads, espalier::checkpoint::none>
#include <espalier/espalier.hpp>

using namespace espalier;

using net     = sequence<linear<2, 3>, relu, linear<3, 1>>;
using trained = trainer<model<net, mean_squared_error, adamw>, data_parallel<lanes<2>, samples<1>>, threads, checkpoint::none>;

int main() {
    auto const train = [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
    };

#ifdef ESPALIER_TWIN
    return launch<trained>(2, train);
#else
    return launch<trained>(train);
#endif
}

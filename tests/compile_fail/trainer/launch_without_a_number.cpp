// SPDX-License-Identifier: BSL-1.0
// expect: espalier: launch: requires the number of ranks; got a communicator that starts its own ranks, and no number.
// expect: See docs/policies/communicator.md.
#include <espalier/espalier.hpp>

using namespace espalier;

using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, mean_squared_error, adamw>, data_parallel<lanes<1>, samples<1>>, threads, checkpoint::none>;

int main() {
    auto const train = [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
    };
#ifdef ESPALIER_TWIN
    return launch<trained>(1, train);
#else
    return launch<trained>(train);
#endif
}

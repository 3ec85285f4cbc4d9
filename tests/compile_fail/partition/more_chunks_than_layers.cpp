// SPDX-License-Identifier: BSL-1.0
// expect: espalier: mesh: requires a layer for each chunk, of which there are stages times chunks a stage, or buckets; got more
// expect: 6
// expect: See docs/policies/partition.md.
#include <espalier/espalier.hpp>

using namespace espalier;

#ifdef ESPALIER_TWIN
using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<3, one_f_one_b>>;
#else
using partition = mesh<data_parallel<lanes<2>, samples<1>>, pipeline<3, interleaved<2>>>;
#endif
using trained = trainer<model<sequence<linear<2, 3>, relu, linear<3, 1>>, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

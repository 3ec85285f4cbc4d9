// SPDX-License-Identifier: BSL-1.0
// expect: espalier: mesh: requires a layer for each chunk, of which there are stages times chunks a stage, or buckets; got more, see the numbers here. Use fewer. See docs/policies/partition.md.
// expect: chunks_have_layers<espalier::sequence<espalier::linear<2, 3>, espalier::relu, espalier::linear<3, 1>>, 4>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
using partition = data_parallel<lanes<2>, samples<1>, buckets<3>>;
#else
using partition = data_parallel<lanes<2>, samples<1>, buckets<4>>;
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(2, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

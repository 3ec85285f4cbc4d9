// SPDX-License-Identifier: BSL-1.0
// expect: espalier: trainer: requires a Partition as its second argument; got the type named here. Use data_parallel<lanes<L>, samples<b>>. See docs/policies/partition.md.
// expect: is_partition<espalier::lanes<4>>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
using partition = data_parallel<lanes<4>, samples<1>>;
#else
using partition = lanes<4>;
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, partition, self, checkpoint::none>;

int main() {
    return launch<trained>(1, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.resume();
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2, .checkpoint_every = 1});
    });
}

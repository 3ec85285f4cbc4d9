// SPDX-License-Identifier: BSL-1.0
// expect: espalier: within: requires at_least_ranks<R> as its third argument, R from 1 to the most ranks of its partition; got the type named here. Lower R or raise lanes<L>. See docs/policies/partition.md.
// expect: espalier::at_least_ranks<4>
#include <espalier/espalier.hpp>

using namespace espalier;

using net = sequence<linear<2, 3>, relu, linear<3, 1>>;

#ifdef ESPALIER_TWIN
using partition = within<devices::l4_24gb, data_parallel<lanes<4>, samples<1>>, at_least_ranks<4>>;
#else
using partition = within<devices::l4_24gb, data_parallel<lanes<2>, samples<1>>, at_least_ranks<4>>;
#endif

using trained = trainer<model<net, mean_squared_error, adamw>, partition, threads, checkpoint::none>;

int main() {
    return launch<trained>(4, [](auto& world) {
        trained t{world, {.seed = 7, .learning_rate = 1e-3f}};
        t.fit(in_memory<float>{dims(2), dims(1), {1, 2}, {3}}, {.epochs = 2});
    });
}
